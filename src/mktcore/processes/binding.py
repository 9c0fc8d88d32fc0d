"""Binding: a process and the functions behind its names become look-up tables."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from mktcore.clock import to_utc
from mktcore.errors import Notice
from mktcore.persistence import Party
from mktcore.processes.definition import Process
from mktcore.processes.errors import Unbound
from mktcore.processes.firing import Command, Condition, Deadline, Firing
from mktcore.processes.parts import Choose, Event, Transition

__all__ = ["Branch", "Option", "Tables", "Timing", "tabulate"]


@attrs.frozen
class Option:
    """A transition whose names were replaced by functions."""

    target: str
    choice: Condition | None
    why: str


@attrs.frozen
class Branch:
    """The transitions of one event out of one state that share a guard and a command, in the order they are tried."""

    guard: Condition | None
    command: Command | None
    options: tuple[Option, ...]


@attrs.frozen
class Timing:
    """A time-out of a state: the event, and how long it waits, or the function that says until when."""

    event: str
    wait: timedelta | Deadline

    def due(self, since: datetime, firing: Firing) -> datetime:
        """Return when it is due for a portion that entered at `since`; a deadline is asked with `firing`."""
        return since + self.wait if isinstance(self.wait, timedelta) else to_utc(self.wait(firing))


@attrs.frozen
class Tables:
    """A bound process: for each state and event what may happen, built once and then only looked up.

    Attributes:
        process: Name of the process.
        version: Its version.
        branches: What each event does in each state.
        on_enter: The events that fire on entering each state.
        timings: The time-outs of each state.
        events: The events by name.
        allowed: The parties that may fire each manual event.
        straight: The events of each state after which nothing follows: no time-out begins or ends, nothing is entered
            that fires by itself. They take a shorter path through the run time.
    """

    process: str
    version: int
    branches: Mapping[str, Mapping[str, tuple[Branch, ...]]]
    on_enter: Mapping[str, tuple[str, ...]]
    timings: Mapping[str, tuple[Timing, ...]]
    events: Mapping[str, Event]
    allowed: Mapping[str, frozenset[Party]]
    straight: Mapping[tuple[str, str], tuple[Branch, ...]]


def tabulate(
    process: Process,
    conditions: Mapping[str, Condition],
    commands: Mapping[str, Command],
    deadlines: Mapping[str, Deadline],
) -> Tables:
    """Return the tables of a flat process.

    Raises:
        Unbound: It names functions that were not given; every one is listed.
    """
    Unbound.raise_if(_find_unbound(process, conditions, commands, deadlines))
    events = {event.name: event for event in process.events}
    grouped: dict[str, dict[str, list[Transition]]] = {state.name: {} for state in process.states}
    for transition in process.transitions:
        grouped[transition.source].setdefault(transition.event, []).append(transition)
    branches: dict[str, dict[str, tuple[Branch, ...]]] = {}
    on_enter: dict[str, tuple[str, ...]] = {}
    timings: dict[str, tuple[Timing, ...]] = {}
    for state, by_event in grouped.items():
        branches[state] = {
            event: _to_branches(transitions, process.semantics.choose, conditions, commands)
            for event, transitions in by_event.items()
        }
        if entering := tuple(name for name in by_event if events[name].is_on_enter()):
            on_enter[state] = entering
        if timed := [events[name] for name in by_event if events[name].is_timeout()]:
            timings[state] = tuple(Timing(event.name, _to_wait(event, deadlines)) for event in timed)
    allowed = {event.name: event.parties or frozenset(Party) for event in process.events if event.is_manual()}
    busy = on_enter.keys() | timings.keys()
    straight = {
        (state, event): found
        for state, by_name in branches.items()
        for event, found in by_name.items()
        if state not in timings and not any(option.target in busy for branch in found for option in branch.options)
    }
    return Tables(process.name, process.version, branches, on_enter, timings, events, allowed, straight)


def _to_wait(event: Event, deadlines: Mapping[str, Deadline]) -> timedelta | Deadline:
    if event.after is not None:
        return event.after
    assert event.deadline is not None, "a time-out has one of the two"  # noqa: S101 - Process refuses others
    return deadlines[event.deadline]


def _to_branches(
    transitions: list[Transition],
    choose: Choose,
    conditions: Mapping[str, Condition],
    commands: Mapping[str, Command],
) -> tuple[Branch, ...]:
    groups: dict[tuple[str | None, str | None], list[Transition]] = {}
    for transition in transitions:
        groups.setdefault((transition.guard, transition.command), []).append(transition)
    found = []
    for (guard, command), members in groups.items():
        options = [_to_option(member, conditions) for member in members]
        if choose is Choose.LAST_CONDITION:
            options = [o for o in reversed(options) if o.choice] + [o for o in options if o.choice is None]
        found.append(
            Branch(conditions[guard] if guard else None, commands[command] if command else None, tuple(options))
        )
    return tuple(found)


def _to_option(transition: Transition, conditions: Mapping[str, Condition]) -> Option:
    held = [name for name in (transition.guard, transition.choice) if name]
    return Option(transition.target, conditions[transition.choice] if transition.choice else None, " and ".join(held))


def _find_unbound(process: Process, *registries: Mapping[str, Any]) -> Iterator[Notice]:
    conditions, commands, deadlines = registries
    for number, transition in enumerate(process.transitions):
        where = f"transitions[{number}]"
        for field, known, kind in (
            ("guard", conditions, "condition"),
            ("choice", conditions, "condition"),
            ("command", commands, "command"),
        ):
            yield from _check_bound(getattr(transition, field), known, kind, f"{where}.{field}")
    for number, event in enumerate(process.events):
        yield from _check_bound(event.deadline, deadlines, "deadline", f"events[{number}].deadline")


def _check_bound(name: str | None, known: Mapping[str, Any], kind: str, where: str) -> Iterator[Notice]:
    if name is not None and name not in known:
        remedy = f"register it: bind(process, {kind}s={{{name!r}: ...}})"
        message = f"nobody registered the {kind} {name!r}"
        yield Notice(f"processes.unknown-{kind}", where, message, remedy, {"name": name})
