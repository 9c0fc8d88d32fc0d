"""A process and the functions behind its names, bound into look-up tables."""

from collections.abc import Container, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Generic

import attrs

from mktcore.clock import to_utc
from mktcore.notice import Notice
from mktcore.persistence import Party
from mktcore.processes.definition import Process
from mktcore.processes.elements import Choose, ProcessEvent, Transition
from mktcore.processes.errors import Unbound
from mktcore.processes.machine.command_contract import Command, Condition, Deadline, F

__all__ = ["BoundTransition", "Tables", "Timing", "TransitionGroup", "build_tables"]


@attrs.frozen
class BoundTransition(Generic[F]):
    """A transition whose names were replaced by functions."""

    target: str
    choice: Condition[F] | None
    why: str


@attrs.frozen
class TransitionGroup(Generic[F]):
    """The transitions of one event out of one state that share a guard and a command, in the order they are tried."""

    guard: Condition[F] | None
    command: Command[F] | None
    transitions: tuple[BoundTransition[F], ...]


@attrs.frozen
class Timing(Generic[F]):
    """A time-out of a state: the event, and how long it waits, or the function that says until when."""

    event: str
    wait: timedelta | Deadline[F]

    def due(self, since: datetime, firing: F) -> datetime:
        """Return when it is due for what entered the state at `since`; a deadline is asked with `firing`."""
        return since + self.wait if isinstance(self.wait, timedelta) else to_utc(self.wait(firing))


@attrs.frozen
class Tables(Generic[F]):
    """A bound process: for each state and event what may happen, built once and then only looked up.

    Attributes:
        process: Name of the process.
        version: Its version.
        groups: What each event does in each state.
        on_enter: The events that fire on entering each state.
        timings: The time-outs of each state.
        events: The events by name.
        allowed: The parties that may fire each manual event.
        unfollowed: The events of each state after which nothing follows: no time-out begins or ends, nothing is entered
            that fires by itself. They take a shorter path through the run time.
    """

    process: str
    version: int
    groups: Mapping[str, Mapping[str, tuple[TransitionGroup[F], ...]]]
    on_enter: Mapping[str, tuple[str, ...]]
    timings: Mapping[str, tuple[Timing[F], ...]]
    events: Mapping[str, ProcessEvent]
    allowed: Mapping[str, frozenset[Party]]
    unfollowed: Mapping[str, Mapping[str, tuple[TransitionGroup[F], ...]]]


def build_tables(
    process: Process,
    conditions: Mapping[str, Condition[F]],
    commands: Mapping[str, Command[F]],
    *,
    deadlines: Mapping[str, Deadline[F]],
) -> Tables[F]:
    """Return the tables of a flat process.

    Raises:
        Unbound: It names functions that were not given; every one is listed.
    """
    Unbound.raise_if(_find_unbound(process, conditions, commands, deadlines))
    events = {event.name: event for event in process.events}
    grouped: dict[str, dict[str, list[Transition]]] = {state.name: {} for state in process.states}
    for transition in process.transitions:
        grouped[transition.source].setdefault(transition.event, []).append(transition)
    groups = {
        state: {
            event: _to_groups(transitions, process.semantics.choose, conditions=conditions, commands=commands)
            for event, transitions in by_event.items()
        }
        for state, by_event in grouped.items()
    }
    on_enter = {state: tuple(name for name in found if events[name].is_on_enter()) for state, found in groups.items()}
    timings = {
        state: tuple(_to_timing(events[name], deadlines) for name in found if events[name].is_timeout())
        for state, found in groups.items()
    }
    # What enters a busy state sets off more: an event fired there, a time-out scheduled.
    busy = {state for state in groups if on_enter[state] or timings[state]}
    return Tables(
        process=process.name,
        version=process.version,
        groups=groups,
        on_enter={state: found for state, found in on_enter.items() if found},
        timings={state: found for state, found in timings.items() if found},
        events=events,
        # No parties named is everybody; no entry at all is nobody: what is not manual is not fired by hand.
        allowed={event.name: event.parties or frozenset(Party) for event in process.events if event.is_manual()},
        # Out of a state with time-outs there is something to cancel, so no short path.
        unfollowed={state: _find_unfollowed(groups[state], busy) for state in groups if not timings[state]},
    )


def _find_unfollowed(
    by_event: Mapping[str, tuple[TransitionGroup[F], ...]], busy: Container[str]
) -> dict[str, tuple[TransitionGroup[F], ...]]:
    return {
        event: groups
        for event, groups in by_event.items()
        if not any(transition.target in busy for group in groups for transition in group.transitions)
    }


def _to_timing(event: ProcessEvent, deadlines: Mapping[str, Deadline[F]]) -> Timing[F]:
    if event.after is not None:
        return Timing(event.name, event.after)
    assert event.deadline is not None, "a time-out has one of the two"  # noqa: S101 - Process refuses others
    return Timing(event.name, deadlines[event.deadline])


def _to_groups(
    transitions: list[Transition],
    choose: Choose,
    conditions: Mapping[str, Condition[F]],
    *,
    commands: Mapping[str, Command[F]],
) -> tuple[TransitionGroup[F], ...]:
    groups: dict[tuple[str | None, str | None], list[Transition]] = {}
    for transition in transitions:
        # Grouped by both: a command runs once, before the choices that look at what it answered.
        groups.setdefault((transition.guard, transition.command), []).append(transition)
    return tuple(
        TransitionGroup(
            conditions[guard] if guard else None,
            commands[command] if command else None,
            tuple(_order([_to_bound(member, conditions) for member in members], choose)),
        )
        for (guard, command), members in groups.items()
    )


def _order(transitions: list[BoundTransition[F]], choose: Choose) -> list[BoundTransition[F]]:
    """Put transitions into the order in which they are tried."""
    if choose is Choose.FIRST:
        return transitions
    with_choice = [one for one in reversed(transitions) if one.choice]
    return with_choice + [one for one in transitions if one.choice is None]


def _to_bound(transition: Transition, conditions: Mapping[str, Condition[F]]) -> BoundTransition[F]:
    choice = conditions[transition.choice] if transition.choice else None
    return BoundTransition(
        transition.target, choice, " and ".join(name for name in (transition.guard, transition.choice) if name)
    )


def _find_unbound(process: Process, *registries: Mapping[str, Any]) -> Iterator[Notice]:
    conditions, commands, deadlines = registries
    for number, transition in enumerate(process.transitions):
        where = f"transitions[{number}]"
        for field, known, kind in (
            ("guard", conditions, "condition"),
            ("choice", conditions, "condition"),
            ("command", commands, "command"),
        ):
            yield from _check_bound(getattr(transition, field), known, kind=kind, where=f"{where}.{field}")
    for number, event in enumerate(process.events):
        yield from _check_bound(event.deadline, deadlines, kind="deadline", where=f"events[{number}].deadline")


def _check_bound(name: str | None, known: Mapping[str, Any], kind: str, *, where: str) -> Iterator[Notice]:
    if name is not None and name not in known:
        remedy = f"register it: bind(process, {kind}s={{{name!r}: ...}})"
        message = f"nobody registered the {kind} {name!r}"
        yield Notice(f"processes.unknown-{kind}", where, message, remedy=remedy, operands={"name": name})
