"""Time-outs of orders that are due: those of one event happen together, in a transaction of their own."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

import attrs

from mktcore.access import Permission
from mktcore.access.permissions import check_permission
from mktcore.orders.effects import EFFECTS
from mktcore.orders.effects.apply_effects import apply_effects
from mktcore.orders.effects.effect import Effect
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.order import Order
from mktcore.orders.order_processes import OrderProcesses
from mktcore.orders.propagation import move_on_timeouts
from mktcore.orders.queries import load_order, load_order_of
from mktcore.orders.reviews.hold_back import refuse_held
from mktcore.persistence import Page, Repositories, Scope
from mktcore.processes.timeout_repository import TIMEOUTS, StoredTimeOut, StoredTimeOuts
from mktcore.processes.timeouts import TimeOut
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["ExpireTimeOuts"]


@watched
@attrs.frozen
class ExpireTimeOuts:
    """Lets time-outs of orders happen, as the operator.

    Attributes:
        runtime: Where orders are kept, and what time it is.
        processes: The processes they are on, earlier ones among them.
        effects: What follows from time-outs, as from actions.
        others: What lets time-outs of other processes happen, by the name of the process.
    """

    runtime: Runtime[MarketUnit]
    processes: OrderProcesses
    effects: tuple[Effect, ...] = EFFECTS
    others: Mapping[str, Callable[[TimeOut], None]] = attrs.field(factory=dict)

    def expire(self, *, limit: int = 100) -> int:
        """Let the time-outs that are due happen, and return how many were looked at.

        The lines of an order that are due by one event are one event, as if it was fired by hand: one unit, one step of
        the history, one message. Where that cannot happen, each is tried by itself, so that none waits for another's.

        Several workers may do this at once: a time-out fires at most once (invariant I15). One that cannot happen is
        tried again after a pause that doubles each time, and is set aside at last; see `page_failed`.

        Raises:
            ExceptionGroup: Some could not happen; the others did.
        """
        with self.runtime.store.begin(Scope.operator()) as unit:
            # Only looked at: each is decided on again in its own unit, on the order as it is then.
            due = StoredTimeOuts(unit.repository(TIMEOUTS)).find_due(self.runtime.now(), limit=limit)
        groups: dict[tuple[str, str, str], list[TimeOut]] = {}
        for one in due:
            groups.setdefault((one.key.process, one.key.subject, one.key.event), []).append(one)
        failures = [failure for group in groups.values() for failure in self._expire_group(group)]
        if failures:
            # Together, once all the others have had their turn.
            raise ExceptionGroup("time-outs that could not happen", failures)
        return len(due)

    def page_failed(self, *, scope: Scope, after: str | None = None, limit: int = 100) -> Page[StoredTimeOut]:
        """Return a page of the time-outs that could not happen: how often they were tried, why not, and when next.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not run the marketplace's workers.
        """
        check_permission(scope, Permission.MARKET)
        return self.runtime.read(
            scope, lambda unit: StoredTimeOuts(unit.repository(TIMEOUTS)).page_failed(after=after, limit=limit)
        )

    def retry(self, timeout: str, *, scope: Scope) -> StoredTimeOut:
        """Make a time-out due that could not happen, once its cause is mended; also one that was set aside.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not run the marketplace's workers.
            NotFound: There is no such time-out; it happened, or its state was left.
        """
        check_permission(scope, Permission.MARKET)
        return self.runtime.run(scope, lambda unit: StoredTimeOuts(unit.repository(TIMEOUTS)).retry(timeout))

    def _expire_group(self, group: list[TimeOut]) -> list[Exception]:
        """Let what is due by one event happen at once, or, when that fails, one by one; return what failed."""
        # The first brings the others that are due with it, also those of which this page has none.
        failure = self._try_to_expire(group[0], alone=False)
        if failure is None:
            return []
        tried = [(group[0], failure)] if len(group) == 1 else [(one, self._try_to_expire(one)) for one in group]
        failed = [(one, why) for one, why in tried if why is not None]
        for one, why in failed:
            self.runtime.run(Scope.operator(), partial(self._note, one, why))
        return [why for _, why in failed]

    def _try_to_expire(self, timeout: TimeOut, *, alone: bool = True) -> Exception | None:
        """Let one happen, with what is due with it; a failure must not keep the others from their turn."""
        try:
            other = self.others.get(timeout.key.process)
            if other is None:
                self.runtime.retry(lambda: self._expire(timeout, alone=alone))
            else:
                other(timeout)
        except Exception as failure:  # noqa: BLE001 - a guard or an effect of the host's may raise anything
            return failure
        return None

    def _note(self, timeout: TimeOut, failure: Exception, unit: MarketUnit) -> None:
        reason = f"{type(failure).__name__}: {failure}"
        StoredTimeOuts(unit.repository(TIMEOUTS)).note_failure(timeout.key, reason, now=self.runtime.now())

    def _expire(self, timeout: TimeOut, *, alone: bool) -> None:
        is_whole = self.processes.is_whole(timeout.key.process)
        with self.runtime.store.begin(Scope.operator()) as unit:
            order = (load_order if is_whole else load_order_of)(unit, timeout.key.subject)
            processes, now = self.processes.get_pair(order), self.runtime.now()
            together = (timeout,) if alone else self._find_together(unit, order, timeout, now=now)
            moved = move_on_timeouts(processes, order, together, now=now)
            # This one is done with, whatever came of it; one that came early is scheduled anew after that.
            moved = attrs.evolve(moved, cancel=(timeout.key, *moved.cancel))
            transition = refuse_held(OrderTransition.of(order, moved, processes, now=now))
            apply_effects(unit, transition, self.effects)
            unit.commit()

    def _find_together(
        self, unit: Repositories, order: Order, timeout: TimeOut, *, now: datetime
    ) -> tuple[TimeOut, ...]:
        """Return a time-out with all others of its subject that are due by the same event, whatever page found it."""
        key = timeout.key
        machine = self.processes.get_pair(order).get_machine(key.process)
        waiting = machine.list_timeouts(order.subjects()[key.subject], key.event)
        due = StoredTimeOuts(unit.repository(TIMEOUTS)).find_due_of(waiting, now)
        # In the order of the lines, whichever was met first; one that lost is no more waited for, and is told of too.
        return due if any(one.key == key for one in due) else (timeout, *due)
