"""A machine for one subject in one state. Pure: it decides and returns, and neither stores nor calls anything."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs

from mktcore.clock import to_utc
from mktcore.events import Event
from mktcore.notice import Notice
from mktcore.persistence import Scope
from mktcore.processes.definition import Process
from mktcore.processes.errors import EventRefused
from mktcore.processes.machine.command_contract import Command, Condition, Deadline, Firing
from mktcore.processes.machine.current_state import Standing, Step
from mktcore.processes.machine.refusals import (
    check_process,
    check_rights,
    describe_early_timeout,
    describe_lost_timeout,
    describe_no_match,
    is_allowed,
)
from mktcore.processes.machine.tables import Tables, build_tables
from mktcore.processes.machine.take_steps import Circumstances, Course
from mktcore.processes.timeouts import TimeOut, TimeOutKey

__all__ = ["Fired", "Machine", "bind"]


@attrs.frozen
class Fired:
    """What came of an event. Nothing was stored: the host saves the standing, publishes, schedules and cancels.

    Attributes:
        standing: Where the subject stands afterwards.
        steps: The new lines of its history, in order: one for the event, more where entering a state set off others.
        events: Events for the outbox, from the commands.
        changes: The host's own values from the commands, in order.
        schedule: Time-outs to schedule; the line in their keys is empty, as it is the subject that waits.
        cancel: Time-outs to cancel.
        problems: What did not happen although the rest did: a command declined on entering, a lost time-out.
    """

    standing: Standing
    steps: tuple[Step, ...] = ()
    events: tuple[Event, ...] = ()
    changes: tuple[object, ...] = ()
    schedule: tuple[TimeOut, ...] = ()
    cancel: tuple[TimeOutKey, ...] = ()
    problems: tuple[Notice, ...] = ()


def bind(
    process: Process,
    *,
    conditions: Mapping[str, Condition[Firing]] | None = None,
    commands: Mapping[str, Command[Firing]] | None = None,
    deadlines: Mapping[str, Deadline[Firing]] | None = None,
) -> "Machine":
    """Return the process ready to run for one subject at a time, its names replaced by functions.

    Args:
        process: The definition; its sub-processes are merged in.
        conditions: Pure functions from a `Firing` to a bool, by name.
        commands: Pure functions from a `Firing` to a `CommandOutcome`, or to `CommandDeclined`, by name.
        deadlines: Pure functions from a `Firing` to the instant (aware) at which a time-out is due, by name.

    Raises:
        Unbound: The process names functions that were not given; every one is listed.
    """
    flat = process.flatten()
    return Machine(flat, build_tables(flat, conditions or {}, commands=commands or {}, deadlines=deadlines or {}))


@attrs.frozen(eq=False)
class Machine:
    """A process bound to its functions, for one subject in one state.

    >>> from datetime import UTC, datetime
    >>> from mktcore.processes.definition import Process
    >>> from mktcore.processes.elements import ProcessEvent, State, Transition
    >>> parcel = Process(
    ...     "parcel",
    ...     states=[State("new"), State("shipped", final=True)],
    ...     events=[ProcessEvent("ship")],
    ...     transitions=[Transition("new", "shipped", "ship", guard="paid")],
    ... )
    >>> machine = bind(parcel, conditions={"paid": lambda firing: firing.facts["paid"]})
    >>> monday = datetime(2026, 5, 4, tzinfo=UTC)
    >>> standing = machine.start("parcel-1", now=monday).standing
    >>> fired = machine.fire(standing, "ship", now=monday, facts={"paid": True})
    >>> fired.standing.state, fired.steps[0].why
    ('shipped', 'paid')
    """

    process: Process
    tables: Tables[Firing] = attrs.field(repr=False)

    def stand(self, subject: str, state: str, *, since: datetime) -> Standing:
        """Return the standing of a subject whose host keeps only its state, or that starts elsewhere than others.

        Args:
            subject: Id of the host's value.
            state: Name of the state.
            since: When it entered the state (aware).
        """
        return Standing(subject, self.process.name, version=self.process.version, state=state, since=to_utc(since))

    def start(
        self, subject: str, *, now: datetime, by: Scope | None = None, facts: Any = None, reason: str = ""
    ) -> Fired:
        """Return a new subject in the initial state, and what entering it set off.

        Args:
            subject: Id of the host's value.
            now: The instant (aware).
            by: Who starts it; None for the program itself.
            facts: Passed to conditions and commands.
            reason: Why, for the history.

        Raises:
            EndlessChain: Events on entering did not come to rest.
        """
        course = self._open(
            self.stand(subject, self.process.initial, since=now), now, by=by, facts=facts, reason=reason
        )
        course.begin()
        return self._finish(course, before=())

    def fire(
        self,
        standing: Standing,
        event: str,
        *,
        now: datetime,
        by: Scope | None = None,
        facts: Any = None,
        reason: str = "",
    ) -> Fired:
        """Return what the event does to the subject.

        Args:
            standing: Where it stands, on this machine's process and version.
            event: Name of the event.
            now: The instant (aware).
            by: Who fires it, which must be a party that may; None for the program itself, which may fire any event.
            facts: Passed to conditions and commands.
            reason: Why, for the history.

        Raises:
            EventRefused: Nobody may fire it so, it leads nowhere from this state (when strict; otherwise a problem),
                its guards do not hold, or a command declined. Nothing was changed.
            EndlessChain: Events on entering did not come to rest.
            WrongProcess: The subject is on another process or version.
        """
        self._check(standing)
        check_rights(self.tables, event, by)
        # Rights come first: who may not fire an event learns nothing of the state.
        if event not in self.tables.groups.get(standing.state, ()):
            problem = describe_no_match(self.tables, event, [standing.state])
            if self.process.semantics.strict:
                raise EventRefused((problem,))
            return Fired(standing, problems=(problem,))
        course = self._open(standing, now, by=by, facts=facts, reason=reason)
        course.take(event)
        return self._finish(course, before=self._list_keys(standing))

    def fire_timeout(self, standing: Standing, timeout: TimeOut, *, now: datetime, facts: Any = None) -> Fired:
        """Return what a due time-out does, exactly once however often it is delivered (invariant I15).

        A time-out whose subject has left the state, or that has fired in this stay, lost to what came first: nothing
        changes, and `problems` says so. One that is not due yet (its worker's clock was ahead) is scheduled again. One
        that is refused has fired too: `problems` says why.

        Raises:
            EndlessChain: Events on entering did not come to rest.
            WrongProcess: The subject is on another process or version.
        """
        self._check(standing)
        key, before = timeout.key, self._list_keys(standing)
        if key not in before:
            return Fired(standing, cancel=(key,), problems=(describe_lost_timeout(key),))
        if timeout.due > to_utc(now):
            return Fired(standing, schedule=(timeout,), problems=(describe_early_timeout(timeout),))
        # Marked before it is tried: refused or not, it has had its turn in this stay.
        marked = attrs.evolve(standing, timed_out=(*standing.timed_out, key.event))
        course = self._open(marked, now, by=None, facts=facts, reason=f"due {timeout.due.isoformat()}")
        course.try_to_take(key.event)
        return self._finish(course, before=before)

    def find_events(self, standing: Standing, *, by: Scope | None = None) -> tuple[str, ...]:
        """Return the events that lead on from here, or with `by` those that this party may fire.

        Guards are not asked: they may need facts.
        """
        events = self.tables.groups.get(standing.state, ())
        return tuple(event for event in events if by is None or is_allowed(self.tables, event, by))

    def _check(self, standing: Standing) -> None:
        check_process(self.tables, subject=standing.subject, process=standing.process, version=standing.version)

    def _open(self, standing: Standing, now: datetime, by: Scope | None, *, facts: Any, reason: str) -> Course:
        circumstances = Circumstances(to_utc(now), by, facts=facts, reason=reason)
        return Course(self.tables, self.process.semantics.chain_limit, circumstances=circumstances, standing=standing)

    def _finish(self, course: Course, *, before: tuple[TimeOutKey, ...]) -> Fired:
        """Return what came of it, with the time-outs of the stay that began and of the one that ended."""
        course.settle()
        after = {timeout.key: timeout for timeout in self._list_timeouts(course)} if course.entered else {}
        # Keys hold the instant of entering: those of an earlier stay are kept only where this one began with it.
        kept = after.keys() if course.entered else set(self._list_keys(course.standing))
        return Fired(
            course.standing,
            tuple(course.steps),
            events=tuple(course.events),
            changes=course.changes,
            schedule=tuple(after.values()),
            cancel=tuple(key for key in before if key not in kept),
            problems=tuple(course.problems),
        )

    def _list_keys(self, standing: Standing) -> tuple[TimeOutKey, ...]:
        """Return the time-outs that a stay still waits for."""
        return tuple(
            _to_key(standing, timing.event)
            for timing in self.tables.timings.get(standing.state, ())
            if timing.event not in standing.timed_out
        )

    def _list_timeouts(self, course: Course) -> Iterator[TimeOut]:
        standing = course.standing
        for timing in self.tables.timings.get(standing.state, ()):
            firing = course.to_firing(course.steps[-1].event)
            yield TimeOut(_to_key(standing, timing.event), timing.due(standing.since, firing))


def _to_key(standing: Standing, event: str) -> TimeOutKey:
    return TimeOutKey(
        standing.process, subject=standing.subject, line="", state=standing.state, since=standing.since, event=event
    )
