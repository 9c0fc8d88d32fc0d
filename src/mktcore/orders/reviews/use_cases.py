"""Holding orders for review, and releasing them."""

import attrs

from mktcore.access.permissions import Permission, check_operator
from mktcore.orders.merchant_order import MERCHANT_ORDERS
from mktcore.orders.order import MARKETPLACE_ORDERS, Order
from mktcore.orders.queries import load_order
from mktcore.orders.reviews.events import MerchantOrderHeld, OrderReviewed
from mktcore.orders.reviews.lists import OrderReviewList
from mktcore.orders.reviews.order_review import ORDER_REVIEWS, OrderReview
from mktcore.persistence import NotFound, Scope
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["ReviewOrders"]


# Without slots, for the same reason as `ReadOrders`.
@watched
@attrs.frozen(slots=False)
class ReviewOrders:
    """Holds for review, of orders as a whole.

    Attributes:
        runtime: Where orders are kept, and what time it is.
    """

    runtime: Runtime[MarketUnit]

    @property
    def reviews(self) -> OrderReviewList:
        """The reviews of orders, open and closed, as a list."""
        return OrderReviewList(self.runtime)

    def hold(self, order: str, reason: str, *, scope: Scope, text: str = "") -> Order:
        """Hold an order for a reason, and return it: until it is released, nothing of it leaves or is earned.

        One that is held for this reason already stays as it is. It may be held for several reasons at once.

        Args:
            order: Id of the marketplace order.
            reason: Why, in a word: `"fraud"`, `"address"`.
            scope: The operator.
            text: What the reviewer should know; no merchant and no buyer reads it.

        Raises:
            NotFound: There is no such order.
            PermissionDenied: The caller is not the operator, or its user may not.
            InvalidValue: The reason is no word, or the text too long.
        """
        check_operator(scope, Permission.CHANGE_ORDERS)

        def write(unit: MarketUnit) -> Order:
            found, now = load_order(unit, order), self.runtime.now()
            whole = found.marketplace_order
            id_ = f"{order}/{whole.version + 1:08d}"
            review = OrderReview(id_, order, reason, text=text, opened_by=scope.to_signature(), opened_at=now)
            if reason in whole.reviews:
                return found
            unit.repository(ORDER_REVIEWS).add(review)
            unit.publish([OrderReviewed(subject=order, at=now, reason=reason, is_open=True)])
            return self._save(unit, found, (*whole.reviews, reason))

        # Of two at once one finds the review that the other opened, and leaves it as it is.
        return self.runtime.run(scope, write, contested=[ORDER_REVIEWS])

    def release(self, order: str, reason: str, *, scope: Scope, text: str = "") -> Order:
        """Hold an order for a reason no more, and return it; where no other reason is left, its pieces may leave.

        Args:
            order: Id of the marketplace order.
            reason: The reason that it is held for.
            scope: The operator.
            text: What was found.

        Raises:
            NotFound: There is no such order, or it is not held for this reason.
            PermissionDenied: The caller is not the operator, or its user may not.
        """
        check_operator(scope, Permission.CHANGE_ORDERS)

        def write(unit: MarketUnit) -> Order:
            found, now = load_order(unit, order), self.runtime.now()
            whole, reviews = found.marketplace_order, unit.repository(ORDER_REVIEWS)
            opened = [one for one in reviews.stream({"order_id": order, "state": "open"}) if one.reason == reason]
            if reason not in whole.reviews or not opened:
                raise NotFound(ORDER_REVIEWS.name, f"{order}, {reason}")
            by = scope.to_signature()
            reviews.save_many([attrs.evolve(one, closed_by=by, closed_at=now, outcome=text) for one in opened])
            unit.publish([OrderReviewed(subject=order, at=now, reason=reason, is_open=False)])
            return self._save(unit, found, tuple(one for one in whole.reviews if one != reason))

        return self.runtime.run(scope, write)

    def _save(self, unit: MarketUnit, order: Order, reasons: tuple[str, ...]) -> Order:
        # The whole before its parts, as all who store both.
        whole = unit.repository(MARKETPLACE_ORDERS).save(attrs.evolve(order.marketplace_order, reviews=reasons))
        is_held, parts, now = bool(reasons), order.merchant_orders, self.runtime.now()
        if all(part.is_held == is_held for part in parts):
            return Order(whole, parts)
        stored = tuple(unit.repository(MERCHANT_ORDERS).save(attrs.evolve(part, is_held=is_held)) for part in parts)
        told = [MerchantOrderHeld(subject=part.id, at=now, merchant=part.merchant, is_held=is_held) for part in parts]
        unit.publish(told)
        return Order(whole, stored)
