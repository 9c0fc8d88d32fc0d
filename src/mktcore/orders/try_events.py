"""Firing events on an order without keeping anything: processes, messages and effects decide, nothing is written."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import attrs

from mktcore.errors import MktcoreError
from mktcore.orders.actions.action import Action
from mktcore.orders.decide_event import decide_event
from mktcore.orders.effects.apply_effects import decide_changes, mark_stages, read_found
from mktcore.orders.effects.effect import Effect, Found, Reads, join_reads
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.order import Order
from mktcore.orders.order_processes import OrderProcesses
from mktcore.orders.ports import EffectUnit
from mktcore.orders.shipments.reach_pieces import reach_pieces
from mktcore.orders.use_cases.fire_action import FireAction
from mktcore.persistence import Scope
from mktcore.processes import PortionsMachine, Subject
from mktcore.processes.allowed_events import AllowedEvent, Attempted, find_allowed_pieces, list_refusals

__all__ = ["OrderTrial"]


@attrs.define
class OrderTrial:
    """An order on which events are tried.

    Attributes:
        unit: Where effects read what they ask for; under the operator's authority.
        order: The whole order, which stays as it is.
        id: Of the marketplace order or the merchant order that events are fired on.
        processes: The pair that it is on.
        effects: What follows.
        now: The instant, UTC.
        by: Who would fire.
        asked: What has been read so far.
        found: What came of it.
    """

    unit: EffectUnit
    order: Order
    id: str
    processes: OrderProcesses = attrs.field(kw_only=True)
    effects: tuple[Effect, ...] = attrs.field(kw_only=True)
    now: datetime = attrs.field(kw_only=True)
    by: Scope = attrs.field(kw_only=True)
    asked: Reads = attrs.field(factory=Reads, kw_only=True)
    found: Found = attrs.field(factory=Found, kw_only=True)

    @classmethod
    def of(
        cls,
        unit: EffectUnit,
        order: Order,
        id: str,  # noqa: A002 - the field's name
        *,
        firing: FireAction,
        now: datetime,
        by: Scope,
    ) -> "OrderTrial":
        """Return an order to be tried as a use case would fire on it.

        Raises:
            ProcessNotHeld: It is on a version of a process that the marketplace does not hold.
        """
        processes = firing.processes.get_pair(order)
        return cls(unit, order, id, processes=processes, effects=firing.effects, now=now, by=by)

    @property
    def subject(self) -> Subject:
        """Where its pieces are."""
        return self.order.subjects()[self.id]

    @property
    def machine(self) -> PortionsMachine:
        """Its process."""
        return self.processes.get_machine(self.subject.process)

    def foresee(self, actions: Iterable[Action | str], lines: Mapping[str, int] | None) -> None:
        """Read together what the effects of all these will ask for, so that calls do not grow with their number."""
        reads = []
        for action in actions:
            try:
                transition = self._decide(action, lines)
                reads += [effect.reads(transition) for effect in self.effects]
            except MktcoreError as error:
                list_refusals(error)  # told when it is tried
        self._read(join_reads(reads))

    def fire(self, action: Action | str, quantities: Mapping[str, int] | None) -> Attempted:
        """Fire an action, and return what it would have moved of the subject; raises whatever firing raises."""
        transition = self._decide(action, quantities)
        self._read(join_reads(effect.reads(transition) for effect in self.effects))
        decide_changes(transition, self.found, self.effects)
        return Attempted(transition.moved.moves.get(self.id, ()), transition.moved.problems)

    def find(self, event: str, action: Action | str, lines: Mapping[str, int] | None) -> AllowedEvent:
        """Return which pieces an event can move, and why not the others."""
        return find_allowed_pieces(
            self.machine,
            self.subject,
            event,
            by=self.by,
            attempt=lambda quantities: self.fire(action, quantities),
            quantities=lines,
        )

    def _decide(self, action: Action | str, quantities: Mapping[str, int] | None) -> OrderTransition:
        reached = reach_pieces(self.unit, self.machine, self.id, action=action, lines=quantities)
        transition = decide_event(
            self.processes,
            self.order,
            self.id,
            action=action,
            quantities=reached,
            now=self.now,
            by=self.by,
        )
        return mark_stages(transition)

    def _read(self, reads: Reads) -> None:
        """Read what was not asked for yet: hardly ever anything, once all has been foreseen."""
        missing = Reads(
            reads.reservations - self.asked.reservations,
            {kind: ids - self.asked.records.get(kind, frozenset()) for kind, ids in reads.records.items()},
            reads.accounts - self.asked.accounts,
        )
        more = read_found(self.unit, missing)
        records: dict[str, Mapping[str, Any]] = {**self.found.records}
        for name, values in more.records.items():
            records[name] = {**records.get(name, {}), **values}
        self.found = Found(
            {**self.found.reservations, **more.reservations}, records, {**self.found.funds, **more.funds}
        )
        self.asked = join_reads((self.asked, missing))
