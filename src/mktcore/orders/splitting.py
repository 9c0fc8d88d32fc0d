"""Splitting: from a placeable simulation to one marketplace order and a merchant order for each merchant. Pure."""

from collections.abc import Callable, Iterable
from datetime import datetime

import attrs

from mktcore.carts import PricedLine, Simulation
from mktcore.commissions import Commission, CommissionLine, CommissionRule, calculate_commissions
from mktcore.events import Event
from mktcore.orders.events import MerchantOrderPlaced, OrderPlaced
from mktcore.orders.order import MarketplaceOrder, MerchantOrder, Order, OrderExpense, OrderLine
from mktcore.processes import Fired
from mktcore.totals import Totals

__all__ = ["Placed", "split_order"]

StartFulfilment = Callable[[str, dict[str, int]], Fired]
"""Starts the merchant process for a merchant order's id and the quantities of its lines."""


@attrs.frozen
class Placed:
    """A new order, and what is told of it."""

    order: Order
    events: tuple[Event, ...]


def split_order(
    simulation: Simulation,
    order_id: str,
    rules: Iterable[CommissionRule],
    start: StartFulfilment,
    *,
    now: datetime,
) -> Placed:
    """Return the marketplace order and its merchant orders, with figures, commission and events.

    Every figure is taken from the simulation's totals, so the parts sum to the whole by construction (invariant I1).

    Args:
        simulation: Without issues.
        order_id: The new order's id.
        rules: Commission rules; those valid now are applied and frozen.
        start: Starts the merchant process.
        now: The instant of placement, UTC.
    """
    commissions = calculate_commissions(_to_commission_lines(simulation), rules, now=now)
    merchants = tuple(simulation.totals.merchants)
    parts = tuple(_to_merchant_order(simulation, order_id, key, commissions, start, now) for key in merchants)
    totals = simulation.totals.order
    whole = MarketplaceOrder(
        order_id,
        simulation.cart.id,
        simulation.cart.buyer,
        now,
        simulation.policy,
        merchants,
        _to_expenses(simulation, None),
        simulation.cart.reductions,
        simulation.cart.payments,
        totals,
    )
    return Placed(Order(whole, parts), tuple(_tell(whole, parts)))


def _to_merchant_order(  # noqa: PLR0917 - one private caller, above
    simulation: Simulation,
    order_id: str,
    merchant: str,
    commissions: tuple[Commission, ...],
    start: StartFulfilment,
    now: datetime,
) -> MerchantOrder:
    own_id = f"{order_id}--{merchant}"
    lines = tuple(
        _to_order_line(line, simulation.totals, order_id)
        for line in simulation.lines
        if line.offer.merchant == merchant
    )
    keys = {line.key for line in lines}
    totals = simulation.totals.merchants[merchant]
    started = start(own_id, {line.key: line.quantity for line in lines})
    return MerchantOrder(
        own_id,
        order_id,
        merchant,
        simulation.cart.buyer,
        now,
        lines,
        _to_expenses(simulation, merchant),
        totals,
        tuple(commission for commission in commissions if commission.line in keys),
        started.subject,
        started.moves,
    )


def _to_order_line(priced: PricedLine, totals: Totals, order_id: str) -> OrderLine:
    key = priced.line.key
    return OrderLine(
        key,
        priced.sku.id,
        priced.sku.name,
        priced.sku.category,
        priced.offer.id,
        priced.price.schedule,
        priced.line.quantity,
        priced.price.unit_price,
        priced.tax_rates,
        totals.lines[key],
        f"{order_id}/{key}",
    )


def _to_expenses(simulation: Simulation, merchant: str | None) -> tuple[OrderExpense, ...]:
    return tuple(
        OrderExpense(expense, simulation.totals.expenses[expense.key])
        for expense in simulation.expenses
        if expense.merchant == merchant
    )


def _to_commission_lines(simulation: Simulation) -> tuple[CommissionLine, ...]:
    return tuple(
        CommissionLine(
            line.line.key,
            line.offer.merchant,
            line.sku.category,
            line.line.quantity,
            net=simulation.totals.lines[line.line.key].merchant_net,
            gross=simulation.totals.lines[line.line.key].gross,
        )
        for line in simulation.lines
    )


def _tell(order: MarketplaceOrder, parts: tuple[MerchantOrder, ...]) -> Iterable[Event]:
    yield OrderPlaced(
        subject=order.id,
        at=order.placed_at,
        buyer=order.buyer,
        grand_total=order.totals.grand_total,
        merchant_orders=tuple(part.id for part in parts),
    )
    for part in parts:
        yield MerchantOrderPlaced(
            subject=part.id,
            at=part.placed_at,
            merchant=part.merchant,
            buyer=part.buyer,
            order=part.order,
            grand_total=part.totals.grand_total,
        )
