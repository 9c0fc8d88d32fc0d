"""Splitting: from a placeable simulation to one marketplace order and a merchant order for each merchant. Pure."""

from collections.abc import Iterable
from datetime import datetime

import attrs

from mktcore.carts import PricedLine, Simulation
from mktcore.commissions import Commission, CommissionLine, CommissionRule, calculate_commissions
from mktcore.events import Event
from mktcore.orders.events import MerchantOrderPlaced, OrderPlaced
from mktcore.orders.moving import Moved, OrderProcesses, start_order
from mktcore.orders.order import LineSource, MarketplaceOrder, MerchantOrder, Order, OrderExpense, OrderLine
from mktcore.persistence import Scope
from mktcore.processes import TimeOut
from mktcore.promotions.release_limits import list_uses
from mktcore.totals import Totals

__all__ = ["Placed", "split_order"]

ON_PLACEMENT = ("authorise", "send to merchant")
"""The events of the marketplace's process that placing fires: there is no payment gateway and no change window yet."""


@attrs.frozen
class Placed:
    """A new order, what is told of it, and the time-outs it starts with."""

    order: Order
    events: tuple[Event, ...]
    timeouts: tuple[TimeOut, ...]


def split_order(
    simulation: Simulation,
    order_id: str,
    rules: Iterable[CommissionRule],
    processes: OrderProcesses,
    *,
    now: datetime,
) -> Placed:
    """Return the marketplace order and its merchant orders, with figures, commission, events and time-outs.

    Every figure is taken from the simulation's totals, so the parts sum to the whole by construction (invariant I1).

    Args:
        simulation: Without issues.
        order_id: The new order's id.
        rules: Commission rules; those valid now are applied and frozen.
        processes: The processes it starts on. It counts as paid, and is sent to its merchants at once.
        now: The instant of placement, UTC.
    """
    commissions = calculate_commissions(_to_commission_lines(simulation), rules, now=now)
    lines: dict[str, list[PricedLine]] = {merchant: [] for merchant in simulation.totals.merchants}
    for line in simulation.lines:
        lines[line.offer.merchant].append(line)
    pieces = {
        f"{order_id}--{merchant}": {line.line.key: line.line.quantity for line in own}
        for merchant, own in lines.items()
    }
    buyer = Scope.buyer(simulation.cart.buyer)
    moved = start_order(processes, order_id, pieces, now=now, by=buyer, events=ON_PLACEMENT)
    whole = MarketplaceOrder(
        id=order_id,
        cart=simulation.cart.id,
        buyer=simulation.cart.buyer,
        placed_at=now,
        policy=simulation.policy,
        merchants=tuple(lines),
        expenses=_to_expenses(simulation, None),
        reductions=simulation.reductions,
        payments=simulation.cart.payments,
        totals=simulation.totals.order,
        fulfilment=moved.subjects[order_id],
        history=moved.moves[order_id],
        sold_by=simulation.cart.sold_by,
        user=simulation.cart.context.user,
        groups=simulation.cart.context.groups,
        channel=simulation.cart.context.channel,
        promotion_uses=list_uses(simulation.promotions, _find_charged(simulation)),
    )
    parts = tuple(
        _to_merchant_order(simulation, whole, tuple(own), moved, commissions=commissions) for own in lines.values()
    )
    return Placed(Order(whole, parts), tuple(_tell(whole, parts)), moved.schedule)


def _find_charged(simulation: Simulation) -> dict[str, tuple[str, ...]]:
    """Return the lines that each charge is for: its merchant's; all of them for the marketplace's own."""
    return {
        expense.key: tuple(
            line.line.key for line in simulation.lines if expense.merchant in {None, line.offer.merchant}
        )
        for expense in simulation.expenses
    }


def _to_merchant_order(
    simulation: Simulation,
    whole: MarketplaceOrder,
    lines: tuple[PricedLine, ...],
    moved: Moved,
    *,
    commissions: tuple[Commission, ...],
) -> MerchantOrder:
    merchant, keys = lines[0].offer.merchant, {line.line.key for line in lines}
    own_id = f"{whole.id}--{merchant}"
    return MerchantOrder(
        id=own_id,
        order=whole.id,
        merchant=merchant,
        buyer=whole.buyer,
        placed_at=whole.placed_at,
        lines=tuple(_to_order_line(line, simulation.totals, whole.id) for line in lines),
        expenses=_to_expenses(simulation, merchant),
        totals=simulation.totals.merchants[merchant],
        commissions=tuple(entry for entry in commissions if entry.line in keys),
        fulfilment=moved.subjects[own_id],
        history=moved.moves[own_id],
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
        priced.price.per,
        priced.price.options,
        _to_sources(priced, order_id),
    )


def _to_sources(priced: PricedLine, order_id: str) -> tuple[LineSource, ...]:
    """Name the reservations of a line with locations; no two are the same, as no line's key begins with a slash."""
    if not priced.offer.locations:
        return ()
    key = priced.line.key
    return tuple(
        LineSource(source.item, f"{order_id}//{number}/{key}" if number else f"{order_id}/{key}", source.quantity)
        for number, source in enumerate(priced.sources)
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
            quantity=line.line.quantity,
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
