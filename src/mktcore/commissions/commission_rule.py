"""Commission rules: what the marketplace takes of which sales."""

from collections.abc import Iterator
from enum import StrEnum

import attrs

from mktcore.access import Permission
from mktcore.commissions.fee_terms import CommissionBase, FeeTerms, Fixed, Per, Percentage, TierBy, Tiers
from mktcore.commissions.sale_filter import ANY_SALE, SaleFilter
from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.money import Currency, CurrencyMismatch, Money, Rounding
from mktcore.periods import ALWAYS, Period
from mktcore.persistence import Kind
from mktcore.persistence.text_column import text_column

__all__ = ["COMMISSION_RULES", "CommissionOn", "CommissionRule", "Reversal"]


class CommissionOn(StrEnum):
    """What a rule takes its commission of."""

    ITEM = "item"
    """Each line."""
    FREIGHT = "freight"
    """Each charge of the merchant beside its lines."""
    ORDER = "order"
    """Those of a merchant's lines in an order that the rule is for, together."""


class Reversal(StrEnum):
    """What becomes of a commission when the sale is refunded."""

    PROPORTIONAL = "proportional"
    """It is given back as far as the sale is refunded."""
    KEEP = "keep"
    """The marketplace keeps it."""


@attrs.frozen
class CommissionRule:
    """Takes commission of what it matches. In each group a sale takes its first match; groups add up.

    Attributes:
        id: Its id, frozen on the order line with the commission.
        terms: What it takes.
        group: Rules of one group exclude each other.
        priority: Inside a group, the higher is asked first; then the lesser id.
        merchant: Only sales of this merchant; None for every merchant.
        category: Only goods of this category and those below it; None for every category.
        where: Which sales beside; all of them by default.
        on: What it is taken of.
        valid: When it applies, by the time of placement.
        base: What a percentage is taken of.
        floor: The least that is taken, for each of `bounds_per`; a rule with one does not match another currency.
        cap: The most that is taken, likewise.
        bounds_per: What floor and cap are for; a line is what one entry is taken of, so also a charge, or the whole.
        rounding: How the amount is rounded to minor units.
        reversal: What becomes of it when the sale is refunded.
        is_active: Whether it is asked at all.
        version: How often it was stored.
        agreement: Id of the agreement that it was compiled from; empty for a rule of the marketplace. Among those of
            its group it is asked first: what is signed is charged.
    """

    id: str
    terms: FeeTerms
    group: str = attrs.field(default="sale", kw_only=True)
    priority: int = attrs.field(default=0, kw_only=True)
    merchant: str | None = attrs.field(default=None, kw_only=True)
    category: str | None = attrs.field(default=None, kw_only=True)
    where: SaleFilter = attrs.field(default=ANY_SALE, kw_only=True)
    on: CommissionOn = attrs.field(default=CommissionOn.ITEM, kw_only=True)
    valid: Period = attrs.field(default=ALWAYS, kw_only=True)
    base: CommissionBase = attrs.field(default=CommissionBase.NET, kw_only=True)
    floor: Money | None = attrs.field(default=None, kw_only=True)
    cap: Money | None = attrs.field(default=None, kw_only=True)
    bounds_per: Per = attrs.field(default=Per.LINE, kw_only=True)
    rounding: Rounding = attrs.field(default=Rounding.HALF_UP, kw_only=True)
    reversal: Reversal = attrs.field(default=Reversal.PROPORTIONAL, kw_only=True)
    is_active: bool = attrs.field(default=True, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)
    agreement: str = attrs.field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("commission rule", self.id)
        if not isinstance(self.terms, (Percentage, Fixed, Tiers)):
            raise InvalidValue("CommissionRule", "terms", self.terms, "a Percentage, a Fixed or Tiers")
        if type(self.priority) is not int:
            raise InvalidValue("CommissionRule", "priority", self.priority, "a whole number")
        if not isinstance(self.rounding, Rounding):
            raise InvalidValue("CommissionRule", "rounding", self.rounding, "a Rounding, such as Rounding.HALF_UP")
        self._check_bounds()

    def _check_bounds(self) -> None:
        for field, bound in (("floor", self.floor), ("cap", self.cap)):
            if bound is not None and bound.is_negative():
                raise InvalidValue("CommissionRule", field, str(bound), "zero or more")
        if self.floor is None or self.cap is None:
            return
        if self.floor.currency != self.cap.currency:
            raise CurrencyMismatch(self.floor.currency.code, self.cap.currency.code)
        if self.floor > self.cap:
            raise InvalidValue("CommissionRule", "floor", str(self.floor), f"at most the cap of {self.cap}")

    def knows(self, currency: Currency) -> bool:
        """Tell whether it says what to take in a currency: its amounts, tiers and bounds are all of it."""
        terms = self.terms
        if self.floor is not None and self.floor.currency != currency:
            return False
        if self.cap is not None and self.cap.currency != currency:
            return False
        if isinstance(terms, Fixed):
            return terms.find(currency) is not None
        return not isinstance(terms, Tiers) or terms.currency == currency

    def list_foreign(self, currency: Currency) -> Iterator[Money]:
        """Yield the amounts for which it could never match in a market of a currency: none of them is in it.

        A fixed fee may be told in other currencies beside, of which each market takes its own.
        """
        terms = self.terms
        amounts = [amount for amount in (self.floor, self.cap, *self.where.list_amounts()) if amount is not None]
        if isinstance(terms, Fixed) and terms.find(currency) is None:
            amounts.append(terms.amount)
        if isinstance(terms, Tiers):
            amounts += [tier.start for tier in terms.tiers]
        yield from (amount for amount in amounts if amount.currency != currency)

    def counts_volume(self) -> bool:
        """Tell whether what the merchant sold before decides how much is taken."""
        return isinstance(self.terms, Tiers) and self.terms.by is TierBy.VOLUME


COMMISSION_RULES = Kind(
    "commission_rule",
    CommissionRule,
    columns={
        "merchant": lambda rule: rule.merchant,
        "category": text_column("category"),
        "group": text_column("group"),
        "state": lambda rule: "active" if rule.is_active else "archived",
    },
    together=(("merchant", "state"), ("category", "state"), ("group", "state"), ("merchant", "category")),
    reads=Permission.FINANCE,
)
