"""Which promotions apply to a cart, and what they take off. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

import attrs

from mktcore.errors import InvalidValue
from mktcore.money import Currency
from mktcore.promotions.cart_layout import CartLayout, Discount
from mktcore.promotions.compute_discount import compute_discount
from mktcore.promotions.conditions import looks_at_remaining
from mktcore.promotions.effects import BuyXGetY, CheapestFree, Gift, PercentOff
from mktcore.promotions.eligible_promotion import Eligible, find_parts, judge_parts
from mktcore.promotions.gift_grounds import GiftGround, find_gift_grounds
from mktcore.promotions.limit_counters import find_budget, find_exhausted, list_claims
from mktcore.promotions.outcome import AppliedPromotion, PassedPromotion, PromotionOutcome
from mktcore.promotions.promotion import Promotion
from mktcore.promotions.promotion_currencies import list_currencies
from mktcore.promotions.promotion_lines import PromotionCart
from mktcore.promotions.remaining_amounts import Remaining
from mktcore.totals import RoundingProfile
from mktcore.totals.inputs import Basis

__all__ = ["BY_PRIORITY", "PromotionPolicy", "apply_promotions"]


@attrs.frozen
class PromotionPolicy:
    """How promotions are chosen where not all combine.

    Attributes:
        best_for_buyer: False goes by priority: each is applied that combines with those before it. True searches for
            the choice that takes off the most; priority is then the order in which the chosen ones are applied.
        search_limit: How many promotions the search may try at most. It starts from the choice by priority, so it is
            never worse than that.
    """

    best_for_buyer: bool = False
    search_limit: int = 200

    def __attrs_post_init__(self) -> None:
        if self.search_limit < 1:
            raise InvalidValue("PromotionPolicy", "search_limit", self.search_limit, "1 or more")


BY_PRIORITY = PromotionPolicy()
_UNMET = "its condition does not hold"


def apply_promotions(
    promotions: Iterable[Promotion],
    cart: PromotionCart,
    *,
    profile: RoundingProfile,
    currency: str | Currency,
    policy: PromotionPolicy = BY_PRIORITY,
) -> PromotionOutcome:
    """Return what promotions take off a cart, and why the others take nothing.

    The result does not depend on the order of the promotions. Each is measured on what those before it left;
    conditions look at the cart before any reduction, unless they ask for what is left.

    Args:
        promotions: Those that may apply.
        cart: Its lines and whatever conditions ask for.
        profile: Where and how reductions are rounded: the profile of the cart's totals.
        currency: The cart's currency.
        policy: How promotions are chosen where not all combine.
    """
    layout = CartLayout.of(cart, profile, Currency.of(currency))
    eligible: list[Eligible] = []
    passed: dict[str, PassedPromotion] = {}
    # The id breaks ties, so that the order in which a store lists promotions decides nothing.
    for promotion in sorted(promotions, key=lambda one: (-one.priority, one.id)):
        found = _check_eligibility(promotion, layout)
        if isinstance(found, Eligible):
            eligible.append(found)
        else:
            passed[promotion.id] = found
    if policy.best_for_buyer:
        chosen, is_complete = _search_best_choice(eligible, layout, policy.search_limit)
    else:
        chosen, is_complete = _choose_by_priority(eligible, layout), True
    passed |= {one.promotion.id: one for one in _pass_over(eligible, chosen, layout)}
    applied = tuple(
        _to_applied(one.promotion, chosen[one.promotion.id].discount, layout)
        for one in eligible
        if one.promotion.id in chosen
    )
    return PromotionOutcome(applied, tuple(passed[key] for key in sorted(passed)), is_complete)


def _pass_over(eligible: Sequence[Eligible], chosen: "Choice", layout: CartLayout) -> Iterator[PassedPromotion]:
    """Yield the promotions that were not chosen, with the first obstacle in the order of priority."""
    taking = [chosen[one.promotion.id] for one in eligible if one.promotion.id in chosen]
    choosy = [one for one in taking if not one.promotion.combines_freely()]
    remaining = taking[-1].discount.remaining if taking else layout.begin()
    for one in eligible:
        promotion = one.promotion
        if promotion.id in chosen:
            continue
        if one.judge_after(layout, remaining) is None:
            yield PassedPromotion(promotion, _UNMET, is_eligible=False)
        else:
            reason = _find_obstacle(promotion, choosy if promotion.combines_freely() else taking)
            yield PassedPromotion(promotion, reason, is_eligible=True)


@attrs.frozen(eq=False)
class _Chosen:
    """A promotion that was chosen: what it takes, and the merchants whose lines others keep it from."""

    promotion: Promotion
    discount: Discount
    barred: frozenset[str]


Choice = Mapping[str, _Chosen]
"""What the chosen promotions take, by promotion."""


def _find_barred(promotion: Promotion, before: Iterable[_Chosen]) -> frozenset[str] | None:
    """Return the merchants whose lines others keep a promotion from; None where they keep it from everything.

    What does not combine keeps out of each other's lines, and of no more: a merchant's promotion touches that
    merchant's lines, so however it is exclusive or grouped it decides nothing for those of others.
    """
    barred: set[str] = set()
    for other in before:
        theirs, own = other.promotion.owner, promotion.owner
        if not _clash(promotion, other.promotion):
            continue
        if own is None and theirs is not None:
            barred.add(theirs)
        # An operator's promotion that was itself kept from a merchant's lines leaves them to that merchant.
        elif theirs is not None or own not in other.barred:
            return None
    return frozenset(barred)


def _clash(promotion: Promotion, other: Promotion) -> bool:
    """Tell whether two promotions that do not combine may touch one line."""
    apart = promotion.owner != other.owner and promotion.owner is not None and other.owner is not None
    return not apart and not promotion.combines(other)


def _try(one: Eligible, before: Iterable[_Chosen], layout: CartLayout, *, remaining: Remaining) -> _Chosen | None:
    """Return what a promotion takes after others; None where they leave it no line."""
    barred = _find_barred(one.promotion, before)
    judged = None if barred is None else one.judge_after(layout, remaining)
    kept = None if barred is None or judged is None else judged.outside(barred)
    if barred is None or kept is None:
        return None
    return _Chosen(one.promotion, compute_discount(kept, layout, remaining), barred)


def _check_eligibility(promotion: Promotion, layout: CartLayout) -> Eligible | PassedPromotion:
    """Return the parts of the cart that a promotion applies to, or why it does not apply."""
    cart = layout.cart
    if not promotion.valid.contains(cart.at):
        return PassedPromotion(promotion, "it is not valid now", is_eligible=False)
    if list_currencies(promotion) - {layout.currency.code}:
        return PassedPromotion(promotion, f"it is not in {layout.currency.code}", is_eligible=False)
    condition, judged = promotion.condition, layout.list_parts(promotion)
    is_open, holding = looks_at_remaining(condition), judge_parts(promotion, judged)
    if not holding and not is_open:
        return PassedPromotion(promotion, _UNMET, is_eligible=False)
    # What it asks for may come to hold after others: until then it is for whatever it could be for.
    parts, gives = find_parts(promotion, layout, judged if is_open else holding), isinstance(promotion.effect, Gift)
    if not parts and not gives:
        return PassedPromotion(promotion, "nothing in the cart is meant", is_eligible=False)
    # After both: a buyer that it does not hold for, or with nothing that it means, is not told of it at all.
    exhausted = find_exhausted(promotion, cart)
    if exhausted:
        return PassedPromotion(promotion, exhausted, is_eligible=bool(holding), is_exhausted=True)
    if not parts:
        return PassedPromotion(promotion, "what it gives is not to be had now", is_eligible=bool(holding))
    cap, budget = promotion.caps.order, find_budget(promotion, cart)
    most = min([limit for limit in (None if cap is None else cap.minor, budget) if limit is not None], default=None)
    return Eligible(promotion, parts, most, is_open=is_open)


def _choose_by_priority(eligible: Sequence[Eligible], layout: CartLayout) -> Choice:
    chosen: dict[str, _Chosen] = {}
    choosy: list[_Chosen] = []
    remaining = layout.begin()
    for one in eligible:
        is_free = one.promotion.combines_freely()
        found = _try(one, choosy if is_free else chosen.values(), layout, remaining=remaining)
        if found is not None and found.discount.total:
            chosen[one.promotion.id] = found
            # Most combine with all: only those that do not are asked by each that comes after.
            choosy += [] if is_free else [found]
            remaining = found.discount.remaining
    return chosen


@attrs.frozen(eq=False)
class _Branch:
    """A choice so far: the next promotion to decide on, what is left, what was chosen, what it took."""

    index: int = attrs.field(kw_only=True)
    remaining: Remaining = attrs.field(kw_only=True)
    chosen: Choice = attrs.field(kw_only=True)
    total: int = attrs.field(kw_only=True)


def _search_best_choice(eligible: Sequence[Eligible], layout: CartLayout, limit: int) -> tuple[Choice, bool]:
    """Return the choice that takes off the most, and whether nothing was left untried.

    Branch and bound, in the order of priority and taking first: the first choice it completes is the one by priority.
    What those to come can take at most bounds a branch.
    """
    best: Choice = _choose_by_priority(eligible, layout)
    best_total = sum(one.discount.total for one in best.values())
    matters_later = _find_what_matters(eligible, layout)
    # Where all combine there is nothing to choose: the choice by priority has every promotion that takes something.
    if not any(matters_later):
        return best, True
    bounds = [_find_bound(one, layout) for one in eligible]
    to_come = [*accumulate(reversed(bounds), initial=0)][::-1]
    tries = 0
    branches = [_Branch(index=0, remaining=layout.begin(), chosen={}, total=0)]
    while branches:
        branch = branches.pop()
        # Strictly more: of two choices that take off the same, the one that priority comes to first stays.
        if branch.total > best_total:
            best, best_total = branch.chosen, branch.total
        if branch.index == len(eligible) or branch.total + to_come[branch.index] <= best_total:
            continue
        one, after = eligible[branch.index], branch.index + 1
        fits = _find_barred(one.promotion, branch.chosen.values()) is not None
        if fits and tries == limit:
            return best, False
        tries += fits
        found = _try(one, branch.chosen.values(), layout, remaining=branch.remaining)
        takes = found is not None and found.discount.total > 0
        # What bars none that come after takes nothing from them but its own amount: leaving it out can gain nothing.
        if not takes or matters_later[branch.index]:
            left_out = _Branch(index=after, remaining=branch.remaining, chosen=branch.chosen, total=branch.total)
            branches.append(left_out)
        if found is not None and takes:
            chosen = {**branch.chosen, one.promotion.id: found}
            total = branch.total + found.discount.total
            branches.append(_Branch(index=after, remaining=found.discount.remaining, chosen=chosen, total=total))
    return best, True


def _depends_on_others(one: Eligible, layout: CartLayout) -> bool:
    """Tell whether what a promotion takes may rise, or fall by more, than others before it take."""
    promotion, effect = one.promotion, one.promotion.effect
    if one.is_open or promotion.spends_pieces:
        return True
    if promotion.pieces is None and not isinstance(effect, BuyXGetY | CheapestFree):
        return False
    # Others may lead it to pieces that bear less, or more: by a floor, a cap, or what they cost at first.
    is_of_original = isinstance(effect, PercentOff) and effect.basis is Basis.ORIGINAL
    bounds_lines = promotion.caps.floor is not None or promotion.caps.line is not None or bool(layout.least)
    return is_of_original or bounds_lines


def _find_bound(one: Eligible, layout: CartLayout) -> int:
    """Return the most that a promotion can take, whatever was applied before it."""
    chooses = one.promotion.pieces is not None or isinstance(one.promotion.effect, BuyXGetY | CheapestFree)
    if not chooses and not one.promotion.spends_pieces:
        # After others it takes no more than alone, but for a minor unit per line that rounding may give it.
        return compute_discount(one, layout, layout.begin()).total + len(layout.amounts)
    # Which pieces are the cheapest depends on the lines that it is left: any of them may come to be.
    most = sum([layout.amounts[layout.find_position(line)] for lines, _ in one.parts for line in lines])
    return most if one.most is None else min(most, one.most)


def _find_what_matters(eligible: Sequence[Eligible], layout: CartLayout) -> list[bool]:
    """Tell of each promotion whether leaving it out may give one that comes after it more than it took."""
    found = _find_clashes([one.promotion for one in eligible])
    depends = [_depends_on_others(one, layout) for one in eligible]
    last = max([at for at, one in enumerate(depends) if one], default=0)
    return [clashes or at < last for at, clashes in enumerate(found)]


def _find_clashes(promotions: Sequence[Promotion]) -> list[bool]:
    """Tell of each promotion whether it clashes with one that comes after it."""
    found = [False] * len(promotions)
    choosy: list[int] = []
    for position, one in enumerate(promotions):
        # Two that combine freely never clash, and most do.
        is_free = one.combines_freely()
        for before in choosy if is_free else range(position):
            found[before] = found[before] or _clash(promotions[before], one)
        choosy += [] if is_free else [position]
    return found


def _find_obstacle(promotion: Promotion, chosen: Iterable[_Chosen]) -> str:
    for other in chosen:
        if _clash(promotion, other.promotion):
            return f"it does not combine with {other.promotion.title or other.promotion.id}"
    return "it takes nothing off"


def _find_grounds(promotion: Promotion, layout: CartLayout) -> tuple[GiftGround, ...]:
    if not isinstance(promotion.effect, Gift) or promotion.effect.is_kept:
        return ()
    # Before reductions also where the condition asks for what is left: then these are the parts that may meet it.
    return find_gift_grounds(promotion.condition, judge_parts(promotion, layout.list_parts(promotion)))


def _to_applied(promotion: Promotion, discount: Discount, layout: CartLayout) -> AppliedPromotion:
    parts = {
        layout.keys[position]: layout.to_money(minor) for position, minor in sorted(discount.taken.items()) if minor
    }
    claims = list_claims(promotion, layout.cart, discount.total)
    return AppliedPromotion(
        promotion,
        layout.to_money(discount.total),
        parts=parts,
        reductions=discount.reductions,
        claims=claims,
        grounds=_find_grounds(promotion, layout),
    )
