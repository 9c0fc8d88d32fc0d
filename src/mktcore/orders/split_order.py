"""From a placeable simulation to one marketplace order and a merchant order for each merchant. Pure."""

from datetime import datetime

from mktcore.carts import PricedLine, Simulation
from mktcore.commissions import Commission
from mktcore.commissions.load_facts import CommissionFacts
from mktcore.orders.default_processes import ON_PLACEMENT
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.list_commissionable_lines import list_commission_lines
from mktcore.orders.merchant_order import MerchantOrder
from mktcore.orders.order import MarketplaceOrder, Order
from mktcore.orders.order_line import LineSource, OrderExpense, OrderLine
from mktcore.orders.order_processes import OrderProcesses, Sale
from mktcore.orders.propagation import start_order
from mktcore.persistence import Party, Scope
from mktcore.processes import PortionsMachine, Subject
from mktcore.promotions.release_limits import list_uses
from mktcore.totals import Expense, Totals
from mktcore.totals.check_inputs import CASH_ROUNDING

__all__ = ["split_order"]


def split_order(
    simulation: Simulation,
    order_id: str,
    *,
    commission: CommissionFacts,
    processes: OrderProcesses,
    now: datetime,
    by: Scope,
) -> OrderTransition:
    """Return the marketplace order and its merchant orders, with figures and commission, and what moved at once.

    Every figure is taken from the simulation's totals, so the parts sum to the whole by construction (invariant I1).

    Args:
        simulation: Without issues.
        order_id: The new order's id.
        commission: What commission depends on; the rules valid now are applied, and what they take is frozen.
        processes: The processes it starts on. It counts as paid, and is sent to its merchants at once.
        now: The instant of placement, UTC.
        by: Who places it; the history says so, and that it is for the buyer where another party does.
    """
    taken_of = list_commission_lines(simulation, commission, order_id)
    commissions = commission.to_book().calculate(taken_of, now=now)
    # In the order of the totals, so that orders and figures list merchants alike.
    lines: dict[str, list[PricedLine]] = {merchant: [] for merchant in simulation.totals.merchants}
    for line in simulation.lines:
        lines[line.offer.merchant].append(line)
    processes = processes.choose(_to_sale(simulation, frozenset(lines)))
    whole = _to_whole(simulation, order_id, merchants=tuple(lines), processes=processes, now=now)
    parts = tuple(
        _to_merchant_order(
            simulation, whole, lines=tuple(own), machine=_choose_part(processes, own), commissions=commissions
        )
        for own in lines.values()
    )
    order = Order(whole, parts)
    # Guards and commands see the order from its first event on, so its figures are there before its processes start.
    moved = start_order(processes, order, now=now, by=by.to_signature(Scope.buyer(whole.buyer)), events=ON_PLACEMENT)
    return OrderTransition(order.move_subjects(moved.subjects), moved, processes, now=now)


def _to_sale(simulation: Simulation, merchants: frozenset[str]) -> Sale:
    return Sale(
        merchants=merchants,
        methods=frozenset(payment.method for payment in simulation.cart.payments),
        categories=frozenset(line.nature.category for line in simulation.lines),
        channel=simulation.cart.context.channel,
    )


def _choose_part(processes: OrderProcesses, own: list[PricedLine]) -> PortionsMachine:
    return processes.choose_part(own[0].offer.merchant, [line.nature.category for line in own])


def _to_unstarted(id_: str, machine: PortionsMachine) -> Subject:
    return Subject(id_, machine.process.name, version=machine.process.version, portions=())


def _to_whole(
    simulation: Simulation, order_id: str, merchants: tuple[str, ...], *, processes: OrderProcesses, now: datetime
) -> MarketplaceOrder:
    return MarketplaceOrder(
        id=order_id,
        cart=simulation.cart.id,
        buyer=simulation.cart.buyer,
        placed_at=now,
        policy=simulation.policy,
        merchants=merchants,
        expenses=(*_to_expenses(simulation, None), *_to_cash_rounding(simulation.totals)),
        reductions=simulation.reductions,
        payments=simulation.cart.payments,
        totals=simulation.totals.order,
        fulfilment=_to_unstarted(order_id, processes.whole),
        charge_rules=processes.cancellation.charges,
        sold_by=simulation.cart.sold_by,
        user=simulation.cart.context.user,
        groups=simulation.cart.context.groups,
        channel=simulation.cart.context.channel,
        promotion_uses=list_uses(simulation.promotions, _find_charged(simulation)),
        extra=simulation.cart.extra,
        codes=simulation.cart.codes,
        deliver_to=simulation.cart.deliver_to,
        skus=tuple(dict.fromkeys(line.sku.id for line in simulation.lines)),
    )


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
    *,
    machine: PortionsMachine,
    commissions: tuple[Commission, ...],
) -> MerchantOrder:
    merchant = lines[0].offer.merchant
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
        commissions=tuple(entry for entry in commissions if entry.merchant_order == own_id),
        fulfilment=_to_unstarted(own_id, machine),
        # What the host shows the buyer only must not lie in a record that the merchant reads.
        extra=whole.extra.shown_to(Party.MERCHANT),
        deliver_to=whole.deliver_to,
        expected=tuple(own for one in simulation.delivery.shipments if (own := one.of_merchant(merchant)) is not None),
    )


def _to_order_line(priced: PricedLine, totals: Totals, order_id: str) -> OrderLine:
    key = priced.line.key
    return OrderLine(
        key,
        sku=priced.sku.id,
        title=priced.sku.name,
        category=priced.nature.category,
        offer=priced.offer.id,
        schedule=priced.price.schedule,
        quantity=priced.line.quantity,
        unit_price=priced.price.unit_price,
        tax_rates=priced.tax_rates,
        totals=totals.lines[key],
        # No source: nobody counts these pieces, and nothing is reserved.
        reservation=f"{order_id}/{key}" if priced.sources else "",
        per=priced.price.per,
        options=priced.price.options,
        sources=_to_sources(priced, order_id),
        extra=priced.line.extra,
        product=priced.sku.product_id,
        chosen=priced.line.options,
        content=priced.sku.measure(1),
        issued=priced.offer.stock.issued,
        deliver_to=priced.line.deliver_to,
        gift_of=priced.gift_of,
        entered=priced.price.entered,
        gift_grounds=priced.gift_grounds,
    )


def _to_sources(priced: PricedLine, order_id: str) -> tuple[LineSource, ...]:
    """Name the reservations of a line with locations or parts; no two are one, as no line's key begins with a slash."""
    if not priced.offer.locations and not priced.offer.stock.parts:
        return ()
    key = priced.line.key
    return tuple(
        LineSource(
            source.item,
            f"{order_id}//{number}/{key}" if number else f"{order_id}/{key}",
            source.quantity,
            part=source.part,
            per=source.per,
        )
        for number, source in enumerate(priced.sources)
    )


def _to_expenses(simulation: Simulation, merchant: str | None) -> tuple[OrderExpense, ...]:
    return tuple(
        OrderExpense(expense, simulation.totals.expenses[expense.key])
        for expense in simulation.expenses
        if expense.merchant == merchant
    )


def _to_cash_rounding(totals: Totals) -> tuple[OrderExpense, ...]:
    """Return the difference that rounding to coins made: the marketplace's own, so that the parts sum to the whole."""
    rounding = totals.expenses.get(CASH_ROUNDING)
    if rounding is None or rounding.grand_total.is_zero():
        return ()
    return (OrderExpense(Expense(CASH_ROUNDING, None, rounding.expense_total), rounding),)
