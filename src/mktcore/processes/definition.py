"""A process as data: states, events, transitions, and the parts it is made of.

A `Process` is an immutable value. It refuses what contradicts itself when it is built (an unknown state, two meanings
of one name); what is merely unwise (a dead end, a cycle) is found by `verify`. Conditions and commands are names here:
functions are given when the process is bound to them (`bind`).
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Any

import attrs

from mktcore.errors import Problem
from mktcore.processes.errors import InvalidProcess
from mktcore.processes.findings import Finding
from mktcore.unit_of_work import Party

__all__ = [
    "Choose",
    "Event",
    "Flag",
    "OnFailure",
    "Process",
    "Semantics",
    "State",
    "SubProcess",
    "Transition",
    "Trigger",
]

MAX_NAME_LENGTH = 200
PREFIX_SEPARATOR = " - "


class Flag(StrEnum):
    """The flags of a state that this library knows; a host may use any other text beside them."""

    RESERVED = "reserved"
    """What is in this state keeps its stock reserved."""
    CANCELLABLE = "cancellable"
    """The buyer may still cancel."""
    AMENDABLE = "amendable"
    """The buyer may still change the order."""
    HIDDEN = "hidden"
    """The customer is not shown this state."""
    NOT_INVOICED = "not-invoiced"
    """What is in this state is left out of invoices."""
    INVOICEABLE = "invoiceable"
    """What is in this state may be invoiced."""
    AWAITS_EXPORT = "awaits-export"
    """What is in this state waits for another system to fetch it."""


class Trigger(StrEnum):
    """What makes an event happen."""

    MANUAL = "manual"
    """A party fires it."""
    ON_ENTER = "on-enter"
    """It fires by itself when a portion enters the state."""
    TIMEOUT = "timeout"
    """It fires when a portion has been in the state for long enough."""
    INTERNAL = "internal"
    """The program fires it: a gateway's answer, a link from another process."""


class Choose(StrEnum):
    """Which of several transitions is taken when more than one could be."""

    FIRST = "first"
    """The first declared whose condition holds; one without a condition always holds."""
    LAST_CONDITION = "last-condition"
    """The last declared of those whose condition holds; when none does, the first declared without a condition."""


class OnFailure(StrEnum):
    """What a declined command does to the other states of the same subject that the event reaches."""

    ABORT = "abort"
    """Nothing of the subject changes: all or nothing."""
    ISOLATE = "isolate"
    """Only the portions in that state stay; the others move, and the failure is reported."""


@attrs.frozen
class Semantics:
    """How a process runs, where systems differ.

    Attributes:
        choose: Which transition is taken.
        on_failure: What a declined command stops.
        strict: Refuse an event that matches no portion, or fewer than asked for; otherwise it is reported as ignored.
        chain_limit: How many events on entering may follow one another before the chain counts as endless.
    """

    choose: Choose = Choose.FIRST
    on_failure: OnFailure = OnFailure.ABORT
    strict: bool = True
    chain_limit: int = attrs.field(default=25, validator=attrs.validators.ge(1))


def _to_flags(flags: Iterable[str]) -> frozenset[str]:
    return frozenset([str(flag) for flag in ((flags,) if isinstance(flags, str) else flags)])


def _to_triggers(triggers: Trigger | Iterable[Trigger]) -> frozenset[Trigger]:
    return frozenset({triggers} if isinstance(triggers, Trigger) else triggers)


def _to_parties(parties: Party | Iterable[Party]) -> frozenset[Party]:
    return frozenset({parties} if isinstance(parties, Party) else parties)


@attrs.frozen
class State:
    """Where a portion can be.

    >>> State("shipped", flags=[Flag.INVOICEABLE]).has(Flag.INVOICEABLE)
    True

    Attributes:
        name: Unique in the process.
        display: What people are shown; the name when empty.
        flags: What being here means, see `Flag`; others are the host's own.
        final: Nothing ever leaves it.
    """

    name: str
    display: str = ""
    flags: frozenset[str] = attrs.field(default=frozenset(), converter=_to_flags, kw_only=True)
    final: bool = attrs.field(default=False, kw_only=True)

    def has(self, flag: str) -> bool:
        """Tell whether the state carries the flag."""
        return flag in self.flags


@attrs.frozen
class Event:
    """What can happen.

    >>> Event("ship", parties=Party.MERCHANT).name
    'ship'
    >>> Event("close", Trigger.TIMEOUT, after=timedelta(days=14)).is_timeout()
    True

    Attributes:
        name: Unique in the process.
        on: What makes it happen; one trigger or several.
        after: For a time-out: how long after entering the state it is due, in whole seconds.
        deadline: For a time-out: name of the function that says when it is due, instead of `after`.
        parties: Which parties may fire it by hand; empty lets every party.
    """

    name: str
    on: frozenset[Trigger] = attrs.field(default=Trigger.MANUAL, converter=_to_triggers)
    after: timedelta | None = attrs.field(default=None, kw_only=True)
    deadline: str | None = attrs.field(default=None, kw_only=True)
    parties: frozenset[Party] = attrs.field(default=frozenset(), converter=_to_parties, kw_only=True)

    def is_manual(self) -> bool:
        """Tell whether a party may fire it."""
        return Trigger.MANUAL in self.on

    def is_on_enter(self) -> bool:
        """Tell whether it fires on entering a state."""
        return Trigger.ON_ENTER in self.on

    def is_timeout(self) -> bool:
        """Tell whether it fires after some time in a state."""
        return Trigger.TIMEOUT in self.on


@attrs.frozen
class Transition:
    """One way from a state to another.

    Of the transitions for one event out of one state, those with the same guard and command belong together. The first
    such group whose guard holds is taken; its command runs; then `choice` decides, on the command's outcome, which
    transition of the group is taken. When no choice holds, the portion stays.

    Attributes:
        source: Name of the state it leaves.
        target: Name of the state it enters; the same state is allowed, and is then not entered anew.
        event: Name of the event.
        guard: Name of the condition that must hold before the command.
        command: Name of the command.
        choice: Name of the condition that is asked after the command.
        happy: It lies on the path that things are meant to take.
    """

    source: str
    target: str
    event: str
    guard: str | None = attrs.field(default=None, kw_only=True)
    command: str | None = attrs.field(default=None, kw_only=True)
    choice: str | None = attrs.field(default=None, kw_only=True)
    happy: bool = attrs.field(default=False, kw_only=True)


@attrs.frozen
class SubProcess:
    """A process used as a part of another; its names become `prefix - name`, or stay as they are without a prefix."""

    process: "Process"
    prefix: str = ""

    def rename(self, name: str) -> str:
        """Return the name that a state or event of the part has in the whole.

        >>> SubProcess(Process("return", states=[State("asked")]), prefix="return").rename("asked")
        'return - asked'
        """
        return f"{self.prefix}{PREFIX_SEPARATOR}{name}" if self.prefix else name


def _to_states(states: Iterable[State]) -> tuple[State, ...]:
    return tuple(states)


def _to_events(events: Iterable[Event]) -> tuple[Event, ...]:
    return tuple(events)


def _to_transitions(transitions: Iterable[Transition]) -> tuple[Transition, ...]:
    return tuple(transitions)


def _to_parts(parts: Iterable[SubProcess]) -> tuple[SubProcess, ...]:
    return tuple(parts)


def _to_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(findings)


@attrs.frozen
class Process:
    """A state machine as data.

    >>> parcel = Process(
    ...     "parcel",
    ...     states=[State("new"), State("shipped"), State("delivered", final=True)],
    ...     events=[Event("ship"), Event("deliver")],
    ...     transitions=[
    ...         Transition("new", "shipped", "ship", happy=True),
    ...         Transition("shipped", "delivered", "deliver", happy=True),
    ...     ],
    ... )
    >>> parcel.initial, parcel.label
    ('new', 'parcel v1')

    Attributes:
        name: Its name; versions of one process share it.
        states: Its states; the first is the initial one unless `initial` names another, perhaps of a part.
        events: Its events.
        transitions: Its transitions, in the order in which they are tried.
        initial: Name of the state where everything starts.
        version: Which version of the process this is, from 1.
        subprocesses: Parts, whose states, events and transitions come after its own.
        semantics: How it runs where systems differ.
        findings: What the reader of its source noticed; `verify` repeats it. Not part of its equality.

    Raises:
        InvalidProcess: It contradicts itself; every fault is listed.
    """

    name: str
    states: tuple[State, ...] = attrs.field(default=(), converter=_to_states, kw_only=True)
    events: tuple[Event, ...] = attrs.field(default=(), converter=_to_events, kw_only=True)
    transitions: tuple[Transition, ...] = attrs.field(default=(), converter=_to_transitions, kw_only=True)
    initial: str = attrs.field(kw_only=True)
    version: int = attrs.field(default=1, kw_only=True)
    subprocesses: tuple[SubProcess, ...] = attrs.field(default=(), converter=_to_parts, kw_only=True)
    semantics: Semantics = attrs.field(factory=Semantics, kw_only=True)
    findings: tuple[Finding, ...] = attrs.field(default=(), converter=_to_findings, kw_only=True, eq=False, repr=False)

    @initial.default
    def _first_state(self) -> str:
        return self.states[0].name if self.states else ""

    def __attrs_post_init__(self) -> None:
        InvalidProcess.raise_if(_find_faults(self))

    @property
    def label(self) -> str:
        """Its name with its version, as people and errors cite it."""
        return f"{self.name} v{self.version}"

    def flatten(self) -> "Process":
        """Return the same process without sub-processes: their states, events and transitions merged in, renamed.

        A state or event that several parts declare alike is one; no transition is ever lost.
        """
        if not self.subprocesses:
            return self
        states, events = list(self.states), list(self.events)
        transitions = list(self.transitions)
        for part in self.subprocesses:
            flat = part.process.flatten()
            states += [attrs.evolve(state, name=part.rename(state.name)) for state in flat.states]
            events += [attrs.evolve(event, name=part.rename(event.name)) for event in flat.events]
            transitions += [_rename_transition(part, transition) for transition in flat.transitions]
        return attrs.evolve(
            self,
            states=dict.fromkeys(states),
            events=dict.fromkeys(events),
            transitions=transitions,
            subprocesses=(),
        )

    def find_state(self, name: str) -> State | None:
        """Return the state of that name, sub-processes included, or None."""
        return next((state for state in self.flatten().states if state.name == name), None)

    def find_event(self, name: str) -> Event | None:
        """Return the event of that name, sub-processes included, or None."""
        return next((event for event in self.flatten().events if event.name == name), None)


def _rename_transition(part: SubProcess, transition: Transition) -> Transition:
    return attrs.evolve(
        transition,
        source=part.rename(transition.source),
        target=part.rename(transition.target),
        event=part.rename(transition.event),
    )


def _problem(code: str, where: str, message: str, remedy: str = "", **operands: Any) -> Problem:
    return Problem(f"processes.{code}", where, message, remedy, operands)


def _find_faults(process: Process) -> Iterator[Problem]:
    """Yield every contradiction, in the order of the definition."""
    yield from _check_name(process.name, "name")
    if type(process.version) is not int or process.version < 1:
        yield _problem("version", "version", f"{process.version!r} is no version", "count versions from 1")
    states: dict[str, State] = {}
    for where, state in _parts(process, "states"):
        yield from _check_name(state.name, f"{where}.name")
        yield from _check_once(states, state, where, "state")
    events: dict[str, Event] = {}
    for where, event in _parts(process, "events"):
        yield from _check_name(event.name, f"{where}.name")
        yield from _check_once(events, event, where, "event")
        yield from _check_event(event, where)
    for number, transition in enumerate(process.transitions):
        yield from _check_transition(transition, f"transitions[{number}]", states, events)
    yield from _check_initial(process.initial, states)
    yield from _check_finals(process, states)


def _parts(process: Process, what: str) -> Iterator[tuple[str, Any]]:
    """Yield every state (or event) with its place, own ones first, then those of the parts, renamed."""
    for number, value in enumerate(getattr(process, what)):
        yield f"{what}[{number}]", value
    for number, part in enumerate(process.subprocesses):
        for position, value in enumerate(getattr(part.process.flatten(), what)):
            renamed = attrs.evolve(value, name=part.rename(value.name))
            yield f"subprocesses[{number}].{what}[{position}]", renamed


def _check_name(name: object, where: str) -> Iterator[Problem]:
    if not isinstance(name, str) or not name.strip() or name != name.strip() or not name.isprintable():
        yield _problem(
            "name", where, f"{str(name)[:40]!r} is no name", "give printable text without blanks at its ends"
        )
    elif len(name) > MAX_NAME_LENGTH:
        yield _problem("name", where, f"a name of {len(name)} characters", f"give at most {MAX_NAME_LENGTH}")


def _check_once(known: dict[str, Any], value: Any, where: str, kind: str) -> Iterator[Problem]:
    """Refuse a second meaning of a name; parts may share one meaning, one list may not repeat it."""
    other = known.setdefault(value.name, value)
    if other is not value and (other != value or not where.startswith("subprocesses")):
        yield _problem(
            f"duplicate-{kind}",
            where,
            f"{kind} {value.name!r} is declared twice" + ("" if other == value else ", with different meanings"),
            "declare it once, or give the sub-process a prefix",
            name=value.name,
        )


def _check_event(event: Event, where: str) -> Iterator[Problem]:
    if not event.on:
        yield _problem("trigger", f"{where}.on", f"nothing makes {event.name!r} happen", "name at least one trigger")
    timing = (event.after is not None) + (event.deadline is not None)
    if timing != event.is_timeout():
        message = f"{event.name!r} is {'a' if event.is_timeout() else 'no'} time-out and has {timing} timings"
        yield _problem("timing", where, message, "a time-out has either `after` or `deadline`, other events neither")
    if event.after is not None and (event.after <= timedelta() or event.after.microseconds):
        yield _problem("timing", f"{where}.after", f"{event.after} is no time to wait", "give whole seconds above zero")


def _check_transition(
    transition: Transition, where: str, states: dict[str, State], events: dict[str, Event]
) -> Iterator[Problem]:
    for field, known, kind in (("source", states, "state"), ("target", states, "state"), ("event", events, "event")):
        name = getattr(transition, field)
        if name not in known:
            yield _problem(f"unknown-{kind}", f"{where}.{field}", f"there is no {kind} {name!r}", f"declare the {kind}")


def _check_initial(initial: str, states: dict[str, State]) -> Iterator[Problem]:
    if not states:
        yield _problem("no-state", "states", "a process needs a state", "declare the initial state first")
    elif initial not in states:
        yield _problem("unknown-state", "initial", f"there is no state {initial!r}", "name one of its states")


def _check_finals(process: Process, states: dict[str, State]) -> Iterator[Problem]:
    """A final state is never left (invariant I15), not even by the whole that a part belongs to."""
    for number, transition in enumerate(process.transitions):
        state = states.get(transition.source)
        if state is not None and state.final:
            where = f"transitions[{number}].source"
            yield _problem("final-left", where, f"{state.name!r} is final and never left", "let it not be final")
