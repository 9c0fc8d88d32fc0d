"""The run time: a bound process decides what an event does to a subject. Pure: it stores and calls nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

import attrs

from mktcore.clock import to_utc
from mktcore.errors import Notice
from mktcore.persistence import Scope
from mktcore.processes.binding import Tables, tabulate
from mktcore.processes.deciding import fire_straight
from mktcore.processes.definition import Process
from mktcore.processes.errors import EndlessChain, EventRefused, InvalidSubject, WrongProcess
from mktcore.processes.firing import Command, Condition, Deadline, Fired
from mktcore.processes.parts import OnFailure
from mktcore.processes.run import Run
from mktcore.processes.subjects import Portion, Subject
from mktcore.processes.taking import take
from mktcore.processes.timeouts import TimeOut

__all__ = ["Machine", "bind"]


def bind(
    process: Process,
    *,
    conditions: Mapping[str, Condition] | None = None,
    commands: Mapping[str, Command] | None = None,
    deadlines: Mapping[str, Deadline] | None = None,
) -> "Machine":
    """Return the process ready to run, its names replaced by functions.

    Args:
        process: The definition; its sub-processes are merged in.
        conditions: Pure functions from a `Firing` to a bool, by name.
        commands: Pure functions from a `Firing` to an `Outcome`, or to `Declined`, by name.
        deadlines: Pure functions from a `Firing` to the instant (aware) at which a time-out is due, by name.

    Raises:
        Unbound: The process names functions that were not given; every one is listed.
    """
    flat = process.flatten()
    return Machine(flat, tabulate(flat, conditions or {}, commands or {}, deadlines or {}))


@attrs.frozen(eq=False)
class Machine:
    """A process bound to its functions.

    >>> from datetime import UTC, datetime
    >>> from mktcore.processes.parts import Event, State, Transition
    >>> from mktcore.processes.definition import Process
    >>> parcel = Process(
    ...     "parcel",
    ...     states=[State("new"), State("shipped", final=True)],
    ...     events=[Event("ship")],
    ...     transitions=[Transition("new", "shipped", "ship")],
    ... )
    >>> machine, monday = bind(parcel), datetime(2026, 5, 4, tzinfo=UTC)
    >>> subject = machine.start("order-1", {"l1": 3}, now=monday).subject
    >>> machine.fire(subject, "ship", quantities={"l1": 1}, now=monday).subject.states()
    {'l1': {'new': 2, 'shipped': 1}}
    """

    process: Process
    tables: Tables = attrs.field(repr=False)

    def start(
        self,
        subject: str | Subject,
        quantities: Mapping[str, int],
        *,
        now: datetime,
        by: Scope | None = None,
        facts: Any = None,
        reason: str = "",
    ) -> Fired:
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
            subject = Subject(subject, self.process.name, self.process.version, ())
        elif subject.process != self.tables.process or subject.version != self.tables.version:
            self._refuse_process(subject)
        run = Run(self.process, self.tables, subject, now=now, by=by, facts=facts, reason=reason)
        entered = [Portion(line, self.process.initial, quantity, now) for line, quantity in quantities.items()]
        run.begin(entered)
        return run.finish()

    def fire(
        self,
        subject: Subject,
        event: str,
        *,
        quantities: Mapping[str, int] | None = None,
        now: datetime,
        by: Scope | None = None,
        facts: Any = None,
        reason: str = "",
    ) -> Fired:
        """Return what the event does to the subject: some quantities of its lines, or all that the event reaches.

        Args:
            subject: The subject, on this machine's process and version.
            event: Name of the event.
            quantities: Units of each line; None for everything in a state that has the event. Of the portions of one
                line that the event reaches, the earlier ones go first.
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
        if subject.process != tables.process or subject.version != tables.version:
            self._refuse_process(subject)
        if by is not None and (by.on_behalf_of or by).party not in tables.allowed.get(event, ()):
            raise EventRefused((self._describe_missing_rights(event, by),))
        if now.tzinfo is not UTC:
            now = to_utc(now)
        if quantities is None and len(subject.portions) == 1:
            straight = tables.straight.get((subject.portions[0].state, event))
            if straight is not None:
                return fire_straight(straight, subject, event, now, by, facts, reason)
        strict = self.process.semantics.strict
        taken, problems = take(tables, subject, event, quantities)
        if problems and strict:
            raise EventRefused(tuple(problems))
        run = Run(self.process, tables, subject, now=now, by=by, facts=facts, reason=reason)
        fired = self._move(run, event, taken)
        return attrs.evolve(fired, problems=(*problems, *fired.problems)) if problems else fired

    def fire_taken(
        self,
        subject: Subject,
        event: str,
        taken: Mapping[str, Sequence[Portion]],
        *,
        now: datetime,
        by: Scope | None = None,
        facts: Any = None,
        reason: str = "",
    ) -> Fired:
        """Return what the event does to portions that were chosen already; `fire` chooses and checks rights.

        Args:
            subject: The subject.
            event: Name of the event.
            taken: By state, the portions to move: those of the subject, or cut to fewer units.
            now: The instant (aware).
            by: Who fires it, for the history.
            facts: Passed to conditions and commands.
            reason: Why, for the history.

        Raises:
            EventRefused: The guards do not hold, or a command declined.
            InvalidSubject: A portion is not the subject's, or its state does not have the event.
            EndlessChain: Events on entering did not come to rest.
        """
        self._check_taken(subject, event, taken)
        run = Run(self.process, self.tables, subject, now=to_utc(now), by=by, facts=facts, reason=reason)
        return self._move(run, event, taken)

    def _move(self, run: Run, event: str, taken: Mapping[str, Sequence[Portion]]) -> Fired:
        stopped = run.move(event, taken)
        if stopped and (self.process.semantics.on_failure is OnFailure.ABORT or stopped == len(taken)):
            raise EventRefused(tuple(run.problems))
        return run.finish()

    def fire_timeout(self, subject: Subject, timeout: TimeOut, *, now: datetime, facts: Any = None) -> Fired:
        """Return what a due time-out does, exactly once however often it is delivered (invariant I15).

        A time-out whose portion has left the state, or that has fired in this stay, lost to what came first: nothing
        changes, and `problems` says so. One that is not due yet (its worker's clock was ahead) is scheduled again.

        Raises:
            EndlessChain: Events on entering did not come to rest.
            WrongProcess: The subject is on another process or version.
        """
        if subject.process != self.tables.process or subject.version != self.tables.version:
            self._refuse_process(subject)
        now = to_utc(now)
        run = Run(
            self.process, self.tables, subject, now=now, by=None, facts=facts, reason=f"due {timeout.due.isoformat()}"
        )
        run.expire(timeout)
        return run.finish()

    def fire_many(
        self,
        subjects: Iterable[Subject],
        event: str,
        *,
        now: datetime,
        by: Scope | None = None,
        facts: Mapping[str, Any] | None = None,
        reason: str = "",
    ) -> dict[str, Fired | EventRefused]:
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
        found: dict[str, Fired | EventRefused] = {}
        for subject in subjects:
            known = facts.get(subject.id) if facts else None
            try:
                found[subject.id] = self.fire(subject, event, now=now, by=by, facts=known, reason=reason)
            except EventRefused as refusal:
                found[subject.id] = refusal
            except EndlessChain as endless:
                found[subject.id] = EventRefused((endless.to_notice("event"),))
        return found

    def find_events(self, subject: Subject, *, by: Scope | None = None) -> dict[str, dict[str, int]]:
        """Return which events could be fired now, each with the quantity of each line it would reach.

        Guards are not asked: they may need facts. With `by`, only the events that this party may fire.
        """
        found: dict[str, dict[str, int]] = {}
        for portion in subject.portions:
            for event in self.tables.branches.get(portion.state, ()):
                if by is None or by.caller.party in self.tables.allowed.get(event, ()):
                    lines = found.setdefault(event, {})
                    lines[portion.line] = lines.get(portion.line, 0) + portion.quantity
        return found

    def _check_taken(self, subject: Subject, event: str, taken: Mapping[str, Sequence[Portion]]) -> None:
        left: Counter[Portion] = Counter()
        for portion in subject.portions:
            left[attrs.evolve(portion, quantity=1)] += portion.quantity
        for state, portions in taken.items():
            for portion in portions:
                left[attrs.evolve(portion, quantity=1)] -= portion.quantity
                if portion.state != state or event not in self.tables.branches.get(state, ()):
                    raise InvalidSubject(f"{event!r} cannot take line {portion.line!r} out of {state!r}")
        if min(left.values(), default=0) < 0:
            raise InvalidSubject(f"{subject.id!r} does not have what {event!r} is to take")

    def _refuse_process(self, subject: Subject) -> NoReturn:
        raise WrongProcess(subject.id, self.process.label, f"{subject.process} v{subject.version}")

    def _describe_missing_rights(self, event: str, by: Scope) -> Notice:
        known = self.tables.events.get(event)
        if known is None:
            return Notice("processes.unknown-event", "event", f"there is no event {event!r}")
        if not known.is_manual():
            return Notice("processes.not-manual", "event", f"{event!r} is not fired by hand", "wait for it")
        who = " or ".join(sorted(known.parties))
        message = f"a {by.caller.party} may not fire {event!r}"
        return Notice("processes.not-allowed", "event", message, f"ask the {who} to")
