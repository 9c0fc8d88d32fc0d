"""Orders: placed, split by merchant, and moved through their process."""

from mktcore.orders.events import MarketplaceOrderMoved, MerchantOrderMoved, MerchantOrderPlaced, OrderPlaced
from mktcore.orders.finding import ReadingUnit, get_merchant_order, get_order, has_ordered, page_merchant_orders
from mktcore.orders.firing import FireEvent, FireRefusal, FireRequest, FiringUnit
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
from mktcore.orders.price_approvals.price_approval import (
    PRICE_APPROVALS,
    ApprovalClosed,
    ApprovalState,
    NotTheirTurn,
    PriceApproval,
    PriceApprovalChanged,
    Vote,
)
from mktcore.orders.price_approvals.use_cases import Divergence, DivergingUnit
from mktcore.orders.splitting import split_order

__all__ = [
    "MARKETPLACE_ORDERS",
    "MERCHANT_ORDERS",
    "PRICE_APPROVALS",
    "ApprovalClosed",
    "ApprovalState",
    "Divergence",
    "DivergingUnit",
    "FireEvent",
    "FireRefusal",
    "FireRequest",
    "FiringUnit",
    "MarketplaceOrder",
    "MarketplaceOrderMoved",
    "MerchantOrder",
    "MerchantOrderMoved",
    "MerchantOrderPlaced",
    "NotTheirTurn",
    "Order",
    "OrderExpense",
    "OrderLine",
    "OrderPlaced",
    "OrderProcesses",
    "PriceApproval",
    "PriceApprovalChanged",
    "ReadingUnit",
    "Vote",
    "get_merchant_order",
    "get_order",
    "has_ordered",
    "page_merchant_orders",
    "split_order",
]
