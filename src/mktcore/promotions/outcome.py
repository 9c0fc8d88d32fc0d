"""What came of promotions: which were applied, what each took off, and why the others were not."""

from collections.abc import Mapping

import attrs

from mktcore.explain import Explanation
from mktcore.money import Money
from mktcore.promotions.promotion import Promotion
from mktcore.totals import Reduction

__all__ = ["NO_PROMOTIONS", "AppliedPromotion", "Claim", "PassedPromotion", "PromotionOutcome"]


@attrs.frozen
class Claim:
    """What an order takes of a promotion's limits, by guarded counter.

    Attributes:
        promotion: The promotion.
        counter: Name of the counter.
        amount: Orders, or minor units of money.
        limit: What the counter may hold at most.
    """

    promotion: str
    counter: str
    amount: int = attrs.field(kw_only=True)
    limit: int = attrs.field(kw_only=True)


@attrs.frozen
class AppliedPromotion:
    """A promotion that was applied.

    Attributes:
        promotion: The promotion.
        amount: What it took off in all.
        parts: What it took off each line or charge, by key; they sum to the amount.
        reductions: What the totals compute with, the cost bearer among it.
        claims: What it takes of its limits.
    """

    promotion: Promotion
    amount: Money
    parts: Mapping[str, Money] = attrs.field(hash=False, kw_only=True)
    reductions: tuple[Reduction, ...] = attrs.field(kw_only=True)
    claims: tuple[Claim, ...] = attrs.field(default=(), kw_only=True)

    def explain(self) -> Explanation:
        """Say what it took off, of what, and who bears it."""
        share = self.promotion.bearer_share
        bearer = "the marketplace" if not share else "the merchants"
        if 0 < share < 1:
            bearer += f" to {(share * 100).normalize():f} %"
        parts = tuple(Explanation(key, str(amount)) for key, amount in self.parts.items())
        title = f"promotion {self.promotion.title or self.promotion.id}"
        return Explanation(title, str(self.amount), f"borne by {bearer}", parts)


@attrs.frozen
class PassedPromotion:
    """A promotion that was not applied.

    Attributes:
        promotion: The promotion.
        reason: Why not.
        is_eligible: Whether the cart met its condition; a buyer is told of no other.
    """

    promotion: Promotion
    reason: str
    is_eligible: bool


@attrs.frozen
class PromotionOutcome:
    """What came of a cart's promotions.

    Attributes:
        applied: In the order in which they were applied.
        passed: The others, by id.
        is_complete: Whether the search for the best for the buyer looked at everything that could be better.
    """

    applied: tuple[AppliedPromotion, ...] = ()
    passed: tuple[PassedPromotion, ...] = ()
    is_complete: bool = True

    @property
    def reductions(self) -> tuple[Reduction, ...]:
        """What the totals compute with, in order."""
        return tuple(reduction for one in self.applied for reduction in one.reductions)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What an order takes of all limits, in the order of the counters' names."""
        # By name, as all who claim several do: two orders never wait for each other in a circle.
        return tuple(sorted((claim for one in self.applied for claim in one.claims), key=lambda claim: claim.counter))

    def for_buyer(self) -> "PromotionOutcome":
        """Return what a buyer may see: nothing of promotions it is not eligible for, and no conditions with codes."""
        applied = tuple(
            # Of those applied too: a condition that is met by one code may name others.
            attrs.evolve(one, promotion=attrs.evolve(one.promotion, condition=None))
            for one in self.applied
        )
        passed = tuple(
            attrs.evolve(one, promotion=attrs.evolve(one.promotion, condition=None))
            for one in self.passed
            if one.is_eligible
        )
        return PromotionOutcome(applied, passed, self.is_complete)

    def explain(self) -> Explanation:
        """Say what was applied, and why what the buyer could have had was not.

        Promotions whose condition does not hold are not named: a coupon code is its holder's secret.
        """
        passed = tuple(
            Explanation(f"promotion {one.promotion.title or one.promotion.id}", "", f"not applied: {one.reason}")
            for one in self.passed
            if one.is_eligible
        )
        return Explanation(
            "promotions", str(len(self.applied)), "", (*(one.explain() for one in self.applied), *passed)
        )


NO_PROMOTIONS = PromotionOutcome()
