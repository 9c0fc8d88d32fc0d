"""What effects on pieces take off: each line's exact amount, or a total that is spread over the pieces. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import attrs

from mktcore.money import round_ratio
from mktcore.money.rounding import to_ratio
from mktcore.promotions.capped_discounts import find_room, round_within_rooms, spread_totals
from mktcore.promotions.cart_layout import CartLayout
from mktcore.promotions.choose_pieces import PieceStack, choose_pieces, choose_sets, list_stacks
from mktcore.promotions.effects import AmountOff, BuyXGetY, CheapestFree, FixedPrice, PercentOff
from mktcore.promotions.eligible_promotion import Eligible
from mktcore.promotions.piece_selection import Pieces, Sets, Which
from mktcore.promotions.promotion import Promotion
from mktcore.promotions.promotion_line import PromotionLine
from mktcore.promotions.remaining_amounts import Remaining
from mktcore.totals.inputs import Basis

__all__ = ["compute_piece_amounts", "is_about_pieces"]

_ByPieces = FixedPrice | BuyXGetY | CheapestFree


@attrs.frozen(eq=False)
class _PieceDraft:
    """What one part of the cart wants off its lines.

    Attributes:
        amounts: By position: exact minor units, or where there is a total, what that is spread by.
        total: Minor units that are taken off in all; None where each line has its own amount.
        looked_at: How many pieces of each line it looked at, by position: what it spends.
    """

    amounts: Mapping[int, Fraction]
    total: int | None
    looked_at: Mapping[int, int]


def is_about_pieces(promotion: Promotion) -> bool:
    """Tell whether a promotion looks at pieces, and not only at what lines cost."""
    effect = promotion.effect
    if isinstance(effect, _ByPieces) or promotion.pieces is not None or promotion.spends_pieces:
        return True
    return isinstance(effect, AmountOff) and effect.per_piece


def compute_piece_amounts(
    eligible: Eligible, layout: CartLayout, remaining: Remaining
) -> tuple[dict[int, int], dict[int, int]]:
    """Return what is taken off each line, in minor units, and how many pieces of it were looked at, by position."""
    drafts = list(_draft_parts(eligible, layout, remaining))
    amounts = {at: minor for draft in drafts for at, minor in draft.amounts.items()}
    rooms = {at: find_room(eligible.promotion, layout, at, remaining=remaining) for at in amounts}
    looked_at = {at: count for draft in drafts for at, count in draft.looked_at.items()}
    if not drafts or drafts[0].total is None:
        return round_within_rooms(amounts, layout, rooms=rooms, most=eligible.most), looked_at
    # Nothing is taken off pieces that were not chosen: what these cost bounds it, too.
    mode = layout.profile.mode
    rooms = {at: min(room, round_ratio(*amounts[at].as_integer_ratio(), mode)) for at, room in rooms.items()}
    totals = [(draft.total or 0, draft.amounts) for draft in drafts]
    return spread_totals(totals, layout, rooms=rooms, most=eligible.most), looked_at


def _draft_parts(eligible: Eligible, layout: CartLayout, remaining: Remaining) -> Iterator[_PieceDraft]:
    promotion, effect = eligible.promotion, eligible.promotion.effect
    spends = promotion.spends_pieces
    for lines, targets in eligible.parts:
        stacks = list_stacks(targets, layout, remaining, spends=spends)
        if isinstance(effect, BuyXGetY | CheapestFree):
            rewards = _list_rewards(effect, lines, targets)
            rewarded = stacks if rewards is None else list_stacks(rewards, layout, remaining, spends=spends)
            yield _draft_rewards(effect, stacks, rewarded, is_same=rewards is None)
        elif isinstance(effect, PercentOff | AmountOff | FixedPrice):
            yield _draft_chosen(effect, promotion.pieces, stacks, layout=layout)


def _list_rewards(
    effect: BuyXGetY | CheapestFree, lines: Sequence[PromotionLine], bought: Sequence[PromotionLine]
) -> Sequence[PromotionLine] | None:
    """Return the lines that pieces which cost less come from; None when they are those bought."""
    wanted = effect.of if isinstance(effect, BuyXGetY) else None
    if wanted is None:
        return None
    keys = {line.line.key for line in bought}
    return [line for line in lines if line.line.key not in keys and wanted.matches(line)]


def _draft_rewards(
    effect: BuyXGetY | CheapestFree, bought: Sequence[PieceStack], rewards: Sequence[PieceStack], *, is_same: bool
) -> _PieceDraft:
    """Let the cheapest pieces cost less, for every so many that are bought."""
    # Of three the cheapest is free: two are bought, and one comes with them.
    free = BuyXGetY(effect.of - 1, times=effect.times) if isinstance(effect, CheapestFree) else effect
    needed = free.buy + free.get if is_same else free.buy
    times = sum([stack.count for stack in bought]) // needed
    times = times if free.times is None else min(times, free.times)
    chosen = choose_pieces(rewards, free.get * times, free.which)
    percent = Fraction(*to_ratio(free.percent))
    looked_at = {stack.position: count for stack, count in chosen} if not is_same else {}
    # The cheapest are spent with the ones that cost less, so that the dearer ones are left to others; of the same lines
    # those on the side where they cost less, or what costs less would not be spent itself.
    which = free.which if is_same else Which.CHEAPEST
    looked_at |= {stack.position: count for stack, count in choose_pieces(bought, needed * times, which)}
    return _PieceDraft({stack.position: stack.find_cost(count) * percent for stack, count in chosen}, None, looked_at)


def _draft_chosen(
    effect: PercentOff | AmountOff | FixedPrice,
    pieces: Pieces | Sets | None,
    stacks: Sequence[PieceStack],
    *,
    layout: CartLayout,
) -> _PieceDraft:
    """Let an effect act on all pieces, on some, or on those that make up sets."""
    times, chosen = 1, [(stack, stack.count) for stack in stacks]
    if isinstance(pieces, Pieces):
        chosen = choose_pieces(stacks, pieces.at_most, pieces.which)
    elif isinstance(pieces, Sets):
        price = effect.price.minor if isinstance(effect, FixedPrice) else None
        times, chosen = choose_sets(stacks, pieces, price)
    looked_at = {stack.position: count for stack, count in chosen}
    costs = {stack.position: stack.find_cost(count) for stack, count in chosen}
    if isinstance(effect, AmountOff) and not effect.per_piece:
        return _PieceDraft(costs, effect.amount.minor * times if chosen else 0, looked_at)
    if isinstance(effect, FixedPrice) and isinstance(pieces, Sets):
        above = sum(costs.values(), Fraction(0)) - effect.price.minor * times
        return _PieceDraft(costs, round_ratio(*above.as_integer_ratio(), layout.profile.mode), looked_at)
    amounts = {
        stack.position: _find_amount(effect, costs[stack.position], layout, position=stack.position, pieces=count)
        for stack, count in chosen
    }
    return _PieceDraft(amounts, None, looked_at)


def _find_amount(
    effect: PercentOff | AmountOff | FixedPrice, cost: Fraction, layout: CartLayout, *, position: int, pieces: int
) -> Fraction:
    """Return what an effect takes off pieces of one line, exact and no more than they cost."""
    if isinstance(effect, FixedPrice):
        return max(Fraction(0), cost - effect.price.minor * pieces)
    if isinstance(effect, AmountOff):
        return min(cost, Fraction(effect.amount.minor * pieces))
    percent = Fraction(*to_ratio(effect.percent))
    if effect.basis is Basis.REMAINING:
        return cost * percent
    return min(cost, Fraction(layout.amounts[position] * pieces, layout.pieces[position]) * percent)
