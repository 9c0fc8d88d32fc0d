"""What orders store and publish, and the answers that are remembered for their keys."""

from mktcore.orders.events import MarketplaceOrderMoved, MerchantOrderMoved, MerchantOrderPlaced, OrderPlaced
from mktcore.orders.firing import FireRefusal
from mktcore.orders.order import MARKETPLACE_ORDERS, MERCHANT_ORDERS, MarketplaceOrder, MerchantOrder, Order
from mktcore.orders.price_approvals.price_approval import PRICE_APPROVALS, PriceApproval, PriceApprovalChanged
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]

STORED = (
    Stored("orders.marketplace-order", 1, MarketplaceOrder, kind=MARKETPLACE_ORDERS),
    Stored("orders.merchant-order", 1, MerchantOrder, kind=MERCHANT_ORDERS),
    Stored("orders.order", 1, Order),
    Stored("orders.order-placed", 1, OrderPlaced),
    Stored("orders.merchant-order-placed", 1, MerchantOrderPlaced),
    Stored("orders.marketplace-order-moved", 1, MarketplaceOrderMoved),
    Stored("orders.merchant-order-moved", 1, MerchantOrderMoved),
    Stored("orders.price-approval", 1, PriceApproval, kind=PRICE_APPROVALS),
    Stored("orders.price-approval-changed", 1, PriceApprovalChanged),
    Stored("orders.fire-refusal", 1, FireRefusal),
)
