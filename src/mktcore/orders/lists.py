"""Orders, their price approvals and the rules of those as lists."""

from enum import StrEnum

from mktcore.access.record_list import RecordList
from mktcore.orders.merchant_order import MERCHANT_ORDERS, MerchantOrder
from mktcore.orders.order import MARKETPLACE_ORDERS, MarketplaceOrder
from mktcore.orders.price_approvals.price_approval import PRICE_APPROVALS, PriceApproval
from mktcore.orders.shipments.shipment import SHIPMENTS, Shipment
from mktcore.pricing import DIVERGENCE_RULES, DivergenceRule

__all__ = [
    "DivergenceRuleList",
    "MarketplaceOrderList",
    "MerchantOrderList",
    "OrderDirection",
    "PriceApprovalList",
    "ShipmentList",
]


class OrderDirection(StrEnum):
    """Which way an order goes, as a party sees it."""

    INCOMING = "incoming"
    """It came to the party, which has to do something for it."""
    OUTGOING = "outgoing"
    """The party sent it, and waits for others."""


class MarketplaceOrderList(RecordList[MarketplaceOrder]):
    """The orders that buyers placed: the operator's all, a buyer's own."""

    kind, filters = MARKETPLACE_ORDERS, ("number", "buyer", "cart", "stage", "progress", "placed_at", "sku")


class MerchantOrderList(RecordList[MerchantOrder]):
    """What merchants fulfil: the operator's all, each party's own."""

    kind, filters = (
        MERCHANT_ORDERS,
        ("number", "order_id", "merchant", "buyer", "stage", "progress", "placed_at", "sku"),
    )


class PriceApprovalList(RecordList[PriceApproval]):
    """What became of prices that were compared: the operator's all, a merchant's own."""

    kind, filters = PRICE_APPROVALS, ("merchant", "state", "approver", "opened_at")


class DivergenceRuleList(RecordList[DivergenceRule]):
    """What merchants do with prices that diverge: the operator's all, a merchant's own."""

    kind, filters = DIVERGENCE_RULES, ("merchant",)


class ShipmentList(RecordList[Shipment]):
    """What left merchants: the operator's all, each party's own."""

    kind, filters = SHIPMENTS, ("merchant_order", "order_id", "merchant", "buyer", "tracking", "shipped_at")
