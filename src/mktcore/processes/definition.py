"""A process as data: its states, events and transitions, and the parts it is made of.

A `Process` is an immutable value. It refuses what contradicts itself when it is built (an unknown state, two meanings
of one name); what is merely unwise (a dead end, a cycle) is found by `verify`. Conditions and commands are names here:
functions are given when the process is bound to them (`bind`).
"""

from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

import attrs

from mktcore.notice import Notice
from mktcore.processes.contradictions import find_contradictions
from mktcore.processes.diagram import Diagram, HistoryLine, Located, draw
from mktcore.processes.elements import ProcessEvent, Semantics, State, Transition
from mktcore.processes.errors import InvalidProcess

__all__ = ["Process", "SubProcess"]

PREFIX_SEPARATOR = " - "
MAX_FAULTS = 1_000

N = TypeVar("N", State, ProcessEvent)


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

    def rename_value(self, value: N) -> N:
        """Return a state or event of the part as the whole has it."""
        return attrs.evolve(value, name=self.rename(value.name)) if self.prefix else value


def _to_states(states: Iterable[State]) -> tuple[State, ...]:
    return tuple(states)


def _to_events(events: Iterable[ProcessEvent]) -> tuple[ProcessEvent, ...]:
    return tuple(events)


def _to_transitions(transitions: Iterable[Transition]) -> tuple[Transition, ...]:
    return tuple(transitions)


def _to_parts(parts: Iterable[SubProcess]) -> tuple[SubProcess, ...]:
    return tuple(parts)


def _to_findings(findings: Iterable[Notice]) -> tuple[Notice, ...]:
    return tuple(findings)


@attrs.frozen
class Process:
    """A state machine as data.

    >>> parcel = Process(
    ...     "parcel",
    ...     states=[State("new"), State("shipped"), State("delivered", final=True)],
    ...     events=[ProcessEvent("ship"), ProcessEvent("deliver")],
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
        InvalidProcess: It contradicts itself; every fault is listed, up to a thousand.
    """

    name: str
    states: tuple[State, ...] = attrs.field(default=(), converter=_to_states, kw_only=True)
    events: tuple[ProcessEvent, ...] = attrs.field(default=(), converter=_to_events, kw_only=True)
    transitions: tuple[Transition, ...] = attrs.field(default=(), converter=_to_transitions, kw_only=True)
    initial: str = attrs.field(kw_only=True)
    version: int = attrs.field(default=1, kw_only=True)
    subprocesses: tuple[SubProcess, ...] = attrs.field(default=(), converter=_to_parts, kw_only=True)
    semantics: Semantics = attrs.field(factory=Semantics, kw_only=True)
    findings: tuple[Notice, ...] = attrs.field(default=(), converter=_to_findings, kw_only=True, eq=False, repr=False)

    @initial.default
    def _first_state(self) -> str:
        return self.states[0].name if self.states else ""

    def __attrs_post_init__(self) -> None:
        states, events = _place("states", self.states), _place("events", self.events)
        for number, part in enumerate(self.subprocesses):
            flat, where = part.process.flatten(), f"subprocesses[{number}]"
            states += _place(f"{where}.states", [part.rename_value(state) for state in flat.states])
            events += _place(f"{where}.events", [part.rename_value(event) for event in flat.events])
        faults = find_contradictions(
            name=self.name,
            version=self.version,
            initial=self.initial,
            states=states,
            events=events,
            transitions=self.transitions,
        )
        # A thousand at most: a file from outside must not make an error larger than itself.
        InvalidProcess.raise_if(islice(faults, MAX_FAULTS))

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
            states += [part.rename_value(state) for state in flat.states]
            events += [part.rename_value(event) for event in flat.events]
            transitions += [_rename_transition(part, transition) for transition in flat.transitions]
        return attrs.evolve(
            self,
            # A dict, not a set: drawings and findings keep the order of the declaration.
            states=dict.fromkeys(states),
            events=dict.fromkeys(events),
            transitions=transitions,
            subprocesses=(),
        )

    def find_state(self, name: str) -> State | None:
        """Return the state of that name, sub-processes included, or None."""
        return next((state for state in self.flatten().states if state.name == name), None)

    def find_event(self, name: str) -> ProcessEvent | None:
        """Return the event of that name, sub-processes included, or None."""
        return next((event for event in self.flatten().events if event.name == name), None)

    def to_diagram(self, *, history: Iterable[HistoryLine] = (), subject: Located | None = None) -> Diagram:
        """Return the drawing of the process, sub-processes merged in.

        Args:
            history: Steps or moves of one subject; the way it went is highlighted.
            subject: Where it is now: a `Standing`, or a `Subject` with how many units are where.
        """
        flat = self.flatten()
        return draw(
            self.label,
            states=flat.states,
            events=flat.events,
            transitions=flat.transitions,
            initial=flat.initial,
            history=history,
            subject=subject,
        )

    def to_mermaid(self, *, history: Iterable[HistoryLine] = (), subject: Located | None = None) -> str:
        """Return the drawing as a Mermaid flow chart, see `to_diagram`."""
        return self.to_diagram(history=history, subject=subject).to_mermaid()

    def to_graphviz(self, *, history: Iterable[HistoryLine] = (), subject: Located | None = None) -> str:
        """Return the drawing in Graphviz' language, see `to_diagram`; `dot -Tsvg` makes a picture of it."""
        return self.to_diagram(history=history, subject=subject).to_graphviz()


def _place(where: str, values: Iterable[N]) -> list[tuple[str, N]]:
    return [(f"{where}[{number}]", value) for number, value in enumerate(values)]


def _rename_transition(part: SubProcess, transition: Transition) -> Transition:
    return attrs.evolve(
        transition,
        source=part.rename(transition.source),
        target=part.rename(transition.target),
        event=part.rename(transition.event),
    )
