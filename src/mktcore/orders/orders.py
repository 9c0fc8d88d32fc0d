"""The orders of a marketplace under one name: read, moved, reviewed, compared with present prices, timed out."""

from collections.abc import Mapping

import attrs

from mktcore.orders.actions.action import Action
from mktcore.orders.order import Order
from mktcore.orders.price_approvals.allowed_answers import AllowedAnswers
from mktcore.orders.price_approvals.use_cases import PriceApprovals
from mktcore.orders.reviews.use_cases import ReviewOrders
from mktcore.orders.use_cases.allowed_actions import AllowedActions
from mktcore.orders.use_cases.expire_timeouts import ExpireTimeOuts
from mktcore.orders.use_cases.export_orders import ExportOrders
from mktcore.orders.use_cases.fire_action import FireRequest
from mktcore.orders.use_cases.migrate_orders import MigrateOrders
from mktcore.orders.use_cases.read_orders import ReadOrders
from mktcore.persistence import Page, Scope
from mktcore.processes.timeout_repository import StoredTimeOut
from mktcore.telemetry import watched

__all__ = ["Orders"]


@watched
@attrs.frozen(slots=False)
class Orders(
    PriceApprovals,
    AllowedAnswers,
    ReviewOrders,
    ExportOrders,
    MigrateOrders,
    AllowedActions,
    ReadOrders,
):
    """Placed orders. Every call takes the scope of who asks, and checks its permission.

    Attributes:
        expiring: Lets due time-outs happen.
    """

    expiring: ExpireTimeOuts = attrs.field(kw_only=True)

    def fire(
        self,
        order: str,
        action: Action | str,
        *,
        key: str,
        scope: Scope,
        lines: Mapping[str, int] | None = None,
        reason: str = "",
    ) -> Order:
        """Let something happen to a marketplace order's lines (`AskToCancel("too-late")`), and return the whole order.

        Its merchant orders follow. Arguments and refusals are those of `Marketplace.fire`, which is for one merchant
        order; the caller is the operator or the buyer.
        """
        request = FireRequest(order, action, lines=lines, reason=reason)
        return self.firing.fire_order(request, key=key, scope=scope)

    def expire(self, *, limit: int = 100) -> int:
        """Let due time-outs of orders happen, and return how many were looked at; call it regularly until it returns 0.

        Several workers may do this at once. What cannot happen keeps nothing else waiting: see `page_failed_timeouts`.
        """
        return self.expiring.expire(limit=limit)

    def page_failed_timeouts(self, *, scope: Scope, after: str | None = None, limit: int = 100) -> Page[StoredTimeOut]:
        """Return a page of time-outs that could not happen: how often they were tried, why not, and when next.

        One that failed 12 times is set aside (`is_set_aside`) until `retry_timeout`. See `ExpireTimeOuts.page_failed`.
        """
        return self.expiring.page_failed(scope=scope, after=after, limit=limit)

    def retry_timeout(self, timeout: str, *, scope: Scope) -> StoredTimeOut:
        """Make a time-out due that could not happen, by its id. See `ExpireTimeOuts.retry`."""
        return self.expiring.retry(timeout, scope=scope)
