"""What forwarded orders store: the links, and the refusals that are remembered for keys."""

from mktcore.forwarded_orders.errors import ForwardingRefusal
from mktcore.forwarded_orders.forwarded_order import FORWARDED_ORDERS, ForwardedOrder
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]

STORED = (
    Stored("forwarded-orders.forwarded-order", 1, ForwardedOrder, kind=FORWARDED_ORDERS),
    Stored("forwarded-orders.refusal", 1, ForwardingRefusal),
)
