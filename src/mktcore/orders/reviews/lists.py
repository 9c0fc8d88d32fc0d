"""Reviews of orders as a list."""

from mktcore.access.record_list import RecordList
from mktcore.orders.reviews.order_review import ORDER_REVIEWS, OrderReview

__all__ = ["OrderReviewList"]


class OrderReviewList(RecordList[OrderReview]):
    """The reviews of orders, open and closed, for the operator."""

    kind, filters = ORDER_REVIEWS, ("order_id", "state", "reason")
