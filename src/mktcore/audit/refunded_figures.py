"""Whether what an order says was canceled and refunded is what its money comes to (invariant I1). Pure."""

from collections.abc import Iterator

from mktcore.notice import Notice
from mktcore.orders import Order, OrderProcesses
from mktcore.orders.order_figures import state_figures
from mktcore.orders.order_money import count_pieces, open_funds
from mktcore.postings import OrderFunds
from mktcore.totals.figures import Figures

__all__ = ["check_outside_figures", "compare_figures"]

_FIGURES = (
    "discount_total",
    "canceled_total",
    "canceled_tax_total",
    "refund_total",
    "refund_tax_total",
    "tax_total",
    "grand_total",
)


def compare_figures(order: Order, funds: OrderFunds) -> Iterator[Notice]:
    """Yield a finding for each figure of an order that is not what its money comes to.

    Args:
        order: The order.
        funds: Its money, as its history comes to.
    """
    due = dict(_list_figures(state_figures(order, funds)))
    for where, told in _list_figures(order):
        for figure in _FIGURES if told.undone != due[where].undone else ():
            known, expected = getattr(told, figure), getattr(due[where], figure)
            if known != expected:
                yield Notice("I1", f"{where}.{figure}", f"it is {known}, and its history comes to {expected}")
        stated, due_stated = told.undone.tax_on_top, due[where].undone.tax_on_top
        if stated != due_stated:
            yield Notice("I1", f"{where}.tax_on_top", f"it is {stated}, and its history comes to {due_stated}")


def check_outside_figures(order: Order, funds: OrderFunds | None, processes: OrderProcesses) -> Iterator[Notice]:
    """Yield a finding for each figure of an order outside of the ledger that is not what is kept of its money.

    An order of release 0.1.0 has a record of its money from the first step on that moves any, or from its migration.
    """
    placed = open_funds(order)
    yield from compare_figures(order, funds or placed)
    if funds is None:
        return
    states = order.marketplace_order.fulfilment.states()
    counts = count_pieces(processes.find_whole(order, states), states)
    for pool, opened in zip(funds.pools, placed.pools, strict=True):
        told = (pool.open.pieces, pool.canceled.pieces + pool.refunded.pieces)
        known = counts.get(pool.key)
        if (pool.key, pool.whole) != (opened.key, opened.whole) or (
            known is not None and told != (known.open, known.canceled)
        ):
            yield Notice("I4", f"{order.id}.{pool.key}", "the record of its money is not of its pieces")


def _list_figures(order: Order) -> Iterator[tuple[str, Figures]]:
    whole = order.marketplace_order
    yield whole.id, whole.totals
    for entry in whole.expenses:
        yield f"{whole.id}.expenses.{entry.expense.key}", entry.totals
    for part in order.merchant_orders:
        yield part.id, part.totals
        for line in part.lines:
            yield f"{part.id}.lines.{line.key}", line.totals
        for entry in part.expenses:
            yield f"{part.id}.expenses.{entry.expense.key}", entry.totals
