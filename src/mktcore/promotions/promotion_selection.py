"""Which promotions apply to a cart, and what they take off. Pure."""

from collections.abc import Iterable, Mapping, Sequence

import attrs

from mktcore.errors import InvalidValue
from mktcore.money import Currency
from mktcore.promotions.cart_layout import CartLayout, ClaimedDiscount, lay_out_cart
from mktcore.promotions.discounts import Eligible, compute_discounts, list_currencies
from mktcore.promotions.limits import find_budget, find_exhausted, list_claims
from mktcore.promotions.outcome import AppliedPromotion, PassedPromotion, PromotionOutcome
from mktcore.promotions.promotion import Promotion
from mktcore.promotions.promotion_lines import PromotionCart
from mktcore.totals import RoundingProfile

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
    conditions look at the cart before any reduction.

    Args:
        promotions: Those that may apply.
        cart: Its lines and whatever conditions ask for.
        profile: Where and how reductions are rounded: the profile of the cart's totals.
        currency: The cart's currency.
        policy: How promotions are chosen where not all combine.
    """
    ground = lay_out_cart(cart, profile, Currency.of(currency))
    eligible: list[Eligible] = []
    passed: dict[str, PassedPromotion] = {}
    for promotion in sorted(promotions, key=lambda one: (-one.priority, one.id)):
        found = _judge(promotion, ground)
        if isinstance(found, Eligible):
            eligible.append(found)
        else:
            passed[promotion.id] = found
    if policy.best_for_buyer:
        chosen, is_complete = _search(eligible, ground, policy.search_limit)
    else:
        chosen, is_complete = _choose_by_priority(eligible, ground), True
    for one in eligible:
        if one.promotion.id not in chosen:
            reason = _find_obstacle(one.promotion, eligible, chosen)
            passed[one.promotion.id] = PassedPromotion(one.promotion, reason, is_eligible=True)
    applied = tuple(
        _to_applied(one.promotion, chosen[one.promotion.id], ground) for one in eligible if one.promotion.id in chosen
    )
    return PromotionOutcome(applied, tuple(passed[key] for key in sorted(passed)), is_complete)


ChosenPromotion = Mapping[str, ClaimedDiscount]
"""What the chosen promotions take, by promotion."""


def _judge(promotion: Promotion, ground: CartLayout) -> Eligible | PassedPromotion:
    """Return the parts of the cart that a promotion applies to, or why it does not apply."""
    cart = ground.cart
    if not promotion.valid.contains(cart.at):
        return PassedPromotion(promotion, "it is not valid now", is_eligible=False)
    if list_currencies(promotion) - {ground.currency.code}:
        return PassedPromotion(promotion, f"it is not in {ground.currency.code}", is_eligible=False)
    condition = promotion.condition
    holding = [part for part in ground.list_parts(promotion) if condition is None or condition.holds(part)]
    if not holding:
        return PassedPromotion(promotion, "its condition does not hold", is_eligible=False)
    exhausted = find_exhausted(promotion, cart)
    if exhausted:
        return PassedPromotion(promotion, exhausted, is_eligible=True)
    parts = [(part.lines, part.find(promotion.targets)) for part in holding]
    parts = [entry for entry in parts if entry[1]]
    if not parts:
        return PassedPromotion(promotion, "nothing in the cart is meant", is_eligible=False)
    cap, budget = promotion.caps.order, find_budget(promotion, cart)
    most = min([limit for limit in (None if cap is None else cap.minor, budget) if limit is not None], default=None)
    return Eligible(promotion, parts, most)


def _choose_by_priority(eligible: Sequence[Eligible], ground: CartLayout) -> ChosenPromotion:
    chosen: dict[str, ClaimedDiscount] = {}
    before: list[Promotion] = []
    left = list(ground.amounts)
    for one in eligible:
        if all(one.promotion.combines(other) for other in before):
            taking = compute_discounts(one, ground, left)
            if taking.total:
                chosen[one.promotion.id] = taking
                before.append(one.promotion)
                left = taking.left
    return chosen


@attrs.frozen(eq=False)
class _Branch:
    """A choice so far: the next promotion to decide on, what is left, what was chosen, what it took."""

    index: int = attrs.field(kw_only=True)
    left: list[int] = attrs.field(kw_only=True)
    chosen: Mapping[str, ClaimedDiscount] = attrs.field(kw_only=True)
    total: int = attrs.field(kw_only=True)


def _search(eligible: Sequence[Eligible], ground: CartLayout, limit: int) -> tuple[ChosenPromotion, bool]:
    """Return the choice that takes off the most, and whether nothing was left untried.

    Branch and bound, in the order of priority and taking first: the first choice it completes is the one by priority.
    A promotion takes no more after others than alone, so what those to come take alone bounds a branch.
    """
    best: ChosenPromotion = _choose_by_priority(eligible, ground)
    best_total = sum(taking.total for taking in best.values())
    promotions = [one.promotion for one in eligible]
    if all(one.combines(other) for one in promotions for other in promotions if one is not other):
        return best, True
    # Rounding may give a promotion a minor unit more per line after others than alone.
    alone = [compute_discounts(one, ground, list(ground.amounts)).total + len(ground.amounts) for one in eligible]
    tries = 0
    branches = [_Branch(index=0, left=list(ground.amounts), chosen={}, total=0)]
    while branches:
        branch = branches.pop()
        if branch.total > best_total:
            best, best_total = branch.chosen, branch.total
        if branch.index == len(eligible) or branch.total + sum(alone[branch.index :]) <= best_total:
            continue
        one, after = eligible[branch.index], branch.index + 1
        before = [promotion for promotion in promotions[: branch.index] if promotion.id in branch.chosen]
        fits = all(one.promotion.combines(other) for other in before)
        if not fits or not all(one.promotion.combines(other) for other in promotions[after:]):
            branches.append(_Branch(index=after, left=branch.left, chosen=branch.chosen, total=branch.total))
        if fits:
            if tries == limit:
                return best, False
            tries += 1
            taking = compute_discounts(one, ground, branch.left)
            chosen = {**branch.chosen, one.promotion.id: taking} if taking.total else branch.chosen
            branches.append(_Branch(index=after, left=taking.left, chosen=chosen, total=branch.total + taking.total))
    return best, True


def _find_obstacle(promotion: Promotion, eligible: Sequence[Eligible], chosen: ChosenPromotion) -> str:
    for other in eligible:
        if other.promotion.id in chosen and not promotion.combines(other.promotion):
            return f"it does not combine with {other.promotion.title or other.promotion.id}"
    return "it takes nothing off"


def _to_applied(promotion: Promotion, taking: ClaimedDiscount, ground: CartLayout) -> AppliedPromotion:
    parts = {ground.keys[position]: ground.to_money(minor) for position, minor in sorted(taking.taken.items()) if minor}
    claims = list_claims(promotion, ground.cart.buyer, taking.total)
    return AppliedPromotion(
        promotion, ground.to_money(taking.total), parts=parts, reductions=taking.reductions, claims=claims
    )
