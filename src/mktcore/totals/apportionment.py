"""Rounding at a level and apportioning down: the arithmetic under totals, on plain non-negative ints.

Entries (lines and expenses) stand in groups: one per merchant, the last one the marketplace's own. `bounds` holds the
groups' (start, end) positions. An amount rounded over several entries is apportioned group by group and then entry by
entry, so the parts sum to it at every level.
"""

from collections.abc import Sequence

from mktcore.money import Allocation, Rounding, allocate, round_ratio
from mktcore.money.allocation import split_units
from mktcore.totals.rounding_profile import RoundAt, RoundingProfile

__all__ = ["Bounds", "apportion", "round_at_level", "round_each", "round_sums", "round_units", "round_within"]

Bounds = Sequence[tuple[int, int]]

# Looking a member up on its class costs more than the arithmetic on a short line.
_UNIT, _LINE, _ORDER = RoundAt.UNIT, RoundAt.LINE, RoundAt.ORDER
_HALF_UP, _HALF_DOWN, _HALF_EVEN = Rounding.HALF_UP, Rounding.HALF_DOWN, Rounding.HALF_EVEN


def round_each(values: Sequence[int], numerator: int, denominator: int, *, mode: Rounding) -> list[int]:
    """Return each value times `numerator / denominator`, rounded; values are zero or more.

    >>> round_each([100, 105], 1, 10, mode=Rounding.HALF_UP)
    [10, 11]
    """
    # The three commonest modes in one expression each: a call for every line would cost more than the rounding.
    twice, double = numerator + numerator, denominator + denominator
    if mode is _HALF_UP:
        return [(value * twice + denominator) // double for value in values]
    if mode is _HALF_DOWN:
        nearly = denominator - 1
        return [(value * twice + nearly) // double for value in values]
    if mode is _HALF_EVEN:
        return [round_ratio(value * numerator, denominator, mode) for value in values]
    # Values are zero or more: down is floor, and up is ceiling.
    if mode in {Rounding.DOWN, Rounding.FLOOR}:
        return [value * numerator // denominator for value in values]
    return [-(-value * numerator // denominator) for value in values]


def round_units(
    values: Sequence[int], quantities: Sequence[int], ratio: tuple[int, int], *, mode: Rounding
) -> list[int]:
    """Return the same with every unit of a value rounded on its own: 10 over 3 units is 4, 3 and 3.

    >>> round_units([10], [3], (1, 2), mode=Rounding.UP)
    [6]
    """
    numerator, denominator = ratio
    rounded = []
    # No unit of a value is more than one minor unit dearer than another: only two amounts have to be rounded.
    for value, quantity in zip(values, quantities, strict=True):
        if quantity > 1:
            low, higher = divmod(value, quantity)
            total = (quantity - higher) * round_ratio(low * numerator, denominator, mode)
            if higher:
                total += higher * round_ratio((low + 1) * numerator, denominator, mode)
            rounded.append(total)
        else:
            rounded.append(round_ratio(value * numerator, denominator, mode))
    return rounded


def round_sums(weights: Sequence[int], denominator: int, *, bounds: Bounds, profile: RoundingProfile) -> list[int]:
    """Return `weights / denominator` rounded as sums, per group or over all, and apportioned down.

    >>> round_sums([5, 5, 5], 10, bounds=[(0, 2), (2, 3)], profile=RoundingProfile(RoundAt.ORDER, Rounding.HALF_UP))
    [1, 0, 1]
    """
    mode, by = profile.mode, profile.allocation
    if profile.at is _ORDER:
        return apportion(round_ratio(sum(weights), denominator, mode), weights, bounds, by=by)
    parts: list[int] = []
    for start, end in bounds:
        group = weights[start:end]
        weight = sum(group)
        # positional: for each group of each tax, and a keyword costs as much as the split of a short group
        parts += _split(round_ratio(weight, denominator, mode), group, weight, by)
    return parts


def round_within(
    weights: Sequence[int], denominator: int, *, bounds: Bounds, profile: RoundingProfile, room: Sequence[int]
) -> list[int]:
    """Return the same with no part above its room, of which what a sum does not find in one is sought in others.

    >>> cents = RoundingProfile(RoundAt.ORDER, Rounding.HALF_UP)
    >>> round_within([5, 5, 5], 10, bounds=[(0, 2), (2, 3)], profile=cents, room=[0, 1, 1])
    [0, 1, 1]
    """
    spans = [(0, len(weights))] if profile.at is _ORDER else bounds
    parts: list[int] = []
    for start, end in spans:
        group, space = weights[start:end], room[start:end]
        most = sum([there for there, weight in zip(space, group, strict=True) if weight])
        total = min(round_ratio(sum(group), denominator, profile.mode), most)
        inner = bounds if profile.at is _ORDER else [(0, end - start)]
        parts += apportion(total, group, inner, by=profile.allocation, room=space)
    return parts


def round_at_level(
    values: Sequence[int],
    quantities: Sequence[int],
    ratio: tuple[int, int],
    *,
    bounds: Bounds,
    profile: RoundingProfile,
) -> list[int]:
    """Return each value times one ratio, rounded at the profile's level."""
    at, mode = profile.at, profile.mode
    numerator, denominator = ratio
    if at is _LINE:
        return round_each(values, numerator, denominator, mode=mode)
    if at is _UNIT:
        return round_units(values, quantities, ratio, mode=mode)
    return round_sums([value * numerator for value in values], denominator, bounds=bounds, profile=profile)


def apportion(
    total: int, weights: Sequence[int], bounds: Bounds, *, by: Allocation, room: Sequence[int] | None = None
) -> list[int]:
    """Apportion a total to groups and from them to entries, none above its room.

    >>> apportion(10, [1, 1, 1, 3], [(0, 3), (3, 4)], by=Allocation.LARGEST_REMAINDER)
    [2, 2, 1, 5]
    """
    sums = [sum(weights[start:end]) for start, end in bounds]
    parts: list[int] = []
    if room is None:
        # positional: as in `round_sums`
        for part, weight, (start, end) in zip(_split(total, sums, sum(sums), by), sums, bounds, strict=True):
            # positional: as in `round_sums`
            parts += _split(part, weights[start:end], weight, by)
        return parts
    # What a group has room for is the room of entries with a weight: one without gets nothing, whatever its room.
    caps = [sum([space for space, w in zip(room[s:e], weights[s:e], strict=True) if w]) for s, e in bounds]
    for part, (start, end) in zip(allocate(total, sums, mode=by, caps=caps), bounds, strict=True):
        parts += allocate(part, weights[start:end], mode=by, caps=room[start:end])
    return parts


# positional: for each group of each tax
def _split(total: int, weights: Sequence[int], weight: int, by: Allocation) -> Sequence[int]:
    if not total:
        return [0] * len(weights)
    # positional: as in `round_sums`
    return [total] if len(weights) == 1 else split_units(total, list(weights), weight, by)
