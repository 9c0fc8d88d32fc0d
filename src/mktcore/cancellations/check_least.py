"""What must be left of an order of which a buyer cancels a part: a minimum of the order's value holds on. Pure."""

from collections.abc import Mapping
from fractions import Fraction

from mktcore.cancellations.cancellation import CancellationRefused
from mktcore.money import CurrencyMismatch, Money
from mktcore.notice import Notice
from mktcore.orders.canceled_pieces import find_canceled
from mktcore.orders.order import Order
from mktcore.orders.order_processes import OrderProcesses

__all__ = ["check_least"]


def check_least(order: Order, processes: OrderProcesses, canceling: Mapping[str, int]) -> None:
    """Let a cancellation pass that leaves nothing of an order, or at least what the policy asks for before discounts.

    Args:
        order: Before.
        processes: The processes that it is on, with their policy.
        canceling: Pieces by line that are being canceled, or whose merchant is being asked.

    Raises:
        CancellationRefused: Less would be left.
        CurrencyMismatch: The least is in another currency than the order.
    """
    least = processes.cancellation.least_left
    if least is None:
        return
    if least.currency != order.totals.currency:
        raise CurrencyMismatch(order.totals.currency.code, least.currency.code)
    gone = find_canceled(processes.whole, order.marketplace_order.fulfilment)
    left = Fraction(0)
    for part in order.merchant_orders:
        for line in part.lines:
            kept = line.quantity - gone.get(line.key, 0) - canceling.get(line.key, 0)
            left += Fraction(line.totals.subtotal.minor * kept, line.quantity)
    if 0 < left < least.minor:
        shown = Money.from_minor(int(left), least.currency)
        message = f"{shown} of the order would be left, and at least {least} must be"
        remedy = "cancel less, or all of it"
        operands = {"left": shown, "least": least}
        raise CancellationRefused((Notice("orders.below-least", order.id, message, remedy=remedy, operands=operands),))
