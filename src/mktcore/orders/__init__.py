"""Orders: placed, split by merchant, and moved through their process."""

from mktcore.orders.events import MarketplaceOrderMoved, MerchantOrderMoved, MerchantOrderPlaced, OrderPlaced
from mktcore.orders.history import ORDER_STEPS, OrderStep
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
from mktcore.orders.propagation import OrderProcesses
from mktcore.orders.queries import (
    ReadingUnit,
    get_merchant_order,
    get_order,
    has_ordered,
    page_merchant_order_history,
    page_merchant_orders,
    page_order_history,
)
from mktcore.orders.split_order import split_order
from mktcore.orders.use_cases import ExpireTimeOuts, FireAction, FireRefusal, FireRequest, FiringUnit

__all__ = [
    "MARKETPLACE_ORDERS",
    "MERCHANT_ORDERS",
    "ORDER_STEPS",
    "PRICE_APPROVALS",
    "ApprovalClosed",
    "ApprovalState",
    "Divergence",
    "DivergingUnit",
    "ExpireTimeOuts",
    "FireAction",
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
    "OrderStep",
    "PriceApproval",
    "PriceApprovalChanged",
    "ReadingUnit",
    "Vote",
    "get_merchant_order",
    "get_order",
    "has_ordered",
    "page_merchant_order_history",
    "page_merchant_orders",
    "page_order_history",
    "split_order",
]
