"""Whether an order is held for just the reviews that are open, and its events told of all of them (I14 and I16)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from mktcore.audit.order_records import OrderLook, OrderRecords
from mktcore.notice import Notice
from mktcore.orders import MerchantOrder, Order
from mktcore.orders.reviews import ORDER_REVIEWS, MerchantOrderHeld, OrderReview, OrderReviewed

__all__ = ["check_reviews", "load_reviews"]


def load_reviews(look: OrderLook, orders: Iterable[Order]) -> Mapping[str, tuple[OrderReview, ...]]:
    """Return the reviews of some orders, by the order, read together."""
    found: dict[str, list[OrderReview]] = {}
    if ORDER_REVIEWS.name in look.kinds:
        for kept in look.find_by(ORDER_REVIEWS, "order_id", [order.id for order in orders]):
            if kept.value is not None:
                found.setdefault(kept.value.order, []).append(kept.value)
    return {order: tuple(own) for order, own in found.items()}


def check_reviews(order: Order, reviews: Iterable[OrderReview], records: OrderRecords) -> Iterator[Notice]:
    """Yield a finding where an order, or a part of it, is not held as its reviews say, or events told otherwise."""
    whole, own = order.marketplace_order, tuple(reviews)
    opened = sorted(review.reason for review in own if review.closed_at is None)
    if sorted(whole.reviews) != opened:
        yield Notice("I16", f"{whole.id}.reviews", f"it is held for {list(whole.reviews)}, and reviews for {opened}")
    if _has_all_events(records, whole.id):
        yield from _check_told(whole.id, own, records)
    for part in order.merchant_orders:
        if part.is_held != bool(whole.reviews):
            told = "is held" if part.is_held else "is not held"
            yield Notice("I16", f"{part.id}.is_held", f"it {told}, and its order is held for {list(whole.reviews)}")
        if _has_all_events(records, part.id):
            yield from _check_held(part, records)


def _has_all_events(records: OrderRecords, subject: str) -> bool:
    stream = records.streams.get(subject)
    return stream is not None and not stream.pruned


def _check_told(order: str, reviews: Iterable[OrderReview], records: OrderRecords) -> Iterator[Notice]:
    """Of each review one event told that it began, and one that it ended."""
    expected = Counter((review.reason, True, review.opened_at) for review in reviews)
    expected.update((one.reason, False, one.closed_at) for one in reviews if one.closed_at is not None)
    events = [envelope.event for envelope in records.events.get(order, ())]
    told = Counter((one.reason, one.is_open, one.at) for one in events if isinstance(one, OrderReviewed))
    for reason, is_open, at in {**(expected - told), **(told - expected)}:
        verb = "began" if is_open else "ended"
        yield Notice("I14", f"{order}.reviews", f"its events and its reviews differ on whether {reason} {verb} at {at}")


def _check_held(part: MerchantOrder, records: OrderRecords) -> Iterator[Notice]:
    """What holds a part and lets it go follow each other, and the last one told how it is."""
    events = [envelope.event for envelope in records.events.get(part.id, ())]
    told = [event.is_held for event in events if isinstance(event, MerchantOrderHeld)]
    if told != [number % 2 == 0 for number in range(len(told))] or part.is_held is not (len(told) % 2 == 1):
        yield Notice("I14", f"{part.id}.is_held", "it is not held as its events tell")
