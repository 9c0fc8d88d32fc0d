"""What one promotion takes off what the others left: from its effect to reductions. Money is added up by totals."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import attrs

from mktcore.money import allocate
from mktcore.money.rounding import to_ratio
from mktcore.promotions.capped_discounts import find_room, hold_parts, spread_totals
from mktcore.promotions.cart_layout import CartLayout, Discount
from mktcore.promotions.effects import AmountOff, Gift, PercentOff, ShippingOff
from mktcore.promotions.eligible_promotion import Eligible
from mktcore.promotions.line_filter import ChargeFilter
from mktcore.promotions.piece_discounts import compute_piece_amounts, is_about_pieces
from mktcore.promotions.promotion import Promotion
from mktcore.promotions.promotion_line import PromotionLine
from mktcore.promotions.remaining_amounts import Remaining
from mktcore.totals import Reduction
from mktcore.totals.inputs import Basis

__all__ = ["compute_discount"]

_ANY_CHARGE = ChargeFilter()


def compute_discount(eligible: Eligible, layout: CartLayout, remaining: Remaining) -> Discount:
    """Return what a promotion takes off what is left, and by which reductions."""
    promotion = eligible.promotion
    if not is_about_pieces(promotion):
        return _compute_whole_lines(eligible, layout, remaining)
    held, looked_at = compute_piece_amounts(eligible, layout, remaining)
    discount = layout.reduce(list(_name_each(promotion, layout, held)), remaining)
    if not promotion.spends_pieces or not discount.total:
        return discount
    after = remaining.spend(looked_at, pieces=layout.pieces, after=discount.remaining.left)
    return attrs.evolve(discount, remaining=after)


def _compute_whole_lines(eligible: Eligible, layout: CartLayout, remaining: Remaining) -> Discount:
    """Return what an effect on whole lines and charges takes off them."""
    promotion, caps = eligible.promotion, eligible.promotion.caps
    # An effect is first taken as totals would take it, so that its figures are those of the same reduction given by
    # hand; only where a cap, a floor or a budget is exceeded is it worked out anew, and never from rounded parts.
    drafts = list(_draft_reductions(eligible, layout, remaining))
    discount = layout.reduce(drafts, remaining)
    is_above = eligible.most is not None and discount.total > eligible.most
    effect = promotion.effect
    has_rooms = caps.line is not None or caps.floor is not None or bool(layout.least)
    if isinstance(effect, PercentOff | AmountOff) and has_rooms:
        rooms = {at: find_room(promotion, layout, at, remaining=remaining) for at in discount.taken}
        if is_above or any(minor > rooms[at] for at, minor in discount.taken.items()):
            held = _hold_lines(eligible, effect, layout, remaining=remaining, taken=discount.taken)
            return layout.reduce(list(_name_each(promotion, layout, held)), remaining)
    elif is_above:
        return layout.reduce(_hold_drafts(drafts, layout, remaining, most=eligible.most or 0), remaining)
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


def _draft_reductions(eligible: Eligible, layout: CartLayout, remaining: Remaining) -> Iterator[Reduction]:
    """Yield the reductions that an effect is, before any cap."""
    effect, promotion = eligible.promotion.effect, eligible.promotion
    if isinstance(effect, ShippingOff):
        yield from _draft_shipping(eligible, effect, layout, remaining=remaining)
    elif isinstance(effect, AmountOff):
        yield from _draft_amounts(eligible, effect, layout)
    elif isinstance(effect, PercentOff | Gift):
        keys = _list_keys([line for _, targets in eligible.parts for line in targets])
        charges = tuple([key for part in _list_charges(eligible, layout) for key in part]) or None
        percent, basis = (effect.percent, effect.basis) if isinstance(effect, PercentOff) else (1, Basis.REMAINING)
        yield _name(promotion, "", percent=Decimal(percent), lines=keys, expenses=charges, basis=basis)


def _list_keys(lines: Sequence[PromotionLine]) -> tuple[str, ...]:
    return tuple([line.line.key for line in lines])


def _draft_amounts(eligible: Eligible, effect: AmountOff, layout: CartLayout) -> Iterator[Reduction]:
    """Yield one reduction by an amount for each part that has targets."""
    parts = [targets for _, targets in eligible.parts]
    for targets, charges in zip(parts, _list_charges(eligible, layout), strict=True):
        suffix = "" if len(parts) == 1 else f":{targets[0].line.key}"
        amount = effect.multiply(_sum_costs(targets, layout))
        if amount.is_positive():
            yield _name(eligible.promotion, suffix, amount=amount, lines=_list_keys(targets), expenses=charges or None)


def _sum_costs(lines: Sequence[PromotionLine], layout: CartLayout) -> int:
    return sum([layout.amounts[layout.find_position(line)] for line in lines])


def _list_charges(eligible: Eligible, layout: CartLayout) -> list[tuple[str, ...]]:
    """Return the shipping charges that a promotion is for, by part: those of the part's merchants.

    Parts of one merchant share its shipping: the first of them has it.
    """
    wanted = eligible.promotion.charges
    if wanted is None and isinstance(eligible.promotion.effect, ShippingOff):
        wanted = _ANY_CHARGE
    if wanted is None:
        return [()] * len(eligible.parts)
    shipping = frozenset(layout.cart.shipping)
    meant = [one for one in layout.cart.expenses if one.key in shipping and wanted.matches(one)]
    found, seen = [], set[str]()
    for lines, _ in eligible.parts:
        merchants = {line.line.merchant for line in lines}
        keys = tuple([one.key for one in meant if one.merchant in merchants and one.key not in seen])
        seen.update(keys)
        found.append(keys)
    return found


def _draft_shipping(
    eligible: Eligible, effect: ShippingOff, layout: CartLayout, *, remaining: Remaining
) -> Iterator[Reduction]:
    """Yield one reduction for the shipping of each part's merchants, or for each of its charges."""
    is_first = True
    for part in _list_charges(eligible, layout):
        for keys in [(key,) for key in part] if effect.per_charge else [part] if part else []:
            suffix = "" if is_first else f":{keys[0]}"
            is_first = False
            amount = effect.amount
            if effect.price is not None:
                left = sum([remaining.left[layout.columns.expense_positions[key]] for key in keys])
                amount = layout.to_money(max(0, left - effect.price.minor))
            yield _name(eligible.promotion, suffix, percent=effect.percent, amount=amount, expenses=keys)


def _hold_lines(
    eligible: Eligible,
    effect: PercentOff | AmountOff,
    layout: CartLayout,
    *,
    remaining: Remaining,
    taken: Mapping[int, int],
) -> dict[int, int]:
    """Hold each line down to its room; what an amount cannot take off one line it takes off the others."""
    if isinstance(effect, AmountOff):
        return _spread_amount(eligible, effect, layout, remaining=remaining)
    rooms = {at: find_room(eligible.promotion, layout, at, remaining=remaining) for at in taken}
    base = remaining.left if effect.basis is Basis.REMAINING else layout.amounts
    percent = Fraction(*to_ratio(effect.percent))
    exact = {at: min(base[at] * percent, Fraction(room)) for at, room in rooms.items()}
    parts = {at: min(minor, rooms[at]) for at, minor in taken.items()}
    return hold_parts(parts, layout, exact=exact, rooms=rooms, most=eligible.most)


def _spread_amount(
    eligible: Eligible, effect: AmountOff, layout: CartLayout, *, remaining: Remaining
) -> dict[int, int]:
    """Spread an amount over each part's lines and charges, none beyond its room."""
    totals = []
    for (_, targets), charges in zip(eligible.parts, _list_charges(eligible, layout), strict=True):
        places = [layout.find_position(line) for line in targets]
        places += [layout.columns.expense_positions[key] for key in charges]
        minor = effect.multiply(_sum_costs(targets, layout)).minor
        totals.append((minor, {at: Fraction(remaining.left[at]) for at in places}))
    positions = [at for _, weights in totals for at in weights]
    rooms = {at: find_room(eligible.promotion, layout, at, remaining=remaining) for at in positions}
    return spread_totals(totals, layout, rooms=rooms, most=eligible.most)


def _hold_drafts(
    drafts: Sequence[Reduction], layout: CartLayout, remaining: Remaining, *, most: int
) -> list[Reduction]:
    """Return the drafts held down to a cap that they exceed: the cap is shared by them, and then spread by totals."""
    if len(drafts) == 1:
        return [_hold_draft(drafts[0], layout, most)]
    # Drafts do not overlap: each part of the cart has its own lines, and its own shipping.
    totals = [layout.reduce([draft], remaining).total for draft in drafts]
    bases = [sum([remaining.left[at] for at in layout.columns.find_targets(draft)]) for draft in drafts]
    # Amounts are what they are; of one percentage the shares are those of what it is taken of, before rounding.
    weights = totals if drafts[0].percent is None else bases
    held = allocate(most, weights, mode=layout.profile.allocation, caps=totals)
    return [_hold_draft(draft, layout, part) for draft, part in zip(drafts, held, strict=True) if part]


def _hold_draft(draft: Reduction, layout: CartLayout, most: int) -> Reduction:
    if draft.amount is None:
        return attrs.evolve(draft, cap=layout.to_money(most))
    return attrs.evolve(draft, amount=layout.to_money(min(most, draft.amount.minor)))
