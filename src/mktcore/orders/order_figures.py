"""The figures of an order follow its money: what of each line and charge was canceled and refunded. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from operator import is_
from typing import TypeVar

import attrs

from mktcore.orders.merchant_order import MerchantOrder
from mktcore.orders.order import MarketplaceOrder, Order
from mktcore.orders.order_line import OrderExpense, OrderLine
from mktcore.postings import OrderFunds, Pool, to_charge_key
from mktcore.totals.figures import Figures
from mktcore.totals.undone import NOTHING_UNDONE, Undone

__all__ = ["state_figures", "state_totals", "state_undone"]

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
    return state_undone(order, {pool.key: _find_undone(pool, on_top) for pool in funds.pools})


def state_undone(order: Order, undone: Mapping[str, Undone]) -> Order:
    """Return an order of whose lines and charges this was undone, by their keys; of all others nothing."""
    parts = tuple(_state_part(part, undone) for part in order.merchant_orders)
    return Order(_state_whole(order.marketplace_order, parts, undone), parts)


def state_totals(order: Order, funds: OrderFunds, merchant: str | None = None) -> Figures:
    """Return the totals that `state_figures` gives an order, or the part of one merchant, without those below.

    Args:
        order: The order, with figures of any time.
        funds: Its money.
        merchant: Whose part; None for the whole order.
    """
    parts = [part for part in order.merchant_orders if merchant in {None, part.merchant}]
    expenses = [one for part in parts for one in part.expenses]
    if merchant is None:
        expenses += order.marketplace_order.expenses
    totals: Figures = order.totals if merchant is None else parts[0].totals
    keys = {line.key for part in parts for line in part.lines}
    keys.update(to_charge_key(one.expense.key) for one in expenses)
    on_top = not order.marketplace_order.policy.prices_include_tax
    undone = _sum_undone([pool for pool in funds.pools if pool.key in keys], on_top)
    return totals if totals.undone == undone else attrs.evolve(totals, undone=undone)


def _sum_undone(pools: Sequence[Pool], on_top: bool) -> Undone:
    """Return what was canceled and refunded of some lines and charges together."""
    canceled, refunded, raised = (
        (sum([one.paid for one in portions]), sum([one.charged_tax for one in portions]))
        for portions in (
            [pool.canceled for pool in pools],
            [pool.refunded for pool in pools],
            [pool.added for pool in pools],
        )
    )
    return Undone.of(canceled, refunded, raised, tax_on_top=on_top)


def _find_undone(pool: Pool, on_top: bool) -> Undone:
    portions = (*pool.list_back(), pool.added)
    if not any(portion.paid for portion in portions):
        return NOTHING_UNDONE
    canceled, refunded, raised = [(portion.paid, portion.charged_tax) for portion in portions]
    return Undone.of(canceled, refunded, raised, tax_on_top=on_top)


def _state_part(part: MerchantOrder, undone: Mapping[str, Undone]) -> MerchantOrder:
    lines = tuple(_state(line, undone.get(line.key, NOTHING_UNDONE)) for line in part.lines)
    expenses = _state_charges(part.expenses, undone)
    totals = _state_sum(part.totals, [*(line.totals for line in lines), *(entry.totals for entry in expenses)])
    # The same again where nothing changed: of most steps of most orders nothing does.
    is_same = totals is part.totals and all(map(is_, lines, part.lines)) and all(map(is_, expenses, part.expenses))
    return part if is_same else attrs.evolve(part, lines=lines, expenses=expenses, totals=totals)


def _state_whole(
    whole: MarketplaceOrder, parts: Iterable[MerchantOrder], undone: Mapping[str, Undone]
) -> MarketplaceOrder:
    expenses = _state_charges(whole.expenses, undone)
    totals = _state_sum(whole.totals, [*(part.totals for part in parts), *(entry.totals for entry in expenses)])
    is_same = totals is whole.totals and all(map(is_, expenses, whole.expenses))
    return whole if is_same else attrs.evolve(whole, expenses=expenses, totals=totals)


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
