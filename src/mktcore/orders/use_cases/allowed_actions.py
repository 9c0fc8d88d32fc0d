"""What a caller may do with an order now: every event is fired on what is stored, and nothing of it is kept."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from mktcore.access import Permission, check_granted, check_party
from mktcore.orders.actions.action import Action, check_action, list_fact_names, to_event
from mktcore.orders.firing_rights import find_barrier
from mktcore.orders.merchant_order import MERCHANT_ORDERS
from mktcore.orders.order import MARKETPLACE_ORDERS
from mktcore.orders.queries import load_order
from mktcore.orders.try_events import OrderTrial
from mktcore.orders.use_cases.fire_action import FireAction
from mktcore.persistence import Scope
from mktcore.processes import PortionsMachine, Subject
from mktcore.processes.allowed_events import AllowedEvent, AllowedEvents
from mktcore.processes.timeout_repository import TIMEOUTS, StoredTimeOuts
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["AllowedActions"]


# Without slots, for the same reason as `ReadOrders`.
@watched
@attrs.frozen(slots=False)
class AllowedActions:
    """What may be done with orders now.

    Attributes:
        runtime: Where orders are kept, and what time it is.
        firing: What would be asked to fire.
    """

    runtime: Runtime[MarketUnit]
    firing: FireAction

    def allowed(
        self,
        order: str,
        *,
        scope: Scope,
        lines: Mapping[str, int] | None = None,
        actions: Iterable[Action] = (),
    ) -> AllowedEvents:
        """Return what the caller may do now with a marketplace order or a merchant order, and why not the rest.

        Every event that somebody fires by hand is tried as `fire` would fire it, guards, messages to the other process
        and effects included, and nothing is kept. Time-outs that are waited for are told of with the instant at which
        they are due. The number of calls to the store does not grow with lines.

        Args:
            order: Its id.
            scope: Who asks.
            lines: The pieces that are asked about, by line key; None for all.
            actions: Actions with their facts, to be asked about in place of their bare events: where a guard looks at
                facts, or to know whether these would pass.

        Raises:
            NotFound: There is no such order for this caller.
            PermissionDenied: The caller's user may not read orders.
            UnknownAction: The class of an action is none of those that may be fired.
            ProcessNotHeld: The order is on a version of a process that the marketplace does not hold.
        """
        check_granted(scope, Permission.READ_ORDERS)
        asked = {to_event(action): action for action in actions}
        for action in asked.values():
            check_action(action, self.firing.actions)
        return self.runtime.read(
            scope.to_operator(), lambda unit: self._find_allowed(unit, order, asked, scope=scope, lines=lines)
        )

    def _find_allowed(
        self,
        unit: MarketUnit,
        id: str,  # noqa: A002 - the field's name
        asked: Mapping[str, Action],
        *,
        scope: Scope,
        lines: Mapping[str, int] | None,
    ) -> AllowedEvents:
        part = unit.repository(MERCHANT_ORDERS).find(id)
        kind = MARKETPLACE_ORDERS if part is None else MERCHANT_ORDERS
        order = load_order(unit, id if part is None else part.order)
        merchant = None if part is None else part.merchant
        # Refused in the words of an id that nobody has: which kind another's is of would tell that it is there.
        check_party(scope, MARKETPLACE_ORDERS.name, id, merchant=merchant, buyer=order.buyer)
        now = self.runtime.now()
        trial = OrderTrial.of(unit, order, id, firing=self.firing, now=now, by=scope.to_signature(scope.caller))
        barred = find_barrier(unit, scope, is_whole=part is None, now=now)
        due = _find_due(unit, trial.subject, trial.machine)
        names = _list_events(trial.machine, due)
        if barred:
            found = [AllowedEvent(event, is_allowed=False, refusals=barred) for event in names]
        else:
            trial.foresee([asked.get(event, event) for event in names], lines)
            found = [trial.find(event, asked.get(event, event), lines) for event in names]
        facts = {cls.event: list_fact_names(cls) for cls in reversed(self.firing.actions)}
        events = tuple(attrs.evolve(one, facts=facts.get(one.event, ()), due=due.get(one.event)) for one in found)
        return AllowedEvents(kind.name, id, asker=scope.to_party(), events=events)


def _find_due(unit: MarketUnit, subject: Subject, machine: PortionsMachine) -> dict[str, datetime]:
    """Return when the time-outs are due that the pieces wait for, the first of each event."""
    timed = [event.name for event in machine.process.events if event.is_timeout()]
    keys = [key for event in timed for key in machine.list_timeouts(subject, event)]
    found: dict[str, datetime] = {}
    for one in StoredTimeOuts(unit.repository(TIMEOUTS)).find_waiting(keys):
        found[one.key.event] = min(one.due, found.get(one.key.event, one.due))
    return found


def _list_events(machine: PortionsMachine, due: Mapping[str, datetime]) -> tuple[str, ...]:
    return tuple(event.name for event in machine.process.events if event.is_manual() or event.name in due)
