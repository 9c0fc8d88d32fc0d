"""What conditions and commands are given, what they answer, and what comes of firing an event."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import attrs

from mktcore.errors import Notice
from mktcore.events import Event as DomainEvent
from mktcore.persistence import Scope
from mktcore.processes.building import make_builder
from mktcore.processes.subjects import Move, Portion, Subject
from mktcore.processes.timeouts import TimeOut, TimeOutKey

__all__ = [
    "DONE",
    "Command",
    "Condition",
    "Deadline",
    "Declined",
    "Fired",
    "Firing",
    "Outcome",
    "build_fired",
    "build_firing",
]


@attrs.frozen
class Outcome:
    """What a command decided. It changed nothing: the host applies the changes and publishes the events.

    Attributes:
        changes: The host's own values, in order; the engine only passes them on.
        events: Events for the outbox; outside effects are asked for by events and answer by events.
        result: What a choice may be made on.
    """

    changes: tuple[object, ...] = ()
    events: tuple[DomainEvent, ...] = ()
    result: object = None


DONE = Outcome()
"""The outcome of a command that has nothing to say."""


@attrs.frozen
class Declined:
    """A command's refusal: its portions stay where they are."""

    reason: str


@attrs.frozen(weakref_slot=False)
class Firing:
    """One event about to move some portions out of one state: what conditions and commands look at.

    Attributes:
        subject: The subject as it was when the event was fired.
        event: Name of the event.
        state: Name of the state the portions are in.
        portions: The portions that would move, cut to the quantities that would.
        now: The instant, UTC.
        by: Who fired it; None for the program itself.
        facts: What the host handed to `fire`: usually the order that holds the subject.
        changes: What commands changed earlier in this same firing.
        outcome: The command's outcome, for a choice; None before the command.
    """

    subject: Subject
    event: str
    state: str
    portions: tuple[Portion, ...]
    now: datetime
    by: Scope | None
    facts: Any
    changes: tuple[object, ...] = ()
    outcome: Outcome | None = None

    def quantities(self) -> dict[str, int]:
        """Return how many units of each line would move."""
        found: dict[str, int] = {}
        for portion in self.portions:
            found[portion.line] = found.get(portion.line, 0) + portion.quantity
        return found


Condition = Callable[[Firing], bool]
Command = Callable[[Firing], Outcome | Declined]
Deadline = Callable[[Firing], datetime]


@attrs.frozen(weakref_slot=False)
class Fired:
    """What came of an event. Nothing was stored: the host saves the subject, publishes, schedules and cancels.

    Attributes:
        subject: The subject afterwards.
        moves: The new lines of its history, in order.
        events: Events for the outbox, from the commands.
        changes: The host's own values from the commands, in order.
        schedule: Time-outs to schedule.
        cancel: Time-outs to cancel.
        problems: What did not happen although the rest did: an ignored quantity, a declined command, a lost time-out.
    """

    subject: Subject
    moves: tuple[Move, ...] = ()
    events: tuple[DomainEvent, ...] = ()
    changes: tuple[object, ...] = ()
    schedule: tuple[TimeOut, ...] = ()
    cancel: tuple[TimeOutKey, ...] = ()
    problems: tuple[Notice, ...] = ()


build_firing = make_builder(Firing)
build_fired = make_builder(Fired)
