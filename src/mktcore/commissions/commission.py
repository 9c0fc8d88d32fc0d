"""What was taken of a sale by one rule: an entry, frozen with all that it was made of."""

from datetime import datetime
from decimal import Decimal

import attrs

from mktcore.commissions.commission_rule import CommissionOn, Reversal
from mktcore.commissions.fee_tax import FeeTaxReason
from mktcore.commissions.fee_terms import FeeTerms
from mktcore.explain import Explanation
from mktcore.money import Money, Rounding

__all__ = ["Clamp", "Commission"]


@attrs.frozen
class Clamp:
    """A bound that changed an amount, in the order in which bounds are applied.

    Attributes:
        bound: `"floor"`, `"cap"` or `"proceeds"`.
        before: The amount that it met.
        after: The amount that it left.
    """

    bound: str
    before: Money
    after: Money


def _name_entry(entry: "Commission") -> str:
    return f"{entry.on}:{entry.line}:{entry.group}:{entry.rule}"


def _no_tax(entry: "Commission") -> Money:
    return Money.zero(entry.amount.currency)


@attrs.frozen
class Commission:
    """The commission of one rule on a line, a charge or a merchant order, frozen at placement.

    Attributes:
        line: Key of the line, or of the charge for freight; empty for an amount that is taken once of the order.
        rule: Id of the rule.
        group: The rule's group.
        base: What it was taken of.
        amount: What the marketplace takes, tax excluded; rounded as the rule says, within its bounds.
        reason: The terms, as a person reads them.
        on: What the rule is on.
        lines: Keys of the lines that it was taken of; they tell how far it is refunded. Empty for freight.
        merchant_order: Id of the merchant order; empty in what was calculated beside any order, or before 0.2.
        rule_version: The rule's version then.
        agreement: Id of the agreement that the rule was compiled from; empty for a rule of the marketplace.
        quantity: Pieces that it was taken of.
        terms: What the rule took, of tiers those that were reached; None before 0.2.
        sold_before: Where the volume decides, what the merchant had sold in the period before.
        clamps: The bounds that changed the amount, in order.
        tax: The tax on the marketplace's fee, beside the amount.
        tax_rate: Its rate, a fraction; zero where the merchant owes it, or nobody does.
        tax_reason: Why that much.
        reversal: What becomes of it when the sale is refunded.
        rounding: How it was rounded, and how its reversals are.
        at: When it was calculated, UTC; None before 0.2.
        id: Unique in its merchant order.
    """

    line: str
    rule: str
    group: str = attrs.field(kw_only=True)
    base: Money = attrs.field(kw_only=True)
    amount: Money = attrs.field(kw_only=True)
    reason: str = attrs.field(kw_only=True)
    on: CommissionOn = attrs.field(default=CommissionOn.ITEM, kw_only=True)
    lines: tuple[str, ...] = attrs.field(
        default=attrs.Factory(lambda entry: (entry.line,), takes_self=True), kw_only=True
    )
    merchant_order: str = attrs.field(default="", kw_only=True)
    rule_version: int = attrs.field(default=0, kw_only=True)
    agreement: str = attrs.field(default="", kw_only=True)
    quantity: int = attrs.field(default=1, kw_only=True)
    terms: FeeTerms | None = attrs.field(default=None, kw_only=True)
    sold_before: Money | None = attrs.field(default=None, kw_only=True)
    clamps: tuple[Clamp, ...] = attrs.field(default=(), kw_only=True)
    tax: Money = attrs.field(default=attrs.Factory(_no_tax, takes_self=True), kw_only=True)
    tax_rate: Decimal = attrs.field(default=Decimal(0), kw_only=True)
    tax_reason: FeeTaxReason = attrs.field(default=FeeTaxReason.NONE, kw_only=True)
    reversal: Reversal = attrs.field(default=Reversal.PROPORTIONAL, kw_only=True)
    rounding: Rounding = attrs.field(default=Rounding.HALF_UP, kw_only=True)
    at: datetime | None = attrs.field(default=None, kw_only=True)
    id: str = attrs.field(default=attrs.Factory(_name_entry, takes_self=True), kw_only=True)

    def explain(self) -> Explanation:
        """Say what was taken of what, by which rule, and which bounds and tax came to it."""
        what = f"{self.on} {self.line}" if self.on is CommissionOn.FREIGHT else f"line {self.line}"
        title = f"commission of {what if self.line else 'the order'}"
        parts = tuple(Explanation(f"{one.bound}", str(one.after), f"instead of {one.before}") for one in self.clamps)
        if self.tax_reason is not FeeTaxReason.NONE:
            parts += (Explanation("tax on the fee", str(self.tax), self.tax_reason.describe(self.tax_rate)),)
        return Explanation(title, str(self.amount), f"{self._name_rule()}: {self.reason}", parts)

    def _name_rule(self) -> str:
        return f"agreement {self.agreement}" if self.agreement else f"rule {self.rule}"
