"""What came of promotions: which were applied, what each took off, and why the others were not."""

from collections.abc import Mapping

import attrs

from mktcore.errors import Hidden
from mktcore.explain import Explanation
from mktcore.money import Money
from mktcore.periods import Period
from mktcore.promotions.effects import Effect
from mktcore.promotions.gift_grounds import GiftGround
from mktcore.promotions.promotion import Promotion
from mktcore.totals import Reduction

__all__ = ["NO_PROMOTIONS", "AppliedPromotion", "Claim", "PassedPromotion", "PromotionOutcome", "ShownPromotion"]


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
class ShownPromotion:
    """A promotion as a buyer is told of it: not its condition, which may name codes, its caps and limits, its bearer.

    Attributes:
        id: Its id.
        title: As buyers see it.
        effect: What it does.
        owner: The merchant whose promotion it is; None for the operator's.
        valid: When it applies.
    """

    id: str
    title: str
    effect: Effect
    owner: str | None
    valid: Period

    @classmethod
    def of(cls, promotion: "Promotion | ShownPromotion") -> "ShownPromotion":
        """Return what a buyer is told of it."""
        return cls(promotion.id, promotion.title, effect=promotion.effect, owner=promotion.owner, valid=promotion.valid)


@attrs.frozen
class AppliedPromotion:
    """A promotion that was applied.

    Attributes:
        promotion: The promotion; in a buyer's view, what it is told of it.
        amount: What it took off in all.
        parts: What it took off each line or charge, by key; they sum to the amount.
        reductions: What the totals compute with, the cost bearer among it unless it is a buyer's view.
        claims: What it takes of its limits; None in a buyer's view.
        grounds: What a gift rests on; none for other promotions, and for a gift that is kept.
    """

    promotion: Promotion | ShownPromotion
    amount: Money
    parts: Mapping[str, Money] = attrs.field(hash=False, kw_only=True)
    reductions: tuple[Reduction, ...] = attrs.field(kw_only=True)
    claims: tuple[Claim, ...] | None = attrs.field(default=(), kw_only=True)
    grounds: tuple[GiftGround, ...] = attrs.field(default=(), kw_only=True)

    def for_buyer(self) -> "AppliedPromotion":
        """Return what a buyer may see: what it took off, and neither its limits nor who bears it."""
        reductions = tuple(attrs.evolve(one, merchant_share=None) for one in self.reductions)
        return attrs.evolve(self, promotion=ShownPromotion.of(self.promotion), reductions=reductions, claims=None)

    def explain(self) -> Explanation:
        """Say what it took off, of what, and who bears it where that is told."""
        parts = tuple(Explanation(key, str(amount)) for key, amount in self.parts.items())
        title = f"promotion {self.promotion.title or self.promotion.id}"
        return Explanation(title, str(self.amount), self._describe_bearer(), parts)

    def _describe_bearer(self) -> str:
        if isinstance(self.promotion, ShownPromotion):
            return ""
        share = self.promotion.bearer_share
        bearer = "the marketplace" if not share else "the merchants"
        if 0 < share < 1:
            bearer += f" to {(share * 100).normalize():f} %"
        return f"borne by {bearer}"


@attrs.frozen
class PassedPromotion:
    """A promotion that was not applied.

    Attributes:
        promotion: The promotion; in a buyer's view, what it is told of it.
        reason: Why not.
        is_eligible: Whether the cart met its condition; a buyer is told of no other.
        is_exhausted: Whether its limits leave nothing; a buyer is not told which, nor how high they are.
    """

    promotion: Promotion | ShownPromotion
    reason: str
    is_eligible: bool
    is_exhausted: bool = attrs.field(default=False, kw_only=True)

    def for_buyer(self) -> "PassedPromotion":
        """Return what a buyer may see."""
        reason = "it is used up" if self.is_exhausted else self.reason
        return attrs.evolve(self, promotion=ShownPromotion.of(self.promotion), reason=reason)


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
        """What an order takes of all limits, in the order of the counters' names.

        Raises:
            Hidden: It is a buyer's view.
        """
        claims: list[Claim] = []
        for one in self.applied:
            if one.claims is None:
                raise Hidden("claims")
            claims += one.claims
        # By name, as all who claim several do: two orders never wait for each other in a circle.
        return tuple(sorted(claims, key=lambda claim: claim.counter))

    def for_buyer(self) -> "PromotionOutcome":
        """Return what a buyer may see: nothing of promotions it is not eligible for, and of the others what they do."""
        # Of those applied no condition either: one that is met by one code may name others.
        applied = tuple(one.for_buyer() for one in self.applied)
        passed = tuple(one.for_buyer() for one in self.passed if one.is_eligible)
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
