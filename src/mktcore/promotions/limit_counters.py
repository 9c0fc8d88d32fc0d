"""Limits and budgets: what is left of them, and what an order claims."""

from collections.abc import Sequence
from hashlib import sha256

from mktcore.persistence.counters import Counters
from mktcore.promotions.outcome import Claim, ShownPromotion
from mktcore.promotions.promotion import Promotion
from mktcore.promotions.promotion_lines import PromotionCart
from mktcore.promotions.taken_codes import list_taken_codes

__all__ = [
    "claim_all",
    "find_budget",
    "find_exhausted",
    "list_claims",
    "list_counters",
    "release_all",
    "to_budget_counter",
]


def list_counters(promotion: Promotion, buyer: str, taken: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the names of the counters that a promotion's limits are kept in; `taken` are the codes that it takes.

    >>> from decimal import Decimal
    >>> from mktcore.promotions.promotion import Limits
    >>> from mktcore.promotions.effects import PercentOff
    >>> promotion = Promotion("SUMMER", PercentOff(Decimal("0.1")), limits=Limits(uses=100, per_buyer=1))
    >>> list_counters(promotion, "buyer-1")
    ('promotion/SUMMER/uses', 'promotion/SUMMER/buyer/buyer-1')
    """
    limits = promotion.limits
    named = (
        (_to_uses(promotion), limits.uses),
        (_to_per_buyer(promotion, buyer), limits.per_buyer),
        (to_budget_counter(promotion), limits.budget),
    )
    codes = () if limits.per_code is None else tuple([_to_per_code(promotion, code) for code in taken])
    return (*(name for name, limit in named if limit is not None), *codes)


def _to_uses(promotion: Promotion) -> str:
    return f"promotion/{promotion.id}/uses"


def _to_per_buyer(promotion: Promotion, buyer: str) -> str:
    return f"promotion/{promotion.id}/buyer/{buyer}"


def _to_per_code(promotion: Promotion, folded: str) -> str:
    # A digest: a code may be longer than a counter's name, and a name in a log is nobody's secret.
    return f"promotion/{promotion.id}/code/{sha256(folded.encode()).hexdigest()[:32]}"


def _find_usable(promotion: Promotion, cart: PromotionCart) -> tuple[bool, str | None]:
    """Return whether the cart has codes that the promotion takes, and the counter of the first that is not used up."""
    limit, taken = promotion.limits.per_code or 0, list_taken_codes(promotion, cart.codes, cart.pooled)
    names = [_to_per_code(promotion, code) for code in taken]
    return bool(names), next((name for name in names if cart.claimed.get(name, 0) < limit), None)


def to_budget_counter(promotion: Promotion | ShownPromotion) -> str:
    """Return the name of the counter that a promotion's budget is kept in."""
    return f"promotion/{promotion.id}/budget"


def find_exhausted(promotion: Promotion, cart: PromotionCart) -> str:
    """Say which limit leaves nothing for this cart; empty when none does."""
    limits, claimed = promotion.limits, cart.claimed
    if limits.uses is not None and claimed.get(_to_uses(promotion), 0) >= limits.uses:
        return f"all {limits.uses} uses are taken"
    if limits.per_buyer is not None and claimed.get(_to_per_buyer(promotion, cart.buyer), 0) >= limits.per_buyer:
        return f"this buyer's {limits.per_buyer} uses are taken"
    if limits.per_code is not None and _find_usable(promotion, cart) == (True, None):
        return f"the {limits.per_code} uses of its code are taken"
    if find_budget(promotion, cart) == 0:
        return "its budget is spent"
    return ""


def find_budget(promotion: Promotion, cart: PromotionCart) -> int | None:
    """Return what is left of its budget, in minor units; None when it has none."""
    budget = promotion.limits.budget
    # Never below zero: an operator may lower a budget to less than was spent of it.
    return None if budget is None else max(0, budget.minor - cart.claimed.get(to_budget_counter(promotion), 0))


def list_claims(promotion: Promotion, cart: PromotionCart, minor: int) -> tuple[Claim, ...]:
    """Return what an order claims of a promotion's limits when it took so many minor units off."""
    limits, claims = promotion.limits, []
    if limits.uses is not None:
        claims.append(Claim(promotion.id, _to_uses(promotion), amount=1, limit=limits.uses))
    if limits.per_buyer is not None:
        claims.append(Claim(promotion.id, _to_per_buyer(promotion, cart.buyer), amount=1, limit=limits.per_buyer))
    if limits.per_code is not None:
        _, counter = _find_usable(promotion, cart)
        if counter is not None:
            claims.append(Claim(promotion.id, counter, amount=1, limit=limits.per_code))
    if limits.budget is not None:
        claims.append(Claim(promotion.id, to_budget_counter(promotion), amount=minor, limit=limits.budget.minor))
    return tuple(claims)


def claim_all(counters: Counters, claims: Sequence[Claim]) -> Claim | None:
    """Claim all, or none of them: return the first that was refused after giving back those before it.

    The guard is in the write, so that a limit holds however many orders are placed at once.

    Args:
        counters: Of the unit that places the order; claims vanish with it when it is not committed.
        claims: In one order for all callers, such as that of the counters' names, so that they never wait in a circle.
    """
    for position, claim in enumerate(claims):
        # What was claimed in this unit is given back by hand: the refusal is an answer, and is committed.
        if not counters.claim(claim.counter, claim.amount, claim.limit):
            release_all(counters, claims[:position])
            return claim
    return None


def release_all(counters: Counters, claims: Sequence[Claim]) -> None:
    """Give back what was claimed."""
    for claim in claims:
        counters.release(claim.counter, claim.amount)
