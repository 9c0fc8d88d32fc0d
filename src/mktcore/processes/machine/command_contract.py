"""What conditions, commands and deadlines are given, and what a command answers."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Self, TypeVar

import attrs

from mktcore.events import Event
from mktcore.persistence import Scope
from mktcore.processes.fast_values import make_builder

__all__ = ["DONE", "Command", "CommandDeclined", "CommandOutcome", "Condition", "Deadline", "Firing", "build_firing"]


@attrs.frozen
class CommandOutcome:
    """What a command decided. It changed nothing: the host applies the changes and publishes the events.

    Attributes:
        changes: The host's own values, in order; the engine only passes them on.
        events: Events for the outbox; outside effects are asked for by events and answer by events.
        result: What a choice may be made on.
    """

    changes: tuple[object, ...] = ()
    events: tuple[Event, ...] = ()
    result: object = None


DONE = CommandOutcome()
"""The outcome of a command that has nothing to say."""


@attrs.frozen
class CommandDeclined:
    """A command's refusal: what it was to move stays where it is."""

    reason: str


@attrs.frozen(weakref_slot=False)
class Firing:
    """One event about to lead out of one state: what conditions and commands look at.

    Attributes:
        event: Name of the event.
        state: Name of the state it would lead out of.
        since: When that state was entered, UTC.
        now: The instant, UTC.
        by: Who fired it; None for the program itself.
        facts: What the host handed to `fire`: usually its own value, and what was said with the event.
        changes: What commands changed earlier in this same firing.
        outcome: The command's outcome, for a choice; None before the command.
    """

    event: str
    state: str
    since: datetime
    now: datetime
    by: Scope | None
    facts: Any
    changes: tuple[object, ...]
    outcome: CommandOutcome | None

    def with_outcome(self, outcome: CommandOutcome) -> Self:
        """Return what a choice is given: the same after the command."""
        # A choice sees what its own command changed, on top of what earlier steps of the chain did.
        return attrs.evolve(self, outcome=outcome, changes=self.changes + outcome.changes)


F = TypeVar("F", bound=Firing)

Condition = Callable[[F], bool]
Command = Callable[[F], CommandOutcome | CommandDeclined]
Deadline = Callable[[F], datetime]

build_firing = make_builder(Firing)
