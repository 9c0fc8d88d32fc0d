"""What must be left of an order of which a buyer cancels a part: a minimum of the order's value holds on. Pure."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from mktcore.money import CurrencyMismatch, Money
from mktcore.notice import Notice
from mktcore.orders.actions.cancellations import AskToCancel
from mktcore.orders.canceled_pieces import find_canceled
from mktcore.orders.order import Order
from mktcore.orders.order_line import OrderLine
from mktcore.orders.order_processes import OrderProcesses

__all__ = ["find_below_least", "list_kept"]


def list_kept(
    order: Order, processes: OrderProcesses, canceling: Mapping[str, int]
) -> Iterator[tuple[str, OrderLine, int]]:
    """Yield each line of an order with its merchant, and how many of its pieces are kept.

    What somebody was asked about before counts as gone: whoever cancels the rest leaves nothing.

    Args:
        order: Before.
        processes: The processes that it is on.
        canceling: Pieces by line that are being canceled, or whose merchant is being asked.
    """
    whole, process = order.marketplace_order.fulfilment, processes.whole.process
    gone, states = find_canceled(processes.whole, whole), whole.states()
    asked = {one.target for one in process.transitions if one.event == AskToCancel.event}
    for part in order.merchant_orders:
        for line in part.lines:
            waiting = sum([pieces for state, pieces in states.get(line.key, {}).items() if state in asked])
            kept = line.quantity - gone.get(line.key, 0) - waiting - canceling.get(line.key, 0)
            yield part.merchant, line, kept


def find_below_least(order: Order, processes: OrderProcesses, canceling: Mapping[str, int]) -> tuple[Notice, ...]:
    """Return a problem where a cancellation leaves something of an order, and less than its policy asks for.

    Args:
        order: Before.
        processes: The processes that it is on, with their policy.
        canceling: Pieces by line that are being canceled, or whose merchant is being asked.

    Raises:
        CurrencyMismatch: The least is in another currency than the order.
    """
    least = processes.cancellation.least_left
    if least is None:
        return ()
    if least.currency != order.totals.currency:
        raise CurrencyMismatch(order.totals.currency.code, least.currency.code)
    left = Fraction(0)
    for _, line, kept in list_kept(order, processes, canceling):
        left += Fraction(line.totals.subtotal_minor * kept, line.quantity)
    if not 0 < left < least.minor:
        return ()
    shown = Money.from_minor(int(left), least.currency)
    message = f"{shown} of the order would be left, and at least {least} must be"
    operands = {"left": shown, "least": least}
    return (Notice("orders.below-least", order.id, message, remedy="cancel less, or all of it", operands=operands),)
