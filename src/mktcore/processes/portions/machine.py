"""A machine for quantities of a subject's lines. Pure: it decides and returns, and stores and calls nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import attrs

from mktcore.clock import to_utc
from mktcore.notice import Notice
from mktcore.persistence import Scope
from mktcore.processes.definition import Process
from mktcore.processes.elements import OnFailure
from mktcore.processes.errors import EndlessChain, EventRefused, InvalidSubject
from mktcore.processes.machine.command_contract import Command, Condition, Deadline
from mktcore.processes.machine.refusals import check_process, check_rights, is_allowed
from mktcore.processes.machine.tables import Tables, TransitionGroup, build_tables
from mktcore.processes.portions.choose_portions import Pieces, choose_portions
from mktcore.processes.portions.command_contract import PortionsFired, PortionsFiring
from mktcore.processes.portions.move_only_portion import move_only_portion
from mktcore.processes.portions.move_portions import PortionsCourse
from mktcore.processes.portions.subject import Portion, Stay, Subject, to_stay
from mktcore.processes.timeouts import TimeOut, TimeOutKey

__all__ = ["PortionsMachine", "bind_portions"]

_NO_EVENTS: Mapping[str, tuple[TransitionGroup[PortionsFiring], ...]] = {}


def bind_portions(
    process: Process,
    *,
    conditions: Mapping[str, Condition[PortionsFiring]] | None = None,
    commands: Mapping[str, Command[PortionsFiring]] | None = None,
    deadlines: Mapping[str, Deadline[PortionsFiring]] | None = None,
) -> "PortionsMachine":
    """Return the process ready to run for quantities of lines, its names replaced by functions.

    Args:
        process: The definition; its sub-processes are merged in.
        conditions: Pure functions from a `PortionsFiring` to a bool, by name.
        commands: Pure functions from a `PortionsFiring` to a `CommandOutcome`, or to `CommandDeclined`, by name.
        deadlines: Pure functions from a `PortionsFiring` to the instant (aware) at which a time-out is due, by name.

    Raises:
        Unbound: The process names functions that were not given; every one is listed.
    """
    flat = process.flatten()
    return PortionsMachine(
        flat, build_tables(flat, conditions or {}, commands=commands or {}, deadlines=deadlines or {})
    )


@attrs.frozen(eq=False)
class PortionsMachine:
    """A process bound to its functions, for quantities of the lines of a subject, each in a state of its own.

    >>> from datetime import UTC, datetime
    >>> from mktcore.processes.definition import Process
    >>> from mktcore.processes.elements import ProcessEvent, State, Transition
    >>> parcel = Process(
    ...     "parcel",
    ...     states=[State("new"), State("shipped", final=True)],
    ...     events=[ProcessEvent("ship")],
    ...     transitions=[Transition("new", "shipped", "ship")],
    ... )
    >>> machine, monday = bind_portions(parcel), datetime(2026, 5, 4, tzinfo=UTC)
    >>> subject = machine.start("order-1", {"l1": 3}, now=monday).subject
    >>> machine.fire(subject, "ship", quantities={"l1": 1}, now=monday).subject.states()
    {'l1': {'new': 2, 'shipped': 1}}
    """

    process: Process
    tables: Tables[PortionsFiring] = attrs.field(repr=False)

    def start(
        self,
        subject: str | Subject,
        quantities: Mapping[str, int],
        *,
        now: datetime,
        by: Scope | None = None,
        facts: Any = None,
        reason: str = "",
    ) -> PortionsFired:
        """Return a new subject with every line in the initial state, and what entering it set off.

        Args:
            subject: Id of the host's value; or a subject that exists already, to which the quantities are added.
            quantities: Units of each line, by the line's key.
            now: The instant (aware).
            by: Who starts it; None for the program itself.
            facts: Passed to conditions and commands.
            reason: Why, for the history.
        """
        now = to_utc(now)
        if isinstance(subject, str):
            subject = Subject(subject, self.process.name, version=self.process.version, portions=())
        else:
            self._check(subject)
        course = PortionsCourse(self.process, self.tables, subject, now=now, by=by, facts=facts, reason=reason)
        entered = [
            Portion(line, self.process.initial, quantity=quantity, since=now) for line, quantity in quantities.items()
        ]
        course.begin(entered)
        return course.finish()

    def fire(
        self,
        subject: Subject,
        event: str,
        *,
        quantities: Pieces | None = None,
        now: datetime,
        by: Scope | None = None,
        facts: Any = None,
        reason: str = "",
    ) -> PortionsFired:
        """Return what the event does to the subject: some quantities of its lines, or all that the event reaches.

        Args:
            subject: The subject, on this machine's process and version.
            event: Name of the event.
            quantities: Units of each line; None for everything in a state that has the event. Of the portions of one
                line that the event reaches, the earlier ones go first, unless it is said how many of which state.
            now: The instant (aware).
            by: Who fires it, which must be a party that may; None for the program itself, which may fire any event.
            facts: Passed to conditions and commands.
            reason: Why, for the history.

        Raises:
            EventRefused: Nobody may fire it so, it reaches nothing (or, when strict, less than asked for), its guards
                do not hold, or a command declined. Nothing was changed.
            EndlessChain: Events on entering did not come to rest.
            WrongProcess: The subject is on another process or version.
        """
        tables = self.tables
        # What nearly always holds is asked here and not by calls, which would cost a tenth of firing an event.
        if subject.process != tables.process or subject.version != tables.version:
            self._check(subject)
        if by is not None and (by.acts_for or by.on_behalf_of or by).party not in tables.allowed.get(event, ()):
            check_rights(tables, event, by)
        # Most hosts pass `datetime.now(UTC)`: by identity, they are spared the conversion.
        if now.tzinfo is not UTC:
            now = to_utc(now)
        if quantities is None and len(subject.portions) == 1:
            groups = tables.unfollowed.get(subject.portions[0].state, _NO_EVENTS).get(event)
            if groups is not None:
                return move_only_portion(
                    groups, subject=subject, event=event, now=now, by=by, facts=facts, reason=reason
                )
        strict = self.process.semantics.strict
        chosen, problems = choose_portions(tables, subject, event=event, quantities=quantities)
        if problems and strict:
            raise EventRefused(tuple(problems))
        course = PortionsCourse(self.process, tables, subject, now=now, by=by, facts=facts, reason=reason)
        fired = self._move(course, event, chosen)
        return attrs.evolve(fired, problems=(*problems, *fired.problems)) if problems else fired

    def fire_portions(
        self,
        subject: Subject,
        event: str,
        chosen: Mapping[str, Sequence[Portion]],
        *,
        now: datetime,
        by: Scope | None = None,
        facts: Any = None,
        reason: str = "",
    ) -> PortionsFired:
        """Return what the event does to portions that were chosen already; `fire` chooses and checks rights.

        Args:
            subject: The subject.
            event: Name of the event.
            chosen: By state, the portions to move: those of the subject, or cut to fewer units.
            now: The instant (aware).
            by: Who fires it, for the history.
            facts: Passed to conditions and commands.
            reason: Why, for the history.

        Raises:
            EventRefused: The guards do not hold, or a command declined.
            InvalidSubject: A portion is not the subject's, or its state does not have the event.
            EndlessChain: Events on entering did not come to rest.
        """
        self._check_portions(subject, event, chosen)
        course = PortionsCourse(self.process, self.tables, subject, now=to_utc(now), by=by, facts=facts, reason=reason)
        return self._move(course, event, chosen)

    def _move(self, course: PortionsCourse, event: str, chosen: Mapping[str, Sequence[Portion]]) -> PortionsFired:
        stopped = course.move(event, chosen)
        if stopped and (self.process.semantics.on_failure is OnFailure.ABORT or stopped == len(chosen)):
            raise EventRefused(tuple(course.problems))
        return course.finish()

    def fire_timeout(self, subject: Subject, timeout: TimeOut, *, now: datetime, facts: Any = None) -> PortionsFired:
        """Return what a due time-out does, exactly once however often it is delivered (invariant I15).

        A time-out whose portion has left the state, or that has fired in this stay, lost to what came first: nothing
        changes, and `problems` says so. One that is not due yet (its worker's clock was ahead) is scheduled again.

        Raises:
            EndlessChain: Events on entering did not come to rest.
            WrongProcess: The subject is on another process or version.
        """
        return self.fire_timeouts(subject, (timeout,), now=now, facts=facts)

    def fire_timeouts(
        self, subject: Subject, timeouts: Sequence[TimeOut], *, now: datetime, facts: Any = None
    ) -> PortionsFired:
        """Return what time-outs of one event do together, as if it was fired by hand on all that they were set for.

        Conditions and commands are given all portions of a state at once. Each time-out that lost, or is not due yet,
        is told and left out, as by `fire_timeout`.

        Args:
            subject: The subject.
            timeouts: Time-outs of one event, at least one.
            now: The instant (aware).
            facts: Passed to conditions and commands.

        Raises:
            EndlessChain: Events on entering did not come to rest.
            WrongProcess: The subject is on another process or version.
        """
        self._check(subject)
        now, due = to_utc(now), sorted({timeout.due.isoformat() for timeout in timeouts})
        # The first and the last: a worker that comes late finds lines that were due one after the other.
        reason = f"due {' to '.join(dict.fromkeys((due[0], due[-1])))}"
        course = PortionsCourse(self.process, self.tables, subject, now=now, by=None, facts=facts, reason=reason)
        course.expire(timeouts)
        return course.finish()

    def reach(
        self, subject: Subject, event: str, *, quantities: Mapping[str, int] | None = None, by: Scope | None = None
    ) -> tuple[tuple[Portion, ...], tuple[Notice, ...]]:
        """Return the portions that firing an event would take, in their order, and what was asked for but is not there.

        It is all that `fire` asks before any guard; whether the process is strict makes no difference here.

        Args:
            subject: The subject.
            event: Name of the event.
            quantities: Units of each line; None for everything in a state that has the event.
            by: Who would fire it; None for the program itself.

        Raises:
            EventRefused: It is not this party's to fire, or nobody's.
            WrongProcess: The subject is on another process or version.
        """
        self._check(subject)
        check_rights(self.tables, event, by)
        chosen, problems = choose_portions(self.tables, subject, event=event, quantities=quantities)
        cut = {to_stay(one): one for portions in chosen.values() for one in portions}
        stays = [to_stay(one) for one in subject.portions]
        return tuple(cut[stay] for stay in stays if stay in cut), tuple(problems)

    def count_reached(self, subject: Subject, event: str, *, by: Scope | None = None) -> dict[str, int]:
        """Return the units of each line that an event would reach if it were fired now; guards are not asked.

        Nothing, where it is not this party's to fire: as `find_events` does for all events, which costs all of them.
        """
        if by is not None and not is_allowed(self.tables, event, by):
            return {}
        leaves = {state for state, groups in self.tables.groups.items() if event in groups}
        found: dict[str, int] = {}
        for portion in subject.portions:
            if portion.state in leaves:
                found[portion.line] = found.get(portion.line, 0) + portion.quantity
        return found

    def list_timeouts(self, subject: Subject, event: str) -> tuple[TimeOutKey, ...]:
        """Return the time-outs by an event that portions of the subject wait for; when they are due a store knows."""
        waiting = {
            state for state, timings in self.tables.timings.items() if any(one.event == event for one in timings)
        }
        return tuple(
            TimeOutKey(
                subject.process,
                subject=subject.id,
                line=portion.line,
                state=portion.state,
                since=portion.since,
                event=event,
            )
            for portion in subject.portions
            if portion.state in waiting and event not in portion.timed_out
        )

    def fire_many(
        self,
        subjects: Iterable[Subject],
        event: str,
        *,
        now: datetime,
        by: Scope | None = None,
        facts: Mapping[str, Any] | None = None,
        reason: str = "",
    ) -> dict[str, PortionsFired | EventRefused]:
        """Return, for each subject by id, what the event does to everything it reaches, or why it was refused.

        Each subject is all or nothing for itself; one that is refused does not stop the others.

        Args:
            subjects: The subjects.
            event: Name of the event.
            now: The instant (aware).
            by: Who fires it.
            facts: What conditions and commands are given, by the subject's id.
            reason: Why, for the history.
        """
        found: dict[str, PortionsFired | EventRefused] = {}
        for subject in subjects:
            known = facts.get(subject.id) if facts else None
            try:
                found[subject.id] = self.fire(subject, event, now=now, by=by, facts=known, reason=reason)
            except EventRefused as refusal:
                found[subject.id] = refusal
            # A fault of the process, not of this subject; it must not stop the others all the same.
            except EndlessChain as endless:
                found[subject.id] = EventRefused((endless.to_notice("event"),))
        return found

    def find_events(self, subject: Subject, *, by: Scope | None = None) -> dict[str, dict[str, int]]:
        """Return which events could be fired now, each with the quantity of each line it would reach.

        Guards are not asked: they may need facts. With `by`, only the events that this party may fire.
        """
        found: dict[str, dict[str, int]] = {}
        for portion in subject.portions:
            for event in self.tables.groups.get(portion.state, ()):
                if by is None or is_allowed(self.tables, event, by):
                    lines = found.setdefault(event, {})
                    lines[portion.line] = lines.get(portion.line, 0) + portion.quantity
        return found

    def _check_portions(self, subject: Subject, event: str, chosen: Mapping[str, Sequence[Portion]]) -> None:
        # The quantities asked for may come in any pieces, so they are counted by stay.
        left: Counter[Stay] = Counter()
        lines = {portion.line for portions in chosen.values() for portion in portions}
        for portion in subject.portions:
            if portion.line in lines:
                left[to_stay(portion)] += portion.quantity
        for state, portions in chosen.items():
            for portion in portions:
                left[to_stay(portion)] -= portion.quantity
                if portion.state != state or event not in self.tables.groups.get(state, ()):
                    raise InvalidSubject(f"{event!r} cannot take line {portion.line!r} out of {state!r}")
        if min(left.values(), default=0) < 0:
            raise InvalidSubject(f"{subject.id!r} does not have what {event!r} is to take")

    def _check(self, subject: Subject) -> None:
        check_process(self.tables, subject=subject.id, process=subject.process, version=subject.version)
