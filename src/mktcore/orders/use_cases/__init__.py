"""What can be done with placed orders; `market.orders` is an `Orders`."""

from mktcore.orders.use_cases.expire_timeouts import ExpireTimeOuts
from mktcore.orders.use_cases.fire_action import FireAction, FireRefusal, FireRequest
from mktcore.orders.use_cases.read_orders import ReadOrders

__all__ = ["ExpireTimeOuts", "FireAction", "FireRefusal", "FireRequest", "ReadOrders"]
