"""What one promotion takes off what the others left: from its effect to reductions. Money is added up by totals."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from fractions import Fraction

import attrs

from mktcore.money import Money, allocate, round_ratio
from mktcore.money.rounding import to_ratio
from mktcore.promotions.cart_layout import CartLayout, Discount
from mktcore.promotions.effects import AmountOff, BuyXGetY, CheapestFree, FixedPrice, PercentOff, ShippingOff
from mktcore.promotions.promotion import Promotion
from mktcore.promotions.promotion_lines import PromotionLine
from mktcore.totals import Reduction

__all__ = ["Eligible", "compute_discount"]

_FINE = 10**6
"""Piece prices are compared to a millionth of a minor unit."""
_EXACT = 10**18
"""What a cap is shared by: so fine that rounding it decides nothing, and bounded however many pieces lines have."""


@attrs.frozen(eq=False)
class Eligible:
    """A promotion whose condition holds.

    Attributes:
        promotion: The promotion.
        parts: The parts of the cart for which it holds, each with all its lines and the targets among them.
        most: The most it may still take, by its caps and budget; None for anything.
    """

    promotion: Promotion
    parts: Sequence[tuple[Sequence[PromotionLine], Sequence[PromotionLine]]]
    most: int | None

    def outside(self, merchants: AbstractSet[str]) -> "Eligible | None":
        """Return what is left of it when it may not touch some merchants' lines; None when that is nothing."""
        if not merchants:
            return self
        kept = [
            tuple([line for line in lines if line.line.merchant not in merchants] for lines in part)
            for part in self.parts
        ]
        parts = [(lines, targets) for lines, targets in kept if targets]
        return attrs.evolve(self, parts=parts) if parts else None


def compute_discount(eligible: Eligible, layout: CartLayout, left: list[int]) -> Discount:
    """Return what a promotion takes off what is left, and by which reductions."""
    promotion, effect = eligible.promotion, eligible.promotion.effect
    if isinstance(effect, FixedPrice | BuyXGetY | CheapestFree):
        wanted = dict(_draft_pieces(eligible, effect, layout, left=left))
        held = _hold_pieces(eligible, layout, left, wanted=wanted)
        return layout.reduce(list(_name_each(promotion, layout, held)), left)
    # An effect is first taken as totals would take it, so that its figures are those of the same reduction given by
    # hand; only where a cap, a floor or a budget is exceeded is it worked out anew, and never from rounded parts.
    drafts = list(_draft_reductions(eligible, effect, layout))
    discount = layout.reduce(drafts, left)
    is_above = eligible.most is not None and discount.total > eligible.most
    # Shipping has no pieces: caps per line and floors are not about it.
    if not isinstance(effect, ShippingOff) and (promotion.caps.line is not None or promotion.caps.floor is not None):
        rooms = {at: _find_room(promotion, layout, at, left=left) for at in discount.taken}
        if is_above or any(minor > rooms[at] for at, minor in discount.taken.items()):
            held = _hold_lines(eligible, effect, layout, left=left, taken=discount.taken)
            return layout.reduce(list(_name_each(promotion, layout, held)), left)
    elif is_above:
        return layout.reduce(_hold_drafts(drafts, layout, left, most=eligible.most or 0), left)
    return discount


def _name(promotion: Promotion, suffix: str, **what: object) -> Reduction:
    key = f"promotion:{promotion.id}{suffix}"
    # Those before it may have left less than it would take.
    return Reduction(key, cap_at_base=True, merchant_share=promotion.bearer_share, **what)  # type: ignore[arg-type]  # the fields differ by effect


def _name_each(promotion: Promotion, layout: CartLayout, wanted: Mapping[int, int]) -> Iterator[Reduction]:
    """Yield a reduction per line or charge, by a given amount."""
    for position, minor in wanted.items():
        if minor:
            key, kind = layout.keys[position], "lines" if position in layout.pieces else "expenses"
            yield _name(promotion, f":{key}", amount=layout.to_money(minor), **{kind: (key,)})


def _draft_reductions(
    eligible: Eligible, effect: PercentOff | AmountOff | ShippingOff, layout: CartLayout
) -> Iterator[Reduction]:
    """Yield the reductions that an effect is, before any cap."""
    if isinstance(effect, ShippingOff):
        yield from _draft_shipping(eligible, effect, layout)
    elif isinstance(effect, AmountOff):
        yield from _draft_amounts(eligible, effect.amount)
    else:
        keys = tuple([line.line.key for _, targets in eligible.parts for line in targets])
        yield _name(eligible.promotion, "", percent=effect.percent, lines=keys)


def _draft_amounts(eligible: Eligible, amount: Money) -> Iterator[Reduction]:
    """Yield one reduction by an amount for each part that has targets."""
    parts = [targets for _, targets in eligible.parts if targets]
    for targets in parts:
        suffix = "" if len(parts) == 1 else f":{targets[0].line.key}"
        yield _name(eligible.promotion, suffix, amount=amount, lines=tuple([line.line.key for line in targets]))


def _draft_shipping(eligible: Eligible, effect: ShippingOff, layout: CartLayout) -> Iterator[Reduction]:
    """Yield one reduction for the shipping of each part's merchants."""
    merchants = [{line.line.merchant for line in lines} for lines, _ in eligible.parts]
    of_merchant = {charge.key: charge.merchant for charge in layout.cart.expenses if charge.key in layout.cart.shipping}
    # Parts of one merchant share its shipping: it is reduced once, by the first of them.
    seen: set[str] = set()
    for sellers in merchants:
        keys = tuple(key for key, merchant in of_merchant.items() if merchant in sellers and key not in seen)
        if keys:
            suffix = f":{keys[0]}" if seen else ""
            seen.update(keys)
            yield _name(eligible.promotion, suffix, percent=effect.percent, amount=effect.amount, expenses=keys)


def _draft_pieces(
    eligible: Eligible, effect: FixedPrice | BuyXGetY | CheapestFree, layout: CartLayout, *, left: list[int]
) -> Iterator[tuple[int, Fraction]]:
    """Yield the position of each line and what a fixed price, or pieces that cost less, take off it: exact."""
    if isinstance(effect, FixedPrice):
        for _, targets in eligible.parts:
            for line in targets:
                position = layout.find_position(line)
                yield position, Fraction(max(0, left[position] - effect.price.minor * line.line.quantity))
        return
    # Of three the cheapest is free: two are bought, and one comes with them.
    free = BuyXGetY(effect.of - 1, times=effect.times) if isinstance(effect, CheapestFree) else effect
    for lines, targets in eligible.parts:
        yield from _reduce_cheapest(free, lines, targets, layout=layout, left=left)


def _reduce_cheapest(
    effect: BuyXGetY,
    lines: Sequence[PromotionLine],
    bought: Sequence[PromotionLine],
    *,
    layout: CartLayout,
    left: list[int],
) -> Iterator[tuple[int, Fraction]]:
    pieces = sum([line.line.quantity for line in bought])
    if effect.of is None:
        rewards, times = bought, pieces // (effect.buy + effect.get)
    else:
        keys = {line.line.key for line in bought}
        rewards = [line for line in lines if line.line.key not in keys and effect.of.matches(line)]
        times = pieces // effect.buy
    count = effect.get * (times if effect.times is None else min(times, effect.times))
    numerator, denominator = to_ratio(effect.percent)
    priced = []
    for line in rewards:
        position, quantity = layout.find_position(line), line.line.quantity
        if quantity:
            priced.append((left[position] * _FINE // quantity, line.line.key, position, quantity))
    # The cheapest first, by what a piece costs after the promotions before; equal ones by the line's key.
    for _, _, position, quantity in sorted(priced):
        fewer = min(quantity, count)
        if not fewer:
            return
        count -= fewer
        yield position, Fraction(left[position] * fewer * numerator, quantity * denominator)


def _find_room(promotion: Promotion, layout: CartLayout, position: int, *, left: Sequence[int]) -> int:
    """Return the most that may be taken off a line: what is left, its cap, down to its floor."""
    caps, room = promotion.caps, left[position]
    if caps.floor is not None:
        room = max(0, room - caps.floor.minor * layout.pieces[position])
    return room if caps.line is None else min(room, caps.line.minor)


def _hold_pieces(
    eligible: Eligible, layout: CartLayout, left: Sequence[int], wanted: Mapping[int, Fraction]
) -> dict[int, int]:
    """Round what is wanted of each line once: by itself, or where a cap binds, all of them together."""
    rooms = {at: _find_room(eligible.promotion, layout, at, left=left) for at in wanted}
    exact = {at: min(minor, Fraction(rooms[at])) for at, minor in wanted.items()}
    mode = layout.profile.mode
    parts = {at: min(round_ratio(*minor.as_integer_ratio(), mode), rooms[at]) for at, minor in exact.items()}
    return _hold_exact(eligible.most, parts, layout, exact=exact, rooms=rooms)


def _hold_lines(
    eligible: Eligible,
    effect: PercentOff | AmountOff,
    layout: CartLayout,
    *,
    left: Sequence[int],
    taken: Mapping[int, int],
) -> dict[int, int]:
    """Hold each line down to its room; what an amount cannot take off one line it takes off the others."""
    if isinstance(effect, AmountOff):
        return _spread_amount(eligible, effect.amount.minor, layout, left=left)
    rooms = {at: _find_room(eligible.promotion, layout, at, left=left) for at in taken}
    percent = Fraction(*to_ratio(effect.percent))
    exact = {at: min(left[at] * percent, Fraction(room)) for at, room in rooms.items()}
    parts = {at: min(minor, rooms[at]) for at, minor in taken.items()}
    return _hold_exact(eligible.most, parts, layout, exact=exact, rooms=rooms)


def _hold_exact(
    most: int | None,
    parts: dict[int, int],
    layout: CartLayout,
    *,
    exact: Mapping[int, Fraction],
    rooms: Mapping[int, int],
) -> dict[int, int]:
    """Return the parts, or where they come to more than the cap, the cap apportioned by what each is exactly."""
    if most is None or sum(parts.values()) <= most:
        return parts
    # In proportion to what each would have taken: which line a budget ends on must not depend on their order.
    weights = [int(exact[at] * _EXACT) for at in parts]
    held = allocate(most, weights, mode=layout.profile.allocation, caps=[rooms[at] for at in parts])
    return dict(zip(parts, held, strict=True))


def _spread_amount(eligible: Eligible, minor: int, layout: CartLayout, *, left: Sequence[int]) -> dict[int, int]:
    """Spread an amount over each part's lines, none beyond its room; the cap is shared by the parts before that."""
    places = [[layout.find_position(line) for line in targets] for _, targets in eligible.parts]
    rooms = [[_find_room(eligible.promotion, layout, at, left=left) for at in positions] for positions in places]
    totals, by = [min(minor, sum(room)) for room in rooms], layout.profile.allocation
    if eligible.most is not None and sum(totals) > eligible.most:
        totals = list(allocate(eligible.most, totals, mode=by, caps=totals))
    spread: dict[int, int] = {}
    for positions, room, total in zip(places, rooms, totals, strict=True):
        if total:
            weights = [left[at] for at in positions]
            spread |= zip(positions, allocate(total, weights, mode=by, caps=room), strict=True)
    return spread


def _hold_drafts(drafts: Sequence[Reduction], layout: CartLayout, left: list[int], most: int) -> list[Reduction]:
    """Return the drafts held down to a cap that they exceed: the cap is shared by them, and then spread by totals."""
    if len(drafts) == 1:
        return [_hold_draft(drafts[0], layout, most)]
    # Drafts do not overlap: each part of the cart has its own lines, and its own shipping.
    totals = [layout.reduce([draft], left).total for draft in drafts]
    bases = [sum([left[at] for at in layout.columns.find_targets(draft)]) for draft in drafts]
    # Amounts are what they are; of one percentage the shares are those of what it is taken of, before rounding.
    weights = totals if drafts[0].percent is None else bases
    held = allocate(most, weights, mode=layout.profile.allocation, caps=totals)
    return [_hold_draft(draft, layout, part) for draft, part in zip(drafts, held, strict=True) if part]


def _hold_draft(draft: Reduction, layout: CartLayout, most: int) -> Reduction:
    if draft.amount is None:
        return attrs.evolve(draft, cap=layout.to_money(most))
    return attrs.evolve(draft, amount=layout.to_money(min(most, draft.amount.minor)))
