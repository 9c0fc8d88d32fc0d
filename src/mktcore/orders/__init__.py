"""Orders: placed, split by merchant, and moved through their process."""

from mktcore.orders.finding import get_merchant_order, get_order, has_ordered, page_merchant_orders
from mktcore.orders.firing import FireEvent, FireRequest
from mktcore.orders.moving import OrderProcesses
from mktcore.orders.order import (
    MARKETPLACE_ORDERS,
    MERCHANT_ORDERS,
    MarketplaceOrder,
    MerchantOrder,
    Order,
    OrderExpense,
    OrderLine,
)
from mktcore.orders.price_approvals.price_approval import PriceApproval
from mktcore.orders.price_approvals.use_cases import Divergence
from mktcore.orders.processes import INTERACTION, MARKETPLACE_PROCESS, MERCHANT_PROCESS
from mktcore.orders.splitting import split_order

__all__ = [
    "INTERACTION",
    "MARKETPLACE_ORDERS",
    "MARKETPLACE_PROCESS",
    "MERCHANT_ORDERS",
    "MERCHANT_PROCESS",
    "Divergence",
    "FireEvent",
    "FireRequest",
    "MarketplaceOrder",
    "MerchantOrder",
    "Order",
    "OrderExpense",
    "OrderLine",
    "OrderProcesses",
    "PriceApproval",
    "get_merchant_order",
    "get_order",
    "has_ordered",
    "page_merchant_orders",
    "split_order",
]
