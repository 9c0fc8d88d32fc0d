"""The figures of an order follow its money: what of each line and charge was canceled and refunded. Pure."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import attrs

from mktcore.orders.order import MarketplaceOrder, MerchantOrder, Order
from mktcore.orders.order_line import OrderExpense, OrderLine
from mktcore.postings import OrderFunds, Pool, to_charge_key
from mktcore.totals.figures import Figures
from mktcore.totals.undone import NOTHING_UNDONE, Undone

__all__ = ["state_figures"]

F = TypeVar("F", bound=Figures)
E = TypeVar("E", OrderLine, OrderExpense)


def state_figures(order: Order, funds: OrderFunds) -> Order:
    """Return an order with what its money says was canceled and refunded, at every level.

    Lines and charges are told by their pools, and every level above is the sum of its parts (invariant I1).

    Args:
        order: The order, with figures of any time: those that it was placed at are never changed.
        funds: Its money as it is now.
    """
    on_top = not order.marketplace_order.policy.prices_include_tax
    undone = {pool.key: _find_undone(pool, on_top) for pool in funds.pools}
    parts = tuple(_state_part(part, undone) for part in order.merchant_orders)
    return Order(_state_whole(order.marketplace_order, parts, undone), parts)


def _find_undone(pool: Pool, on_top: bool) -> Undone:
    canceled, refunded = pool.list_back()
    if not canceled.paid and not refunded.paid:
        return NOTHING_UNDONE
    back = [(portion.paid, portion.charged_tax) for portion in (canceled, refunded)]
    return Undone.of(*back, tax_on_top=on_top)


def _state_part(part: MerchantOrder, undone: Mapping[str, Undone]) -> MerchantOrder:
    lines = tuple(_state(line, undone.get(line.key, NOTHING_UNDONE)) for line in part.lines)
    expenses = _state_charges(part.expenses, undone)
    totals = _state_sum(part.totals, [*(line.totals for line in lines), *(entry.totals for entry in expenses)])
    # The same again where nothing changed: of most steps of most orders nothing does.
    return part if totals is part.totals else attrs.evolve(part, lines=lines, expenses=expenses, totals=totals)


def _state_whole(
    whole: MarketplaceOrder, parts: Iterable[MerchantOrder], undone: Mapping[str, Undone]
) -> MarketplaceOrder:
    expenses = _state_charges(whole.expenses, undone)
    totals = _state_sum(whole.totals, [*(part.totals for part in parts), *(entry.totals for entry in expenses)])
    return whole if totals is whole.totals else attrs.evolve(whole, expenses=expenses, totals=totals)


def _state_charges(entries: tuple[OrderExpense, ...], undone: Mapping[str, Undone]) -> tuple[OrderExpense, ...]:
    return tuple(_state(one, undone.get(to_charge_key(one.expense.key), NOTHING_UNDONE)) for one in entries)


def _state(entry: E, undone: Undone) -> E:
    if entry.totals.undone == undone:
        return entry
    return attrs.evolve(entry, totals=attrs.evolve(entry.totals, undone=undone))


def _state_sum(totals: F, below: Iterable[Figures]) -> F:
    undone = NOTHING_UNDONE
    for figures in below:
        undone = undone if figures.undone is NOTHING_UNDONE else undone + figures.undone
    return totals if totals.undone == undone else attrs.evolve(totals, undone=undone)
