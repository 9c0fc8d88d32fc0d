"""The totals of a placed order, frozen: five amounts at every level."""

from decimal import Decimal
from typing import Protocol

import attrs

from mktcore.money import Money

__all__ = ["Figures", "FiveTotals", "TaxFigure"]


class FiveTotals(Protocol):
    """What the totals offer at every level."""

    @property
    def subtotal(self) -> Money: ...  # noqa: D102 - named in the glossary
    @property
    def discount_total(self) -> Money: ...  # noqa: D102
    @property
    def expense_total(self) -> Money: ...  # noqa: D102
    @property
    def tax_total(self) -> Money: ...  # noqa: D102
    @property
    def grand_total(self) -> Money: ...  # noqa: D102


@attrs.frozen
class TaxFigure:
    """What one tax at one rate amounts to."""

    name: str
    rate: Decimal
    amount: Money


@attrs.frozen
class Figures:
    """The five totals of a line, an expense, a merchant order or a marketplace order, as they were at placement.

    Attributes:
        subtotal: Lines before reductions.
        discount_total: Reductions of lines and expenses, as a positive amount.
        expense_total: Expenses before reductions.
        tax_total: Tax of lines and expenses, after reductions.
        grand_total: What is paid. Prices with tax: subtotal - discount + expense; without: the same + tax.
    """

    subtotal: Money
    discount_total: Money
    expense_total: Money
    tax_total: Money
    grand_total: Money

    @classmethod
    def of(cls, totals: FiveTotals) -> "Figures":
        """Freeze computed totals."""
        return cls(
            totals.subtotal, totals.discount_total, totals.expense_total, totals.tax_total, totals.grand_total
        )
