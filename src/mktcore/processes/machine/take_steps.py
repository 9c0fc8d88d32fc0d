"""The steps that one subject takes: by the event that was fired, and by those that entering a state sets off."""

from datetime import datetime
from typing import Any

import attrs

from mktcore.events import Event
from mktcore.notice import Notice
from mktcore.persistence import Scope
from mktcore.processes.errors import EndlessChain, EventRefused
from mktcore.processes.machine.command_contract import Firing, build_firing
from mktcore.processes.machine.current_state import Standing, Step
from mktcore.processes.machine.decide_transition import decide_transition
from mktcore.processes.machine.tables import Tables

__all__ = ["GUARD_REFUSED", "NO_CHOICE", "Circumstances", "Course", "join_reasons"]

NO_CHOICE = "no choice holds"
"""What the history says of an event that let the subject stay."""
GUARD_REFUSED = "processes.guard"
"""On entering, a guard that does not hold is no problem: the subject rests there."""


def join_reasons(reason: str, why: str) -> str:
    """Return what the history says: the caller's reason, then the conditions that held.

    >>> join_reasons("asked", "paid"), join_reasons("", "paid")
    ('asked; paid', 'paid')
    """
    return f"{reason}; {why}" if reason and why else reason or why


@attrs.frozen
class Circumstances:
    """What is the same for every step of one firing: when, by whom, with which facts, and why."""

    now: datetime
    by: Scope | None
    facts: Any
    reason: str


@attrs.define
class Course:
    """What happens to one subject from an event until it rests.

    Attributes:
        tables: The bound process.
        chain_limit: How many events on entering may follow one another.
        circumstances: When, by whom, with which facts, and why.
        standing: Where the subject stands so far.
        steps: The steps so far.
        events: The commands' events so far.
        changes: The commands' changes so far.
        problems: What did not happen although the rest did.
        entered: Whether the subject entered a state and its events on entering are still to come, or came.
    """

    tables: Tables[Firing]
    chain_limit: int
    circumstances: Circumstances
    standing: Standing
    steps: list[Step] = attrs.field(factory=list)
    events: list[Event] = attrs.field(factory=list)
    changes: tuple[object, ...] = ()
    problems: list[Notice] = attrs.field(factory=list)
    entered: bool = False

    def begin(self) -> None:
        """Note that the subject starts where it stands."""
        self._note(None, "", "")
        self.entered = True

    def take(self, event: str) -> bool:
        """Take the step that an event decides on; tell whether it led to another state.

        Raises:
            EventRefused: No guard holds, or the command declined.
        """
        source = self.standing
        outcome, transition = decide_transition(self.tables.groups[source.state][event], self.to_firing(event))
        self.events += outcome.events
        self.changes += outcome.changes
        # Back into the same state is no new stay: `since` and the time-outs go on, nothing fires on entering.
        leaves = transition is not None and transition.target != source.state
        if transition is not None and leaves:
            now = self.circumstances.now
            self.standing = attrs.evolve(source, state=transition.target, since=now, timed_out=())
            self.entered = True
        self._note(source.state, event, NO_CHOICE if transition is None else transition.why)
        return leaves

    def try_to_take(self, event: str) -> None:
        """Take the step of a time-out; one that is refused is noted, as it has fired in this stay."""
        try:
            self.take(event)
        except EventRefused as refusal:
            self.problems += refusal.problems
            self._note(self.standing.state, event, refusal.problems[0].message)

    def settle(self) -> None:
        """Fire the events on entering, one state after the other, until the subject rests.

        Raises:
            EndlessChain: It does not come to rest.
        """
        path: list[str] = []
        leaves = self.entered
        while leaves:
            path.append(self.standing.state)
            # The first that leads on wins; the others belonged to a state that is left by now.
            leaves = any(map(self._pass_through, self.tables.on_enter.get(self.standing.state, ())))
            # Only where it would go on: a chain that comes to rest at the limit is within it.
            if leaves and len(path) > self.chain_limit:
                raise EndlessChain(self.standing.subject, tuple(path), self.chain_limit)

    def to_firing(self, event: str) -> Firing:
        """Return what conditions, commands and deadlines are given where the subject stands."""
        given, standing = self.circumstances, self.standing
        # positional: in the order of the fields, as all that is built on the inner path of an event
        return build_firing(event, standing.state, standing.since, given.now, given.by, given.facts, self.changes, None)

    def _pass_through(self, event: str) -> bool:
        """Fire an event on entering; tell whether it led on."""
        try:
            return self.take(event)
        except EventRefused as refusal:
            # Entering is not a request: the subject has arrived, and a refusal must not undo that.
            self.problems += [problem for problem in refusal.problems if problem.code != GUARD_REFUSED]
            return False

    def _note(self, source: str | None, event: str, why: str) -> None:
        given = self.circumstances
        reason = join_reasons(given.reason, why)
        self.steps.append(Step(source, target=self.standing.state, event=event, at=given.now, by=given.by, why=reason))
