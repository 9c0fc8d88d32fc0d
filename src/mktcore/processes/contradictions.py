"""What no process can be: the contradictions that are refused when a definition is built."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from mktcore.notice import Notice
from mktcore.processes.elements import ProcessEvent, State, Transition

__all__ = ["MAX_NAME_LENGTH", "find_contradictions"]

MAX_NAME_LENGTH = 200


def _problem(code: str, where: str, message: str, *, remedy: str = "", **operands: Any) -> Notice:
    return Notice(f"processes.{code}", where, message, remedy=remedy, operands=operands)


def find_contradictions(
    *,
    name: str,
    version: int,
    initial: str,
    states: Iterable[tuple[str, State]],
    events: Iterable[tuple[str, ProcessEvent]],
    transitions: Iterable[Transition],
) -> Iterator[Notice]:
    """Yield every contradiction, in the order of the definition; states and events come with their places."""
    yield from _check_name(name, "name")
    if type(version) is not int or version < 1:
        yield _problem("version", "version", message=f"{version!r} is no version", remedy="count versions from 1")
    known_states: dict[str, State] = {}
    for where, state in states:
        yield from _check_name(state.name, f"{where}.name")
        yield from _check_once(known_states, state, where=where, kind="state")
        yield from _check_state(state, where)
    known_events: dict[str, ProcessEvent] = {}
    for where, event in events:
        yield from _check_name(event.name, f"{where}.name")
        yield from _check_once(known_events, event, where=where, kind="event")
        yield from _check_event(event, where)
    for number, transition in enumerate(transitions):
        yield from _check_transition(transition, f"transitions[{number}]", states=known_states, events=known_events)
    yield from _check_initial(initial, known_states)


def _check_name(name: object, where: str) -> Iterator[Notice]:
    if not isinstance(name, str) or not name.strip() or name != name.strip() or not name.isprintable():
        yield _problem(
            "name",
            where,
            message=f"{str(name)[:40]!r} is no name",
            remedy="give printable text without blanks at its ends",
        )
    elif len(name) > MAX_NAME_LENGTH:
        yield _problem(
            "name", where, message=f"a name of {len(name)} characters", remedy=f"give at most {MAX_NAME_LENGTH}"
        )


def _check_once(known: dict[str, Any], value: Any, where: str, *, kind: str) -> Iterator[Notice]:
    """Refuse a second meaning of a name; parts may share one meaning, one list may not repeat it."""
    other = known.setdefault(value.name, value)
    if other is not value and (other != value or not where.startswith("subprocesses")):
        yield _problem(
            f"duplicate-{kind}",
            where,
            message=f"{kind} {value.name!r} is declared twice"
            + ("" if other == value else ", with different meanings"),
            remedy="declare it once, or give the sub-process a prefix",
            name=value.name,
        )


def _check_state(state: State, where: str) -> Iterator[Notice]:
    if not isinstance(state.display, str) or len(state.display) > MAX_NAME_LENGTH:
        yield _problem(
            "name", f"{where}.display", message="too long to be displayed", remedy=f"give at most {MAX_NAME_LENGTH}"
        )
    for flag in sorted(state.flags):
        yield from _check_name(flag, f"{where}.flags")


def _check_event(event: ProcessEvent, where: str) -> Iterator[Notice]:
    if event.deadline is not None:
        yield from _check_name(event.deadline, f"{where}.deadline")
    if not event.on:
        yield _problem(
            "trigger", f"{where}.on", message=f"nothing makes {event.name!r} happen", remedy="name at least one trigger"
        )
    timing = (event.after is not None) + (event.deadline is not None)
    if timing != event.is_timeout():
        message = f"{event.name!r} is {'a' if event.is_timeout() else 'no'} time-out and has {timing} timings"
        yield _problem(
            "timing", where, message=message, remedy="a time-out has either `after` or `deadline`, other events neither"
        )
    # Whole seconds: process JSON writes them so, and must read back what it wrote.
    if event.after is not None and (event.after <= timedelta() or event.after.microseconds):
        yield _problem(
            "timing",
            f"{where}.after",
            message=f"{event.after} is no time to wait",
            remedy="give whole seconds above zero",
        )


def _check_transition(
    transition: Transition, where: str, states: dict[str, State], *, events: dict[str, ProcessEvent]
) -> Iterator[Notice]:
    for field, known, kind in (("source", states, "state"), ("target", states, "state"), ("event", events, "event")):
        name = getattr(transition, field)
        if name not in known:
            yield _problem(
                f"unknown-{kind}",
                f"{where}.{field}",
                message=f"there is no {kind} {name!r}",
                remedy=f"declare the {kind}",
            )
    for field in ("guard", "command", "choice"):
        name = getattr(transition, field)
        if name is not None:
            yield from _check_name(name, f"{where}.{field}")
    state = states.get(transition.source)
    if state is not None and state.final:
        # Invariant I15, also for the whole that a part belongs to.
        yield _problem(
            "final-left",
            f"{where}.source",
            message=f"{state.name!r} is final and never left",
            remedy="let it not be final",
        )


def _check_initial(initial: str, states: dict[str, State]) -> Iterator[Notice]:
    if not states:
        yield _problem(
            "no-state", "states", message="a process needs a state", remedy="declare the initial state first"
        )
    elif initial not in states:
        yield _problem(
            "unknown-state", "initial", message=f"there is no state {initial!r}", remedy="name one of its states"
        )
