"""What a caller may answer now to a merchant order whose price waits for approval."""

from datetime import datetime

import attrs

from mktcore.access import Permission, check_granted, check_permission
from mktcore.orders.price_approvals.price_approval import APPROVAL_LIFE, PRICE_APPROVALS, PriceApproval
from mktcore.orders.price_approvals.refuse_order import DENYING_EVENT
from mktcore.orders.price_approvals.use_cases import answer_price
from mktcore.orders.queries import load_order_of
from mktcore.orders.try_events import OrderTrial
from mktcore.orders.use_cases.fire_action import FireAction
from mktcore.parties import Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.persistence import Scope
from mktcore.processes.allowed_events import AllowedEvent, AllowedEvents, try_event
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["AllowedAnswers"]


# Without slots, for the same reason as `ReadOrders`.
@watched
@attrs.frozen(slots=False)
class AllowedAnswers:
    """What may be answered to price approvals now.

    Attributes:
        runtime: Where orders are kept, and what time it is.
        firing: Cancels what is refused.
    """

    runtime: Runtime[MarketUnit]
    firing: FireAction

    def allowed_answers(self, merchant_order: str, *, scope: Scope) -> AllowedEvents:
        """Return whether the caller can approve (`consent`) or deny (`refuse`) a price now, and why not.

        Raises:
            NotFound: There is no such price approval for this caller.
            PermissionDenied: The caller's user may not read orders.
        """
        check_granted(scope, Permission.READ_ORDERS)
        known = self.runtime.read(scope, lambda unit: unit.repository(PRICE_APPROVALS).get(merchant_order))
        return self.runtime.read(scope.to_operator(), lambda unit: self._find_answers(unit, known, scope))

    def _find_answers(self, unit: MarketUnit, known: PriceApproval, scope: Scope) -> AllowedEvents:
        now = self.runtime.now()

        def answer(*, approves: bool) -> None:
            check_permission(scope, Permission.FULFIL_ORDERS)
            check_caller(unit, scope, Activity.FULFIL, now=now)
            answer_price(known, scope, approves=approves, now=now)
            if not approves:
                self._try_to_refuse(unit, known, now)

        events: dict[str, AllowedEvent] = {
            "consent": try_event("consent", lambda: answer(approves=True)),
            "refuse": try_event("refuse", lambda: answer(approves=False)),
        }
        # The process's own words for who waits: nobody lets it lapse by hand.
        asked = tuple(events[event.name] for event in APPROVAL_LIFE.events if event.is_manual())
        return AllowedEvents(PRICE_APPROVALS.name, known.id, asker=scope.to_party(), events=asked)

    def _try_to_refuse(self, unit: MarketUnit, known: PriceApproval, now: datetime) -> None:
        """Cancel what is open as a refusal would, and keep nothing of it."""
        order = load_order_of(unit, known.id)
        trial = OrderTrial.of(unit, order, known.id, firing=self.firing, now=now, by=Scope.merchant(known.merchant))
        trial.fire(DENYING_EVENT, None)
