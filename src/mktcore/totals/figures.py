"""Totals at one level, as frozen values: ints inside, `Money` on access."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Self

import attrs

from mktcore.errors import Hidden
from mktcore.money import Currency, Money
from mktcore.totals.inputs import TaxTreatment
from mktcore.totals.undone import NOTHING_UNDONE, Undone

__all__ = ["ExpenseTotals", "Figures", "LineTotals", "OrderTotals", "PartTotals", "TaxAmount", "UnitPart"]


@attrs.frozen
class TaxAmount:
    """One tax at one level.

    Attributes:
        name: The tax.
        rate: Its rate, a fraction.
        treatment: Charged (at rate 0: zero-rated), exempt, or reverse-charged.
        base: What it is charged on, tax excluded.
        tax: What is charged; zero for an exempt or reverse-charged base.
    """

    name: str
    rate: Decimal
    treatment: TaxTreatment
    base: Money
    tax: Money


@attrs.frozen
class UnitPart:
    """How many units of a line have this amount each."""

    amount: Money
    units: int


@attrs.frozen
class Figures:
    """The totals of one level: a line, an expense, a merchant's part, the marketplace's own part, or the order.

    With tax included in prices, grand = subtotal - discount + expense - canceled, and the tax is contained in it; with
    tax excluded it is the same plus the tax. Every figure of a level is the sum of the figures of its parts.

    What is canceled lowers grand and tax, what is refunded lowers nothing; each is told beside its own tax. A discount
    that what is left no longer earns is discount no more. Subtotal, expenses, and what there is by reduction, by tax
    and by bearer, stay as they were placed.

    Attributes:
        currency: Of every amount.
        subtotal_minor: Lines before reductions, in minor units.
        discount_minor: What reductions took off lines and expenses; zero or more.
        expense_minor: Expenses before reductions.
        tax_minor: The taxes charged, as placed.
        grand_minor: What the buyer pays, as placed.
        merchant_borne_minor: Of the discount, what the merchants bear; the marketplace bears the rest. None in the view
            of a buyer, who is not told who bears what.
        merchant_net_minor: Net of tax, before the reductions that the marketplace bears; None as above.
        reduction_minors: What each reduction took off, by its key, in order; reductions that do not look here left out.
        tax_amounts: Each tax, with its base.
        undone: What was canceled and refunded since, and what of the discount lapsed.
    """

    currency: Currency
    subtotal_minor: int
    discount_minor: int
    expense_minor: int
    tax_minor: int
    grand_minor: int
    merchant_borne_minor: int | None
    merchant_net_minor: int | None
    reduction_minors: tuple[tuple[str, int], ...]
    tax_amounts: tuple[TaxAmount, ...]
    # Left out of documents where nothing was: nearly all levels of nearly all orders stay as they were placed.
    undone: Undone = attrs.field(default=NOTHING_UNDONE, kw_only=True, metadata={"omitted": True})

    @property
    def subtotal(self) -> Money:
        """Lines before reductions."""
        return Money.from_minor(self.subtotal_minor, self.currency)

    @property
    def discount_total(self) -> Money:
        """What reductions take off lines and expenses, without what lapsed; zero or more."""
        return Money.from_minor(self.discount_minor - self.undone.raised_minor, self.currency)

    @property
    def expense_total(self) -> Money:
        """Expenses before reductions."""
        return Money.from_minor(self.expense_minor, self.currency)

    @property
    def tax_total(self) -> Money:
        """The taxes charged, contained in the grand total: without those of what was canceled."""
        undone = self.undone
        return Money.from_minor(self.tax_minor - undone.canceled_tax_minor + undone.raised_tax_minor, self.currency)

    @property
    def grand_total(self) -> Money:
        """What the buyer pays, tax contained: without what was canceled."""
        return Money.from_minor(self.grand_minor - self.undone.lowered_minor, self.currency)

    @property
    def canceled_total(self) -> Money:
        """What was canceled, stated as the prices are."""
        return Money.from_minor(self.undone.canceled_minor, self.currency)

    @property
    def canceled_tax_total(self) -> Money:
        """The tax of what was canceled."""
        return Money.from_minor(self.undone.canceled_tax_minor, self.currency)

    @property
    def refund_total(self) -> Money:
        """What was given back of what had been earned, stated as the prices are; it lowers no other figure."""
        return Money.from_minor(self.undone.refund_minor, self.currency)

    @property
    def refund_tax_total(self) -> Money:
        """The tax of what was given back."""
        return Money.from_minor(self.undone.refund_tax_minor, self.currency)

    @property
    def gross(self) -> Money:
        """The grand total, by its name in tax."""
        return self.grand_total

    @property
    def net(self) -> Money:
        """The grand total less the tax in it."""
        return self.grand_total - self.tax_total

    @property
    def merchant_borne(self) -> Money:
        """Of the discount, what the merchants bear.

        Raises:
            Hidden: It is a buyer's view; so do the two below.
        """
        return self._show("merchant_borne", self.merchant_borne_minor)

    @property
    def marketplace_borne(self) -> Money:
        """Of the discount as it was placed, what the marketplace bears."""
        placed = Money.from_minor(self.discount_minor, self.currency)
        return placed - self._show("marketplace_borne", self.merchant_borne_minor)

    @property
    def merchant_net(self) -> Money:
        """What it is worth to its merchant: tax excluded, after the reductions that merchants bear and no others."""
        return self._show("merchant_net", self.merchant_net_minor)

    def as_placed(self) -> Self:
        """Return the figures as they were placed, before anything was canceled or refunded."""
        return self if self.undone == NOTHING_UNDONE else attrs.evolve(self, undone=NOTHING_UNDONE)

    def without_bearers(self) -> Self:
        """Return the figures as a buyer is shown them: not who bears what of the discount."""
        return attrs.evolve(self, merchant_borne_minor=None, merchant_net_minor=None)

    def _show(self, what: str, minor: int | None) -> Money:
        # Refused and not zero: who may not see a figure must not read one.
        if minor is None:
            raise Hidden(what)
        return Money.from_minor(minor, self.currency)

    @property
    def taxes(self) -> Mapping[tuple[str, Decimal], Money]:
        """The charged taxes by (name, rate); a zero-rated one is there with zero, an exempt one is not."""
        standard = [tax for tax in self.tax_amounts if tax.treatment is TaxTreatment.STANDARD]
        return MappingProxyType({(tax.name, tax.rate): tax.tax for tax in standard})

    @property
    def reductions(self) -> Mapping[str, Money]:
        """What each reduction took off here, by its key."""
        return MappingProxyType({key: Money.from_minor(minor, self.currency) for key, minor in self.reduction_minors})


@attrs.frozen
class LineTotals(Figures):
    """The totals of one line.

    Attributes:
        key: The line.
        merchant: Who sells it.
        quantity: How many units.
    """

    key: str
    merchant: str
    quantity: int

    def units(self, figure: str = "grand_total") -> tuple[UnitPart, ...]:
        """Return a figure unit by unit, as at most two amounts that differ by one minor unit; they sum to it.

        Args:
            figure: Name of an amount of this line: `"subtotal"`, `"discount_total"`, `"tax_total"`, `"net"`, ...
        """
        total: Money = getattr(self, figure)
        if not self.quantity:
            return ()
        # Without its sign: dividing a negative amount would round away from zero.
        low, higher = divmod(abs(total.minor), self.quantity)
        sign = -1 if total.is_negative() else 1
        parts = ((low + 1, higher), (low, self.quantity - higher))
        return tuple(
            [UnitPart(Money.from_minor(sign * minor, self.currency), units) for minor, units in parts if units]
        )


@attrs.frozen
class ExpenseTotals(Figures):
    """The totals of one expense.

    Attributes:
        key: The expense.
        merchant: Whose it is; None for the marketplace's own.
    """

    key: str
    merchant: str | None


@attrs.frozen
class PartTotals(Figures):
    """The totals of a merchant's part of the order, or of the marketplace's own.

    Attributes:
        merchant: The merchant; None for the marketplace's own part, which has expenses only.
        line_keys: Its lines.
        expense_keys: Its expenses.
    """

    merchant: str | None
    line_keys: tuple[str, ...]
    expense_keys: tuple[str, ...]


@attrs.frozen
class OrderTotals(Figures):
    """The totals of the whole order: the sum of its merchants' parts and the marketplace's own."""
