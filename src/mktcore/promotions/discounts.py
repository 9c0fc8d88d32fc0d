"""What one promotion takes off what the others left: from its effect to reductions. Money is added up by totals."""

from collections.abc import Iterator, Mapping, Sequence

import attrs

from mktcore.money import Money, allocate, round_ratio
from mktcore.money.rounding import to_ratio
from mktcore.promotions.cart_layout import CartLayout, Discount
from mktcore.promotions.effects import AmountOff, BuyXGetY, CheapestFree, FixedPrice, PercentOff, ShippingOff
from mktcore.promotions.promotion import Promotion
from mktcore.promotions.promotion_lines import PromotionLine
from mktcore.totals import Reduction

__all__ = ["Eligible", "compute_discount", "list_currencies"]

_FINE = 10**6
"""Piece prices are compared to a millionth of a minor unit."""


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


def list_currencies(promotion: Promotion) -> set[str]:
    """Return the codes of the currencies that a promotion's own amounts are in."""
    effect, caps = promotion.effect, promotion.caps
    amounts = [caps.order, caps.line, caps.floor, promotion.limits.budget]
    # What effects call their amounts; the others have none.
    amounts += [getattr(effect, name, None) for name in ("amount", "price")]
    return {amount.currency.code for amount in amounts if isinstance(amount, Money)}


def compute_discount(eligible: Eligible, layout: CartLayout, left: list[int]) -> Discount:
    """Return what a promotion takes off what is left, and by which reductions."""
    promotion = eligible.promotion
    # An effect is first taken as totals would take it, so that its figures are those of the same reduction given by
    # hand; only where a cap, a floor or a budget is exceeded are the amounts worked out line by line.
    if isinstance(promotion.effect, ShippingOff):
        drafts = list(_draft_shipping(eligible, promotion.effect, layout))
        discount = layout.reduce(drafts, left)
        return _clamp(eligible, layout, left, wanted=discount.taken) if _is_above(discount, eligible.most) else discount
    if isinstance(promotion.effect, PercentOff):
        keys = [line.line.key for _, targets in eligible.parts for line in targets]
        discount = layout.reduce([_name(promotion, "", percent=promotion.effect.percent, lines=tuple(keys))], left)
    elif isinstance(promotion.effect, AmountOff):
        discount = layout.reduce(list(_draft_amounts(eligible, promotion.effect.amount)), left)
    else:
        wanted = dict(_draft_pieces(eligible, promotion.effect, layout, left=left))
        if promotion.caps.line is None and promotion.caps.floor is None and eligible.most is None:
            return layout.reduce(list(_name_each(promotion, layout, wanted)), left)
        return _clamp(eligible, layout, left, wanted=wanted)
    if _is_above(discount, eligible.most) or not _fits_lines(promotion, layout, discount, left=left):
        return _clamp(eligible, layout, left, wanted=discount.taken)
    return discount


def _is_above(discount: Discount, most: int | None) -> bool:
    return most is not None and discount.total > most


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
) -> Iterator[tuple[int, int]]:
    """Yield the position of each line and what a fixed price, or pieces that cost less, take off it."""
    if isinstance(effect, FixedPrice):
        for _, targets in eligible.parts:
            for line in targets:
                position = layout.find_position(line)
                yield position, max(0, left[position] - effect.price.minor * line.line.quantity)
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
) -> Iterator[tuple[int, int]]:
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
        yield position, round_ratio(left[position] * fewer * numerator, quantity * denominator, layout.profile.mode)


def _find_room(promotion: Promotion, layout: CartLayout, position: int, *, left: Sequence[int]) -> int:
    """Return the most that may be taken off a line: what is left, its cap, down to its floor."""
    caps, room = promotion.caps, left[position]
    if caps.floor is not None:
        room = max(0, room - caps.floor.minor * layout.pieces[position])
    return room if caps.line is None else min(room, caps.line.minor)


def _fits_lines(promotion: Promotion, layout: CartLayout, discount: Discount, *, left: Sequence[int]) -> bool:
    if promotion.caps.line is None and promotion.caps.floor is None:
        return True
    return all(minor <= _find_room(promotion, layout, at, left=left) for at, minor in discount.taken.items())


def _clamp(eligible: Eligible, layout: CartLayout, left: list[int], *, wanted: Mapping[int, int]) -> Discount:
    """Hold what is wanted down to the caps; what an amount cannot take off one line it takes off the others."""
    promotion, parts = eligible.promotion, dict(wanted)
    if isinstance(promotion.effect, AmountOff):
        parts = _spread_amount(eligible, promotion.effect.amount.minor, layout, left=left)
    elif not isinstance(promotion.effect, ShippingOff):
        parts = {at: min(minor, _find_room(promotion, layout, at, left=left)) for at, minor in wanted.items()}
    if eligible.most is not None and sum(parts.values()) > eligible.most:
        # In proportion to what each would have taken: which line a budget ends on must not depend on their order.
        held = allocate(eligible.most, list(parts.values()), caps=list(parts.values()))
        parts = dict(zip(parts, held, strict=True))
    return layout.reduce(list(_name_each(promotion, layout, parts)), left)


def _spread_amount(eligible: Eligible, minor: int, layout: CartLayout, *, left: Sequence[int]) -> dict[int, int]:
    spread: dict[int, int] = {}
    for _, targets in eligible.parts:
        positions = [layout.find_position(line) for line in targets]
        rooms = [_find_room(eligible.promotion, layout, position, left=left) for position in positions]
        if any(rooms):
            weights = [left[position] for position in positions]
            spread |= zip(positions, allocate(min(minor, sum(rooms)), weights, caps=rooms), strict=True)
    return spread
