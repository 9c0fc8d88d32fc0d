"""Reviews: the marketplace holds an order as a whole for a reason, and nothing of it leaves until it is released."""

from mktcore.orders.reviews.events import MerchantOrderHeld, OrderReviewed
from mktcore.orders.reviews.hold_back import refuse_held
from mktcore.orders.reviews.order_review import ORDER_REVIEWS, OrderReview
from mktcore.orders.reviews.use_cases import ReviewOrders

__all__ = ["ORDER_REVIEWS", "MerchantOrderHeld", "OrderReview", "OrderReviewed", "ReviewOrders", "refuse_held"]
