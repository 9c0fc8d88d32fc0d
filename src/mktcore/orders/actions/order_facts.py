"""What guards, commands and deadlines of an order's process look at."""

import attrs

from mktcore.orders.actions.action import Action
from mktcore.orders.merchant_order import MerchantOrder
from mktcore.orders.order import Order

__all__ = ["OrderFacts"]


@attrs.frozen
class OrderFacts:
    """What the process of an order is given as `Firing.facts`.

    Attributes:
        order: The whole order as it was before the event.
        part: The merchant order whose pieces would move; None for those of the marketplace order.
        action: The action that set it off; None for an event without facts, a time-out, and the placement.
    """

    order: Order
    part: MerchantOrder | None = None
    action: Action | None = None
