"""An order's figures as they were placed, computed anew from the inputs that it keeps. Pure."""

from collections.abc import Sequence
from typing import Protocol

from mktcore.market_policy import MarketPolicy
from mktcore.orders.order_line import OrderExpense, OrderLine
from mktcore.totals import Line, OrderTotals, PartTotals, Reduction, Totals, compute_totals
from mktcore.totals.check_inputs import CASH_ROUNDING

__all__ = ["FiguredOrder", "FiguredPart", "recompute_totals"]


class FiguredPart(Protocol):
    """What of a merchant order has figures."""

    @property
    def merchant(self) -> str:
        """Whose it is."""

    @property
    def lines(self) -> tuple[OrderLine, ...]:
        """Its lines."""

    @property
    def expenses(self) -> tuple[OrderExpense, ...]:
        """Its charges."""

    @property
    def totals(self) -> PartTotals:
        """Their sum."""


class FiguredOrder(Protocol):
    """What of a marketplace order has figures."""

    @property
    def policy(self) -> MarketPolicy:
        """How its prices are stated and rounded."""

    @property
    def reductions(self) -> tuple[Reduction, ...]:
        """The reductions that were applied."""

    @property
    def expenses(self) -> tuple[OrderExpense, ...]:
        """The marketplace's own charges."""

    @property
    def totals(self) -> OrderTotals:
        """The sum of its parts and of these."""


def recompute_totals(whole: FiguredOrder, parts: Sequence[FiguredPart]) -> Totals:
    """Compute an order's totals anew from the inputs it keeps, as they were placed.

    Args:
        whole: The marketplace order.
        parts: All of its merchant orders.

    Raises:
        InvalidTotals: They cannot have been the inputs of an order.
    """
    lines = [
        Line(
            line.key,
            part.merchant,
            line.unit_price,
            quantity=line.quantity,
            tax_rates=line.tax_rates,
            per=line.per,
            options=line.options,
        )
        for part in parts
        for line in part.lines
    ]
    kept = [*(entry for part in parts for entry in part.expenses), *whole.expenses]
    policy = whole.policy
    # What rounding to coins made is kept like a charge, and comes of the computation.
    rounds_cash = policy.profile.cash_increment is not None
    return compute_totals(
        lines,
        whole.reductions,
        [entry.expense for entry in kept if not (rounds_cash and entry.expense.key == CASH_ROUNDING)],
        prices_include_tax=policy.prices_include_tax,
        profile=policy.profile,
        currency=policy.currency,
    )
