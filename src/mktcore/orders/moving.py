"""Moving an order through its processes: an event, the messages it sets off, and everything that follows. Pure.

A marketplace order and its merchant orders are subjects of two processes that talk by links. They are stored in one
transaction, so a message is delivered at once: what the merchant ships, the buyer's order shows as shipped.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from mktcore.errors import Notice
from mktcore.persistence import Scope
from mktcore.processes import Interaction, PortionsMachine, Subject
from mktcore.processes.portions import Message, Move, PortionsFired, receive, send
from mktcore.processes.timeouts import TimeOut, TimeOutKey

__all__ = ["Moved", "OrderProcesses", "move_on_event", "move_on_timeout", "start_order"]


@attrs.frozen
class OrderProcesses:
    """The processes of orders, bound to their functions, and how they talk.

    Attributes:
        whole: Of marketplace orders.
        part: Of merchant orders.
        interaction: The links between them.
    """

    whole: PortionsMachine
    part: PortionsMachine
    interaction: Interaction

    def get_machine(self, process: str) -> PortionsMachine:
        """Return the machine of the process with this name; any other name is the part's."""
        return self.whole if process == self.whole.process.name else self.part


@attrs.frozen
class Moved:
    """What came of it: only the subjects that changed are listed.

    Attributes:
        subjects: The changed subjects, by id.
        moves: The new lines of their histories, by the subject's id.
        schedule: Time-outs to schedule.
        cancel: Time-outs to cancel.
        problems: What did not happen although the rest did: a message that came too late.
    """

    subjects: Mapping[str, Subject]
    moves: Mapping[str, tuple[Move, ...]]
    schedule: tuple[TimeOut, ...]
    cancel: tuple[TimeOutKey, ...]
    problems: tuple[Notice, ...]


def start_order(
    processes: OrderProcesses,
    order: str,
    parts: Mapping[str, Mapping[str, int]],
    *,
    now: datetime,
    by: Scope,
    events: Iterable[str],
) -> Moved:
    """Start an order and, once it is sent to them, its merchants' parts.

    Args:
        processes: The processes.
        order: The marketplace order's id.
        parts: The quantities of the lines of each merchant order, by its id.
        now: The instant, UTC.
        by: Who placed it.
        events: Events to fire on the whole order at once: paid, sent.
    """
    lines = {line: quantity for quantities in parts.values() for line, quantity in quantities.items()}
    places = {line: part for part, quantities in parts.items() for line in quantities}
    mover = _Mover(processes, order, places, {}, now)
    mover.take(processes.whole.start(order, lines, now=now, by=by))
    for event in events:
        mover.take(processes.whole.fire(mover.subjects[order], event, now=now))
    return mover.finish()


def move_on_event(
    processes: OrderProcesses,
    subjects: Mapping[str, Subject],
    subject: str,
    event: str,
    *,
    quantities: Mapping[str, int] | None,
    now: datetime,
    by: Scope,
    reason: str = "",
) -> Moved:
    """Fire an event on one subject of an order and deliver what it sets off.

    Args:
        processes: The processes.
        subjects: The marketplace order's subject first, then those of all its merchant orders, by id.
        subject: Id of the one the event is fired on.
        event: Name of the event.
        quantities: Pieces by line; None for everything the event reaches.
        now: The instant, UTC.
        by: Who fires it.
        reason: Why, for the history.

    Raises:
        mktcore.processes.errors.EventRefused: The event is refused, or the other process has no answer to it.
    """
    mover = _to_mover(processes, subjects, now)
    machine = processes.get_machine(subjects[subject].process)
    mover.take(machine.fire(subjects[subject], event, quantities=quantities, now=now, by=by, reason=reason))
    return mover.finish()


def move_on_timeout(
    processes: OrderProcesses, subjects: Mapping[str, Subject], timeout: TimeOut, *, now: datetime
) -> Moved:
    """Let a due time-out of one subject of an order happen, and deliver what it sets off.

    A time-out that lost to an event that came first changes nothing, and `problems` says so (invariant I15).
    """
    mover = _to_mover(processes, subjects, now)
    machine = processes.get_machine(timeout.key.process)
    mover.take(machine.fire_timeout(subjects[timeout.key.subject], timeout, now=now))
    return mover.finish()


def _to_mover(processes: OrderProcesses, subjects: Mapping[str, Subject], now: datetime) -> "_Mover":
    whole = next(iter(subjects))
    places = {portion.line: id_ for id_, subject in subjects.items() if id_ != whole for portion in subject.portions}
    return _Mover(processes, whole, places, dict(subjects), now)


@attrs.frozen
class _Mover:
    """Takes what was fired, and delivers its messages until none is left."""

    processes: OrderProcesses
    whole: str
    places: Mapping[str, str]
    subjects: dict[str, Subject]
    now: datetime
    moves: dict[str, list[Move]] = attrs.field(factory=dict)
    schedule: dict[TimeOutKey, TimeOut] = attrs.field(factory=dict)
    cancel: dict[TimeOutKey, None] = attrs.field(factory=dict)
    problems: list[Notice] = attrs.field(factory=list)

    def take(self, fired: PortionsFired) -> None:
        waiting = deque(self.note(fired))
        while waiting:
            waiting.extend(self.deliver(waiting.popleft()))

    def note(self, fired: PortionsFired) -> tuple[Message, ...]:
        self.subjects[fired.subject.id] = fired.subject
        self.moves.setdefault(fired.subject.id, []).extend(fired.moves)
        self.problems.extend(fired.problems)
        for key in fired.cancel:
            self.schedule.pop(key, None)
            self.cancel[key] = None  # also one scheduled just now: an earlier stay of the same instant may be stored
        self.schedule.update({timeout.key: timeout for timeout in fired.schedule})
        return send(self.processes.interaction, fired)

    def deliver(self, message: Message) -> list[Message]:
        interaction = self.processes.interaction
        answers: list[Message] = []
        machine = self.processes.get_machine(message.link.receiver)
        for receiver, part in self.address(message):
            subject = self.subjects.get(receiver, receiver)
            answers.extend(self.note(receive(machine, subject, part, interaction, now=self.now)))
        return answers

    def address(self, message: Message) -> list[tuple[str, Message]]:
        """Return who receives the message: the whole, or of each part's lines that part."""
        if message.link.receiver == self.processes.whole.process.name:
            return [(self.whole, message)]
        receivers = dict.fromkeys(self.places[carried.line] for carried in message.carried)
        return [
            (part, attrs.evolve(message, carried=tuple(c for c in message.carried if self.places[c.line] == part)))
            for part in receivers
        ]

    def finish(self) -> Moved:
        changed = [id_ for id_, moves in self.moves.items() if moves]
        return Moved(
            {id_: self.subjects[id_] for id_ in changed},
            {id_: tuple(self.moves[id_]) for id_ in changed},
            tuple(self.schedule.values()),
            tuple(self.cancel),
            tuple(self.problems),
        )
