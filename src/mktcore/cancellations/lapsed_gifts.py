"""Gifts that are no longer earned when pieces are canceled. Pure."""

from collections.abc import Mapping

from mktcore.orders.canceled_pieces import find_canceled
from mktcore.orders.order import Order
from mktcore.orders.order_processes import OrderProcesses
from mktcore.promotions.gift_grounds import KeptLine, stands

__all__ = ["find_lapsed_gifts"]


def find_lapsed_gifts(order: Order, processes: OrderProcesses, canceling: Mapping[str, int]) -> dict[str, int]:
    """Return the pieces of gifts that go with what is canceled: those that what is kept does not earn.

    Args:
        order: Before.
        processes: The processes that it is on.
        canceling: Pieces by line that are being canceled, or whose merchant is being asked.
    """
    lines = [line for part in order.merchant_orders for line in part.lines]
    gifts = [line for line in lines if line.gift_grounds and line.key not in canceling]
    if not gifts:
        return {}
    gone = find_canceled(processes.whole, order.marketplace_order.fulfilment)
    kept = {
        line.key: KeptLine(
            max(line.quantity - gone.get(line.key, 0) - canceling.get(line.key, 0), 0),
            of=line.quantity,
            amount=line.totals.subtotal.minor,
        )
        for line in lines
    }
    return {
        gift.key: kept[gift.key].pieces
        for gift in gifts
        if kept[gift.key].pieces and not stands(gift.gift_grounds, kept)
    }
