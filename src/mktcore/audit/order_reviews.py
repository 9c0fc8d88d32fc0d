"""Whether an order is held for just the reviews that are open, and its merchant orders with it (I16)."""

from collections.abc import Iterable, Iterator, Mapping

from mktcore.audit.order_records import OrderLook
from mktcore.notice import Notice
from mktcore.orders import Order
from mktcore.orders.reviews import ORDER_REVIEWS, OrderReview

__all__ = ["check_reviews", "load_reviews"]


def load_reviews(look: OrderLook, orders: Iterable[Order]) -> Mapping[str, tuple[OrderReview, ...]]:
    """Return the reviews of some orders, by the order, read together."""
    found: dict[str, list[OrderReview]] = {}
    if ORDER_REVIEWS.name in look.kinds:
        for kept in look.find_by(ORDER_REVIEWS, "order_id", [order.id for order in orders]):
            if kept.value is not None:
                found.setdefault(kept.value.order, []).append(kept.value)
    return {order: tuple(own) for order, own in found.items()}


def check_reviews(order: Order, reviews: Iterable[OrderReview]) -> Iterator[Notice]:
    """Yield a finding where an order is held for other reasons than its open reviews, or a part of it is not held."""
    whole = order.marketplace_order
    opened = sorted(review.reason for review in reviews if review.closed_at is None)
    if sorted(whole.reviews) != opened:
        yield Notice("I16", f"{whole.id}.reviews", f"it is held for {list(whole.reviews)}, and reviews for {opened}")
    for part in order.merchant_orders:
        if part.is_held != bool(whole.reviews):
            told = "is held" if part.is_held else "is not held"
            yield Notice("I16", f"{part.id}.is_held", f"it {told}, and its order is held for {list(whole.reviews)}")
