"""What is taken off, held to what lines bear and to what a promotion may take: rounded once, and never from parts."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from mktcore.money import allocate, round_ratio
from mktcore.promotions.cart_layout import CartLayout
from mktcore.promotions.promotion import Promotion
from mktcore.promotions.remaining_amounts import Remaining

__all__ = ["find_room", "hold_parts", "round_within_rooms", "spread_totals"]

_EXACT = 10**18
"""What a cap is shared by: so fine that rounding it decides nothing, and bounded however many pieces lines have."""


def find_room(promotion: Promotion, layout: CartLayout, position: int, *, remaining: Remaining) -> int:
    """Return the most that may be taken off a line or charge: what is left, its cap, down to its floor."""
    caps, room = promotion.caps, remaining.left[position]
    if position not in layout.pieces:
        # Shipping has no pieces: caps per line and floors are not about it.
        return room
    floor = layout.least.get(position, 0)
    if caps.floor is not None:
        floor = max(floor, caps.floor.minor * layout.pieces[position])
    room = max(0, room - floor)
    return room if caps.line is None else min(room, caps.line.minor)


def round_within_rooms(
    wanted: Mapping[int, Fraction], layout: CartLayout, *, rooms: Mapping[int, int], most: int | None
) -> dict[int, int]:
    """Round what is wanted of each line once: by itself, or where a cap binds, all of them together.

    Args:
        wanted: Exact, in minor units, by position.
        layout: Where the lines stand.
        rooms: The most of each.
        most: The most of all together; None for anything.
    """
    exact = {at: min(minor, Fraction(rooms[at])) for at, minor in wanted.items()}
    mode = layout.profile.mode
    parts = {at: min(round_ratio(*minor.as_integer_ratio(), mode), rooms[at]) for at, minor in exact.items()}
    return hold_parts(parts, layout, exact=exact, rooms=rooms, most=most)


def hold_parts(
    parts: dict[int, int],
    layout: CartLayout,
    *,
    exact: Mapping[int, Fraction],
    rooms: Mapping[int, int],
    most: int | None,
) -> dict[int, int]:
    """Return the parts, or where they come to more than the cap, the cap apportioned by what each is exactly."""
    if most is None or sum(parts.values()) <= most:
        return parts
    # In proportion to what each would have taken: which line a budget ends on must not depend on their order.
    weights = [int(exact[at] * _EXACT) for at in parts]
    held = allocate(most, weights, mode=layout.profile.allocation, caps=[rooms[at] for at in parts])
    return dict(zip(parts, held, strict=True))


def spread_totals(
    totals: Sequence[tuple[int, Mapping[int, Fraction]]],
    layout: CartLayout,
    *,
    rooms: Mapping[int, int],
    most: int | None,
) -> dict[int, int]:
    """Spread each total over its lines, none beyond its room: what one cannot bear goes to the others.

    Args:
        totals: Amounts in minor units, each with what it is spread by; no line is in two of them.
        layout: Where the lines stand.
        rooms: The most of each line.
        most: The most of all together, shared by the totals before they are spread; None for anything.
    """
    by = layout.profile.allocation
    held = [min(minor, sum([rooms[at] for at, weight in weights.items() if weight])) for minor, weights in totals]
    if most is not None and sum(held) > most:
        held = list(allocate(most, held, mode=by, caps=held))
    spread: dict[int, int] = {}
    for minor, (_, weights) in zip(held, totals, strict=True):
        if minor:
            fine = _to_whole(list(weights.values()))
            caps = [rooms[at] for at in weights]
            spread |= zip(weights, allocate(minor, fine, mode=by, caps=caps), strict=True)
    return spread


def _to_whole(weights: Sequence[Fraction | int]) -> list[int]:
    if all(weight.denominator == 1 for weight in weights):
        return [int(weight) for weight in weights]
    return [int(weight * _EXACT) for weight in weights]
