"""What must always hold of one placed order, recomputed from what it keeps: totals, history, reservations. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from mktcore.errors import Notice
from mktcore.money import Money
from mktcore.orders import MarketplaceOrder, MerchantOrder, Order, OrderProcesses
from mktcore.orders.history import OrderStep, collect_moves
from mktcore.orders.processes import Flag
from mktcore.processes.errors import InvalidSubject
from mktcore.processes.portions.subject import replay
from mktcore.stock import Reservation
from mktcore.totals import InvalidTotals, Line, Totals, compute_totals
from mktcore.totals.check_inputs import CASH_ROUNDING
from mktcore.totals.figures import Figures

__all__ = ["audit_order", "recompute_totals"]

_FIGURES = ("subtotal", "discount_total", "expense_total", "tax_total", "grand_total")


def audit_order(
    order: Order,
    reservations: Mapping[str, Reservation],
    processes: OrderProcesses,
    *,
    steps: Mapping[str, Sequence[OrderStep]],
) -> Iterator[Notice]:
    """Yield a finding for everything about the order that does not hold.

    Args:
        order: The whole order, as the operator sees it.
        reservations: Those of its lines that exist, by id.
        processes: The processes it is on.
        steps: Its history, by the id of the marketplace order and of each merchant order.
    """
    yield from _audit_sums(order)
    yield from _audit_inputs(order)
    for part in order.merchant_orders:
        yield from _audit_history(part, steps.get(part.id, ()))
        yield from _audit_reservations(part, reservations, processes)
    yield from _audit_history(order.marketplace_order, steps.get(order.id, ()))


def recompute_totals(order: Order) -> Totals:
    """Compute an order's totals anew from the inputs it keeps.

    Raises:
        InvalidTotals: They cannot have been the inputs of an order.
    """
    whole = order.marketplace_order
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
        for part in order.merchant_orders
        for line in part.lines
    ]
    kept = [*(entry for part in order.merchant_orders for entry in part.expenses), *whole.expenses]
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


def _audit_sums(order: Order) -> Iterator[Notice]:
    """Invariant I1: each figure is the sum of its parts, at both levels."""
    whole = order.marketplace_order
    own = [entry.totals for entry in whole.expenses]
    yield from _audit_sum(whole.id, whole.totals, [*(part.totals for part in order.merchant_orders), *own])
    for part in order.merchant_orders:
        below = [*(line.totals for line in part.lines), *(entry.totals for entry in part.expenses)]
        yield from _audit_sum(part.id, part.totals, below)


def _audit_sum(where: str, whole: Figures, parts: list[Figures]) -> Iterator[Notice]:
    for figure in _FIGURES:
        total: Money = getattr(whole, figure)
        parts_sum = Money.sum([Money.zero(total.currency), *(getattr(part, figure) for part in parts)])
        if total != parts_sum:
            yield Notice("I1", f"{where}.{figure}", f"it is {total}, and its parts sum to {parts_sum}")


def _audit_inputs(order: Order) -> Iterator[Notice]:
    """Invariants I1 and I2: what is stored is what the stored inputs come to."""
    try:
        totals = recompute_totals(order)
    except InvalidTotals as error:
        yield Notice("I2", order.id, f"its inputs cannot be computed with: {error.describe()}")
        return
    for part in order.merchant_orders:
        for line in part.lines:
            if totals.lines[line.key] != line.totals:
                yield Notice("I2", f"{part.id}.lines.{line.key}", "its totals are not what its inputs come to")
    if totals.order != order.totals:
        yield Notice("I2", order.id, "its totals are not what its inputs come to")


def _audit_history(order: MarketplaceOrder | MerchantOrder, steps: Sequence[OrderStep]) -> Iterator[Notice]:
    """Invariant I15: the history explains the present state."""
    try:
        states = replay(collect_moves(order, steps))
    except InvalidSubject as error:
        yield Notice("I15", order.id, f"its history cannot have happened: {error.describe()}")
        return
    if states != order.fulfilment.states():
        yield Notice("I15", order.id, "its history does not lead to its present state")


def _audit_reservations(
    order: MerchantOrder, reservations: Mapping[str, Reservation], processes: OrderProcesses
) -> Iterator[Notice]:
    """Invariant I10: what is in a reserved state is reserved, and nothing else is."""
    reserved = {state.name for state in processes.part.process.states if state.has(Flag.RESERVED)}
    for line in order.lines:
        held = sum(quantity for state, quantity in order.states[line.key].items() if state in reserved)
        found = [reservations.get(source.reservation) for source in line.list_sources()]
        remaining = sum([one.remaining for one in found if one is not None])
        if held != remaining:
            message = f"{held} pieces wait to be shipped, and {remaining} are reserved"
            yield Notice("I10", f"{order.id}.lines.{line.key}", message)
