"""Orders that merchants forward to suppliers: each is an order of its own, and both ends follow each other."""

from mktcore.forwarded_orders.errors import ForwardingRefusal, ForwardingRefused
from mktcore.forwarded_orders.forwarded_order import FORWARDED_ORDERS, ForwardedOrder, ForwardedState
from mktcore.forwarded_orders.use_cases import ForwardedOrders

__all__ = [
    "FORWARDED_ORDERS",
    "ForwardedOrder",
    "ForwardedOrders",
    "ForwardedState",
    "ForwardingRefusal",
    "ForwardingRefused",
]
