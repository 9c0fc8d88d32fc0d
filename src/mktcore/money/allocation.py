"""Apportioning a whole number of units over weighted parts, exactly.

Everything that is split in this library is split here. The laws (invariant I2), for every mode: the parts sum to the
total, no part has the opposite sign, a part of weight zero gets zero, no part exceeds its cap.
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from fractions import Fraction
from itertools import accumulate, pairwise
from math import lcm

from mktcore.money.errors import CapsTooSmall, InvalidNumber, InvalidWeights
from mktcore.money.rounding import Number, to_ratio

__all__ = ["Allocation", "allocate", "split_units"]

MAX_BITS = 1 << 16
"""Weights on a common denominator, and totals, are refused above this size."""


class Allocation(Enum):
    """Who gets the units that remain when every part has the whole part of its share.

    The shared example is USD 1.00 by weights 2:3:1; the exact shares are 33 1/3, 50 and 16 2/3 cents.
    """

    LARGEST_REMAINDER = "largest-remainder"
    """The parts with the largest fractions; ties go to the earlier part: 33, 50, 17.

    Each part is less than one unit from its exact share, and a larger weight never gets less. The default.
    """
    FIRST_COME = "first-come"
    """The earlier parts, one unit each, whatever their fraction: 34, 50, 16.

    For hosts that must reproduce a system that hands left-over cents to the first rows.
    """
    CUMULATIVE = "cumulative"
    """Each part is its rounded running sum minus the one before (half up): 33, 83, 100, so 33, 50, 17.

    For hosts that must reproduce a system that carries the rounding error from row to row.
    """


_BY_REMAINDER, _CUMULATIVE = Allocation.LARGEST_REMAINDER, Allocation.CUMULATIVE
_SEQUENCES = (list, tuple)
_INTS = {int}


def allocate(
    total: int,
    weights: Sequence[Number],
    *,
    mode: Allocation = Allocation.LARGEST_REMAINDER,
    caps: Sequence[int | None] | None = None,
) -> tuple[int, ...]:
    """Split `total` into one part per weight, proportionally and exactly.

    >>> allocate(100, [2, 3, 1])
    (33, 50, 17)
    >>> allocate(101, [0, 100, 100])
    (0, 51, 50)
    >>> allocate(-100, [2, 3, 1], mode=Allocation.FIRST_COME)
    (-34, -50, -16)
    >>> allocate(100, [2, 3, 1], caps=[None, 10, None])
    (60, 10, 30)

    Args:
        total: Units to split (minor units of a currency, pieces); may be negative.
        weights: One non-negative int, Decimal or Fraction per part.
        mode: Who gets the left-over units.
        caps: Per part, the most it may get (as a magnitude, in units), or None. What a capped part cannot hold goes
            to the others by their weights.

    Returns:
        The parts, in the order of the weights.

    Raises:
        InvalidWeights: A negative or inexact weight; or no weight above zero while the total is not zero.
        CapsTooSmall: The caps cannot hold the total.
    """
    if type(total) is not int:
        raise InvalidNumber(total, "the total is a whole number of units")
    if type(mode) is not Allocation:
        raise InvalidWeights(f"{mode!r} is no Allocation")
    whole = _to_whole_weights(weights)
    weight = sum(whole)
    if weight.bit_length() > MAX_BITS or total.bit_length() > MAX_BITS:
        raise InvalidWeights("the numbers are of impractical size")
    limits = None if caps is None else _check_caps(caps, whole)
    if not weight:
        if total:
            raise InvalidWeights("every weight is zero" if whole else "there are no parts")
        return tuple(whole)
    if limits is not None:
        parts = _split_capped(abs(total), whole, limits, mode=mode)
        return tuple(parts) if total >= 0 else tuple([-part for part in parts])
    # A credit is split as its amount and turned around: rounding below zero would prefer other parts than above.
    # positional: the innermost split of totals, made for each group of each tax
    if total >= 0:
        return tuple(split_units(total, whole, weight=weight, mode=mode))
    # positional: as above
    return tuple([-part for part in split_units(-total, whole, weight, mode)])


def _to_whole_weights(weights: Sequence[Number]) -> list[int]:
    if type(weights) not in _SEQUENCES and not isinstance(
        weights, Sequence
    ):  # a generator would be empty when it is read again
        weights = tuple(weights)
    if {*map(type, weights)} == _INTS:
        whole: list[int] = list(weights)  # type: ignore[arg-type]  # every type was just compared
    else:
        ratios = [_to_weight(position, weight) for position, weight in enumerate(weights)]
        scale = _find_scale({denominator for _, denominator in ratios})
        whole = [numerator * (scale // denominator) for numerator, denominator in ratios]
    if whole and min(whole) < 0:
        raise InvalidWeights("its weight is negative", next(i for i, weight in enumerate(whole) if weight < 0))
    return whole


def _find_scale(denominators: set[int]) -> int:
    scale = 1
    for denominator in denominators:
        scale = lcm(scale, denominator)
        if scale.bit_length() > MAX_BITS:  # every weight would grow to this size
            raise InvalidWeights("the weights have no common denominator of practical size")
    return scale


def _to_weight(position: int, weight: Number) -> tuple[int, int]:
    try:
        return to_ratio(weight)
    except InvalidNumber as error:
        raise InvalidWeights(error.describe(), position) from error


# positional: the inner loop of every total; a keyword costs as much as the split
def split_units(total: int, weights: list[int], weight: int, mode: Allocation) -> list[int]:
    """Split a non-negative total by whole weights whose sum is above zero."""
    if mode is _CUMULATIVE:
        running = [(2 * total * reached + weight) // (2 * weight) for reached in accumulate(weights)]
        return [running[0], *[reached - before for before, reached in pairwise(running)]]
    products = [total * part for part in weights]
    parts = [product // weight for product in products]
    left = total - sum(parts)
    if left:
        if mode is _BY_REMAINDER:
            rests = [product % weight for product in products]
            # Sorting is stable in reverse too: of equal fractions the earlier part comes first.
            for position in sorted(range(len(rests)), key=rests.__getitem__, reverse=True)[:left]:
                parts[position] += 1
        else:
            _hand_out(parts, left, (position for position, part in enumerate(weights) if part))
    return parts


def _hand_out(parts: list[int], left: int, positions: Iterable[int]) -> None:
    for position, _ in zip(positions, range(left), strict=False):
        parts[position] += 1


def _check_caps(caps: Sequence[int | None], weights: list[int]) -> list[int | None]:
    if len(caps) != len(weights):
        raise InvalidWeights(f"{len(weights)} weights but {len(caps)} caps")
    for position, cap in enumerate(caps):
        if cap is not None and (type(cap) is not int or cap < 0):
            raise InvalidWeights("its cap is not a non-negative int", position)
    return list(caps)


def _split_capped(total: int, weights: list[int], caps: list[int | None], *, mode: Allocation) -> list[int]:
    """Fill the parts whose share passes their cap, then split the rest over the others by the mode.

    A share that does not pass its (whole) cap cannot pass it by rounding up either: only first come could, because it
    also raises parts whose share is whole, so it passes over the full ones.
    """
    parts = [0] * len(weights)
    left, weight = total, sum(weights)
    tightest = [p for p, cap in enumerate(caps) if cap is not None and weights[p]]
    if any(left * weights[p] > (caps[p] or 0) * weight for p in tightest):
        # In the order in which they fill up: where one does not, none after it does.
        tightest.sort(key=lambda p: Fraction(caps[p] or 0, weights[p]))
        for p in tightest:
            cap = caps[p] or 0
            if left * weights[p] <= cap * weight:
                break
            parts[p] = cap
            left -= cap
            weight -= weights[p]
            weights[p] = 0
    open_parts = [position for position, part in enumerate(weights) if part]
    if not open_parts:
        if left:
            raise CapsTooSmall(total, total - left)
        return parts
    open_weights = [weights[position] for position in open_parts]
    if mode is Allocation.FIRST_COME:
        # positional: as `split_units`
        shares = _first_come_capped(left, open_weights, weight, [caps[position] for position in open_parts])
    else:
        # positional: as in `allocate`
        shares = split_units(left, open_weights, weight, mode)
    for position, share in zip(open_parts, shares, strict=True):
        parts[position] = share
    return parts


# positional: as `split_units`
def _first_come_capped(total: int, weights: list[int], weight: int, caps: list[int | None]) -> list[int]:
    parts = [total * part // weight for part in weights]
    room = [position for position, cap in enumerate(caps) if cap is None or parts[position] < cap]
    _hand_out(parts, total - sum(parts), room)
    return parts
