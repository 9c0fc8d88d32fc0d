"""Price approvals that nobody answered in time: they are refused, as nobody stood by the price."""

from functools import partial

import attrs

from mktcore.orders.price_approvals.price_approval import PRICE_APPROVALS, PriceApprovalChanged, let_lapse
from mktcore.orders.price_approvals.refuse_order import refuse_order
from mktcore.orders.use_cases.fire_action import FireAction
from mktcore.persistence import Scope
from mktcore.processes import EventRefused
from mktcore.processes.timeout_repository import TIMEOUTS, StoredTimeOuts
from mktcore.processes.timeouts import TimeOut
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["LapseApprovals"]


@watched
@attrs.frozen
class LapseApprovals:
    """Ends the waiting of price approvals, as the operator.

    Attributes:
        runtime: Where they are kept, and what time it is.
        firing: Cancels their orders.
    """

    runtime: Runtime[MarketUnit]
    firing: FireAction

    def lapse(self, timeout: TimeOut) -> None:
        """Let a due time-out happen; one that lost to an answer is only forgotten."""
        self.runtime.run(Scope.operator(), partial(self._lapse, timeout))

    def _lapse(self, timeout: TimeOut, unit: MarketUnit) -> None:
        approvals, now = unit.repository(PRICE_APPROVALS), self.runtime.now()
        known = approvals.find(timeout.key.subject)
        lapsed = None if known is None else let_lapse(known, now=now)
        if timeout.due > now:
            return  # its worker's clock was ahead: it stays as it is scheduled
        StoredTimeOuts(unit.repository(TIMEOUTS)).cancel([timeout.key])
        if lapsed is None or lapsed == known:
            return
        stored = approvals.save(lapsed)
        unit.publish([PriceApprovalChanged.of(stored, now)])
        try:
            why = f"nobody answered by {timeout.due.isoformat()}"
            refuse_order(self.firing, unit, stored, scope=Scope.operator(), why=why)
        except EventRefused:
            # What cannot be cancelled stays where it is, and does not leave; refused, the event wrote nothing.
            return
