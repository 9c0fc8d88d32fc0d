"""Forwarded orders as a list."""

from mktcore.access.record_list import RecordList
from mktcore.forwarded_orders.forwarded_order import FORWARDED_ORDERS, ForwardedOrder

__all__ = ["ForwardedOrderList"]


class ForwardedOrderList(RecordList[ForwardedOrder]):
    """What merchants forwarded to suppliers: the operator's all, a merchant's own."""

    kind, filters = (
        FORWARDED_ORDERS,
        ("merchant_order", "order_id", "merchant", "supplier", "supplier_order", "supplier_merchant_order", "state"),
    )
