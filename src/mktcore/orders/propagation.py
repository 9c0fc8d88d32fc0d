"""Propagation: an event of an order's process, the messages it sets off, and what all of them move. Pure.

A marketplace order and its merchant orders are subjects of two processes that talk by links. They are stored in one
transaction, so a message is delivered at once: what the merchant ships, the buyer's order shows as shipped.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property

import attrs

from mktcore.events import Event
from mktcore.notice import Notice
from mktcore.orders.actions.action import Action, to_action, to_event
from mktcore.orders.actions.order_facts import OrderFacts
from mktcore.orders.order import Order
from mktcore.orders.order_processes import OrderProcesses
from mktcore.persistence import Scope
from mktcore.processes import Subject
from mktcore.processes.portions import Message, Move, PortionsFired, receive, send
from mktcore.processes.portions.choose_portions import Pieces
from mktcore.processes.timeouts import TimeOut, TimeOutKey

__all__ = ["Moved", "join_moved", "move_on_event", "move_on_timeouts", "start_order"]


@attrs.frozen
class Moved:
    """What came of it: only the subjects that changed are listed.

    Attributes:
        subjects: The changed subjects, by id.
        moves: The new lines of their histories, by the subject's id.
        schedule: Time-outs to schedule.
        cancel: Time-outs to cancel.
        problems: What did not happen although the rest did: a message that came too late.
        events: Events that commands returned, in order.
        changes: Values of the host's own that commands returned, in order; effects choose among them by type.
    """

    subjects: Mapping[str, Subject]
    moves: Mapping[str, tuple[Move, ...]]
    schedule: tuple[TimeOut, ...]
    cancel: tuple[TimeOutKey, ...]
    problems: tuple[Notice, ...]
    events: tuple[Event, ...] = ()
    changes: tuple[object, ...] = ()


def join_moved(first: Moved, then: Moved) -> Moved:
    """Return what two events did one after the other, as if one had done it."""
    subjects = first.moves.keys() | then.moves.keys()
    gone = frozenset(then.cancel)
    return Moved(
        {**first.subjects, **then.subjects},
        moves={id_: (*first.moves.get(id_, ()), *then.moves.get(id_, ())) for id_ in sorted(subjects)},
        # Time-outs are cancelled before any is scheduled: one that was left again must not be scheduled at all.
        schedule=(*(one for one in first.schedule if one.key not in gone), *then.schedule),
        cancel=(*first.cancel, *then.cancel),
        problems=(*first.problems, *then.problems),
        events=(*first.events, *then.events),
        changes=(*first.changes, *then.changes),
    )


def start_order(
    processes: OrderProcesses, order: Order, *, now: datetime, by: Scope, events: Iterable[str] = ()
) -> Moved:
    """Start an order and, once it is sent to them, its merchants' parts.

    Args:
        processes: The processes.
        order: The order, of which nothing has started.
        now: The instant, UTC.
        by: Who placed it.
        events: Events to fire on the whole order at once: paid, sent.
    """
    mover = _to_mover(processes, order, action=None, now=now, by=by)
    lines = {line.key: line.quantity for part in order.merchant_orders for line in part.lines}
    mover.take(processes.whole.start(order.id, lines, now=now, by=by, facts=mover.to_facts(order.id)))
    # Fired by the program, without `by`: placing does what no party may do by hand.
    for event in events:
        mover.take(processes.whole.fire(mover.subjects[order.id], event, now=now, facts=mover.to_facts(order.id)))
    return mover.finish()


def move_on_event(
    processes: OrderProcesses,
    order: Order,
    subject: str,
    *,
    action: Action | str,
    quantities: Pieces | None,
    now: datetime,
    by: Scope,
    reason: str = "",
    subjects: Mapping[str, Subject] | None = None,
) -> Moved:
    """Fire an event on one subject of an order and deliver what it sets off.

    Guards and commands of every subject that moves are given the order as it was before, and the action.

    Args:
        processes: The processes.
        order: The whole order.
        subject: Id of the marketplace order or of the merchant order that the event is fired on.
        action: The action, or the name of an event.
        quantities: Pieces by line, or by line and state; None for everything the event reaches.
        now: The instant, UTC.
        by: Who fires it.
        reason: Why, for the history.
        subjects: What goes through processes as it stands now, by id, where several events are fired one after the
            other; None for as it stands in the order.

    Raises:
        mktcore.processes.errors.EventRefused: The event is refused, or the other process has no answer to it.
    """
    mover = _to_mover(processes, order, action=to_action(action), now=now, by=by)
    mover.subjects.update(subjects or {})
    moving = mover.subjects[subject]
    machine = processes.get_machine(moving.process)
    facts = mover.to_facts(subject)
    mover.take(
        machine.fire(moving, to_event(action), quantities=quantities, now=now, by=by, facts=facts, reason=reason)
    )
    return mover.finish()


def move_on_timeouts(processes: OrderProcesses, order: Order, timeouts: Sequence[TimeOut], *, now: datetime) -> Moved:
    """Let due time-outs of one subject of an order, by one event, happen together, and deliver what that sets off.

    A time-out that lost to an event that came first changes nothing, and `problems` says so (invariant I15).

    Args:
        processes: The processes.
        order: The whole order.
        timeouts: Of one subject and one event; at least one.
        now: The instant, UTC.
    """
    mover = _to_mover(processes, order, action=None, now=now)
    key = timeouts[0].key
    machine, facts = processes.get_machine(key.process), mover.to_facts(key.subject)
    mover.take(machine.fire_timeouts(mover.subjects[key.subject], timeouts, now=now, facts=facts))
    return mover.finish()


def _to_mover(
    processes: OrderProcesses, order: Order, action: Action | None, *, now: datetime, by: Scope | None = None
) -> "_Mover":
    return _Mover(processes, order=order, action=action, subjects=order.subjects(), now=now, by=by)


@attrs.frozen
class _Mover:
    """Takes what was fired, and delivers its messages until none is left."""

    processes: OrderProcesses
    order: Order
    action: Action | None
    subjects: dict[str, Subject]
    now: datetime
    by: Scope | None
    moves: dict[str, list[Move]] = attrs.field(factory=dict)
    schedule: dict[TimeOutKey, TimeOut] = attrs.field(factory=dict)
    cancel: dict[TimeOutKey, None] = attrs.field(factory=dict)
    problems: list[Notice] = attrs.field(factory=list)
    events: list[Event] = attrs.field(factory=list)
    changes: list[object] = attrs.field(factory=list)

    @cached_property
    def places(self) -> Mapping[str, str]:
        """The merchant order that each line is in: asked only where the whole tells its parts something."""
        return {line.key: part.id for part in self.order.merchant_orders for line in part.lines}

    def to_facts(self, subject: str) -> OrderFacts:
        return OrderFacts(self.order, self.order.find_part(subject), self.action)

    def take(self, fired: PortionsFired) -> None:
        # In the order of sending, as an outbox delivers: `verify_jointly` has explored that order.
        waiting = deque(self.note(fired))
        while waiting:
            waiting.extend(self.deliver(waiting.popleft()))

    def note(self, fired: PortionsFired) -> tuple[Message, ...]:
        self.subjects[fired.subject.id] = fired.subject
        self.moves.setdefault(fired.subject.id, []).extend(fired.moves)
        self.problems.extend(fired.problems)
        self.events.extend(fired.events)
        self.changes.extend(fired.changes)
        for key in fired.cancel:
            self.schedule.pop(key, None)
            self.cancel[key] = None  # also one scheduled just now: an earlier stay of the same instant may be stored
        self.schedule.update({timeout.key: timeout for timeout in fired.schedule})
        talking = self.processes.list_interactions(fired.subject.process)
        return tuple(message for interaction in talking for message in send(interaction, fired))

    def deliver(self, message: Message) -> list[Message]:
        link, whole = message.link, self.processes.whole.process.name
        [interaction] = self.processes.list_interactions(link.sender if link.receiver == whole else link.receiver)
        answers: list[Message] = []
        machine = self.processes.get_machine(link.receiver)
        for receiver, part in self.address(message):
            subject, facts = self.subjects[receiver], self.to_facts(receiver)
            # Whoever set it off is the author of all that follows; that a link carried it on, the reason says.
            fired = receive(
                machine, subject, message=part, interaction=interaction, now=self.now, by=self.by, facts=facts
            )
            answers.extend(self.note(fired))
        return answers

    def address(self, message: Message) -> list[tuple[str, Message]]:
        """Return who receives the message: the whole, or each part that is on that process, of its own lines."""
        if message.link.receiver == self.processes.whole.process.name:
            return [(self.order.id, message)]
        receivers = dict.fromkeys(self.places[carried.line] for carried in message.carried)
        return [
            (part, attrs.evolve(message, carried=tuple(c for c in message.carried if self.places[c.line] == part)))
            for part in receivers
            if self.subjects[part].process == message.link.receiver
        ]

    def finish(self) -> Moved:
        # A subject that only lost a time-out is as it was, and is not stored again.
        changed = [id_ for id_, moves in self.moves.items() if moves]
        return Moved(
            {id_: self.subjects[id_] for id_ in changed},
            moves={id_: tuple(self.moves[id_]) for id_ in changed},
            schedule=tuple(self.schedule.values()),
            cancel=tuple(self.cancel),
            problems=tuple(self.problems),
            events=tuple(self.events),
            changes=tuple(self.changes),
        )
