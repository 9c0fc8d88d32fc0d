"""Orders: placed, split by merchant, and moved through their processes by typed actions and their effects."""

from mktcore.orders.default_processes import INTERACTION, MARKETPLACE_PROCESS, MERCHANT_PROCESS
from mktcore.orders.history import ORDER_STEPS, OrderStep
from mktcore.orders.merchant_order import MERCHANT_ORDERS, MerchantOrder
from mktcore.orders.order import MARKETPLACE_ORDERS, MarketplaceOrder, Order
from mktcore.orders.order_line import OrderLine
from mktcore.orders.order_processes import OrderProcesses
from mktcore.orders.orders import Orders
from mktcore.orders.price_approvals.price_approval import PriceApproval
from mktcore.orders.queries import has_ordered
from mktcore.orders.split_order import split_order
from mktcore.orders.use_cases import FireAction, FireRequest

__all__ = [
    "INTERACTION",
    "MARKETPLACE_ORDERS",
    "MARKETPLACE_PROCESS",
    "MERCHANT_ORDERS",
    "MERCHANT_PROCESS",
    "ORDER_STEPS",
    "FireAction",
    "FireRequest",
    "MarketplaceOrder",
    "MerchantOrder",
    "Order",
    "OrderLine",
    "OrderProcesses",
    "OrderStep",
    "Orders",
    "PriceApproval",
    "has_ordered",
    "split_order",
]
