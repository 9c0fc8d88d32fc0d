"""Which promotions apply to a cart, and what they take off. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

import attrs

from mktcore.errors import InvalidValue
from mktcore.money import Currency
from mktcore.promotions.cart_layout import CartLayout, Discount
from mktcore.promotions.discounts import Eligible, compute_discount
from mktcore.promotions.limits import find_budget, find_exhausted, list_claims
from mktcore.promotions.outcome import AppliedPromotion, PassedPromotion, PromotionOutcome
from mktcore.promotions.promotion import Promotion
from mktcore.promotions.promotion_currencies import list_currencies
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
    # In the order of priority, so that the first obstacle is told.
    taking = [chosen[one.promotion.id] for one in eligible if one.promotion.id in chosen]
    choosy = [one for one in taking if not one.promotion.combines_freely()]
    for one in eligible:
        if one.promotion.id not in chosen:
            reason = _find_obstacle(one.promotion, choosy if one.promotion.combines_freely() else taking)
            passed[one.promotion.id] = PassedPromotion(one.promotion, reason, is_eligible=True)
    applied = tuple(
        _to_applied(one.promotion, chosen[one.promotion.id].discount, layout)
        for one in eligible
        if one.promotion.id in chosen
    )
    return PromotionOutcome(applied, tuple(passed[key] for key in sorted(passed)), is_complete)


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


def _try(one: Eligible, before: Iterable[_Chosen], layout: CartLayout, left: list[int]) -> _Chosen | None:
    """Return what a promotion takes after others; None where they leave it no line."""
    barred = _find_barred(one.promotion, before)
    kept = None if barred is None else one.outside(barred)
    if barred is None or kept is None:
        return None
    return _Chosen(one.promotion, compute_discount(kept, layout, left), barred)


def _check_eligibility(promotion: Promotion, layout: CartLayout) -> Eligible | PassedPromotion:
    """Return the parts of the cart that a promotion applies to, or why it does not apply."""
    cart = layout.cart
    if not promotion.valid.contains(cart.at):
        return PassedPromotion(promotion, "it is not valid now", is_eligible=False)
    if list_currencies(promotion) - {layout.currency.code}:
        return PassedPromotion(promotion, f"it is not in {layout.currency.code}", is_eligible=False)
    condition = promotion.condition
    holding = [part for part in layout.list_parts(promotion) if condition is None or condition.holds(part)]
    if not holding:
        return PassedPromotion(promotion, "its condition does not hold", is_eligible=False)
    # After the condition: a buyer that it does not hold for is not told of the promotion at all.
    exhausted = find_exhausted(promotion, cart)
    if exhausted:
        return PassedPromotion(promotion, exhausted, is_eligible=True, is_exhausted=True)
    parts = [(part.lines, part.find(promotion.targets)) for part in holding]
    parts = [entry for entry in parts if entry[1]]
    if not parts:
        return PassedPromotion(promotion, "nothing in the cart is meant", is_eligible=False)
    cap, budget = promotion.caps.order, find_budget(promotion, cart)
    most = min([limit for limit in (None if cap is None else cap.minor, budget) if limit is not None], default=None)
    return Eligible(promotion, parts, most)


def _choose_by_priority(eligible: Sequence[Eligible], layout: CartLayout) -> Choice:
    chosen: dict[str, _Chosen] = {}
    choosy: list[_Chosen] = []
    left = list(layout.amounts)
    for one in eligible:
        is_free = one.promotion.combines_freely()
        found = _try(one, choosy if is_free else chosen.values(), layout, left=left)
        if found is not None and found.discount.total:
            chosen[one.promotion.id] = found
            # Most combine with all: only those that do not are asked by each that comes after.
            choosy += [] if is_free else [found]
            left = found.discount.left
    return chosen


@attrs.frozen(eq=False)
class _Branch:
    """A choice so far: the next promotion to decide on, what is left, what was chosen, what it took."""

    index: int = attrs.field(kw_only=True)
    left: list[int] = attrs.field(kw_only=True)
    chosen: Choice = attrs.field(kw_only=True)
    total: int = attrs.field(kw_only=True)


def _search_best_choice(eligible: Sequence[Eligible], layout: CartLayout, limit: int) -> tuple[Choice, bool]:
    """Return the choice that takes off the most, and whether nothing was left untried.

    Branch and bound, in the order of priority and taking first: the first choice it completes is the one by priority.
    A promotion takes no more after others than alone, so what those to come take alone bounds a branch.
    """
    best: Choice = _choose_by_priority(eligible, layout)
    best_total = sum(one.discount.total for one in best.values())
    clashes_later = _find_clashes([one.promotion for one in eligible])
    # Where all combine there is nothing to choose: the choice by priority has every promotion that takes something.
    if not any(clashes_later):
        return best, True
    # Rounding may give a promotion a minor unit more per line after others than alone.
    alone = [compute_discount(one, layout, list(layout.amounts)).total + len(layout.amounts) for one in eligible]
    to_come = [*accumulate(reversed(alone), initial=0)][::-1]
    tries = 0
    branches = [_Branch(index=0, left=list(layout.amounts), chosen={}, total=0)]
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
        found = _try(one, branch.chosen.values(), layout, left=branch.left)
        takes = found is not None and found.discount.total > 0
        # What clashes with none that come after bars none of them, so leaving it out can gain nothing.
        if not takes or clashes_later[branch.index]:
            branches.append(_Branch(index=after, left=branch.left, chosen=branch.chosen, total=branch.total))
        if found is not None and takes:
            chosen = {**branch.chosen, one.promotion.id: found}
            total = branch.total + found.discount.total
            branches.append(_Branch(index=after, left=found.discount.left, chosen=chosen, total=total))
    return best, True


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


def _to_applied(promotion: Promotion, discount: Discount, layout: CartLayout) -> AppliedPromotion:
    parts = {
        layout.keys[position]: layout.to_money(minor) for position, minor in sorted(discount.taken.items()) if minor
    }
    claims = list_claims(promotion, layout.cart.buyer, discount.total)
    return AppliedPromotion(
        promotion, layout.to_money(discount.total), parts=parts, reductions=discount.reductions, claims=claims
    )
