"""Commission rules: what the marketplace takes of which sales."""

from decimal import Decimal
from enum import StrEnum

import attrs

from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.money import Money
from mktcore.periods import ALWAYS, Period
from mktcore.persistence import Kind

__all__ = ["COMMISSION_RULES", "CommissionBase", "CommissionRule", "Fixed", "Percentage"]


class CommissionBase(StrEnum):
    """Which amount of a line a percentage is taken of."""

    NET = "net"
    """The line after the reductions its merchant bears, tax excluded."""
    GROSS = "gross"
    """What the buyer pays for the line: after all reductions, tax included."""


@attrs.frozen
class Percentage:
    """A fraction of the base: `Decimal("0.12")` takes 12 %."""

    rate: Decimal

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.rate, Decimal) or not self.rate.is_finite() or not 0 <= self.rate <= 1:
            raise InvalidValue("Percentage", "rate", self.rate, "a fraction from 0 to 1, such as Decimal('0.12')")

    def __str__(self) -> str:
        return f"{(self.rate * 100).normalize():f} %"


@attrs.frozen
class Fixed:
    """An amount for each piece sold, whatever it sold for: also of a piece that a reduction made free."""

    amount: Money

    def __attrs_post_init__(self) -> None:
        if self.amount.is_negative():
            raise InvalidValue("Fixed", "amount", self.amount, "zero or more")

    def __str__(self) -> str:
        return f"{self.amount} a piece"


@attrs.frozen
class CommissionRule:
    """Takes commission of the lines it matches. In each group a line takes its first match; groups add up.

    Attributes:
        id: Its id, frozen on the order line with the commission.
        terms: What it takes.
        group: Rules of one group exclude each other.
        priority: Inside a group, the higher is asked first; then the lesser id.
        merchant: Only lines of this merchant; None for every merchant.
        category: Only SKUs of this category; None for every category.
        valid: When it applies, by the time of placement.
        base: What a percentage is taken of.
        version: How often it was stored.
    """

    id: str
    terms: Percentage | Fixed
    group: str = attrs.field(default="sale", kw_only=True)
    priority: int = attrs.field(default=0, kw_only=True)
    merchant: str | None = attrs.field(default=None, kw_only=True)
    category: str | None = attrs.field(default=None, kw_only=True)
    valid: Period = attrs.field(default=ALWAYS, kw_only=True)
    base: CommissionBase = attrs.field(default=CommissionBase.NET, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("commission rule", self.id)
        if not isinstance(self.terms, (Percentage, Fixed)):
            raise InvalidValue("CommissionRule", "terms", self.terms, "a Percentage or a Fixed")


COMMISSION_RULES = Kind("commission_rule", CommissionRule, columns={"merchant": lambda rule: rule.merchant})
