"""Checks of what stands in each other's way: at one state, for one event, or between two names."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from mktcore.notice import Notice
from mktcore.processes.elements import Choose, ProcessEvent, Trigger
from mktcore.processes.verification.graph import Graph, Member

__all__ = ["check_alike_names", "check_events", "check_registered", "check_states", "check_transitions"]


def _place(number: int) -> str:
    return f"transitions[{number}]"


def check_transitions(graph: Graph) -> Iterator[Notice]:
    """Find transitions that another one hides, repeats or makes pointless."""
    for state, by_event in graph.groups.items():
        for event, members in by_event.items():
            yield from _check_repeats(members)
            yield from _check_branches(state, event, members)
            for branch in _branches(members).values():
                yield from _check_choices(graph, branch)
            for number, member in members:
                if member.target == state and member.command is None:
                    message = f"{event!r} leads from {state!r} to itself and does nothing"
                    yield Notice("idle-transition", _place(number), message, "give it a command, or remove it")
                if member.choice is not None and member.choice == member.guard:
                    message = f"{member.choice!r} is asked before and after, with the same answer unless it looks at"
                    message += " the outcome"
                    yield Notice("same-guard-and-choice", _place(number), message, "ask once")


def _branches(members: tuple[Member, ...]) -> dict[tuple[str | None, str | None], list[Member]]:
    found: dict[tuple[str | None, str | None], list[Member]] = {}
    for number, member in members:
        found.setdefault((member.guard, member.command), []).append((number, member))
    return found


def _check_repeats(members: tuple[Member, ...]) -> Iterator[Notice]:
    seen: dict[tuple[object, ...], int] = {}
    for number, member in members:
        same = (member.target, member.guard, member.command, member.choice)
        first = seen.setdefault(same, number)
        if first != number:
            message = f"the same as transitions[{first}]"
            yield Notice("repeated-transition", _place(number), message, "remove one of them")


def _check_branches(state: str, event: str, members: tuple[Member, ...]) -> Iterator[Notice]:
    """The first branch whose guard holds is taken: one after an unguarded one, or after its own guard, never is."""
    guards: set[str | None] = set()
    for (guard, _), branch in _branches(members).items():
        number = branch[0][0]
        if None in guards:
            message = f"{event!r} out of {state!r} is always taken by an unguarded transition declared before this one"
            yield Notice("hidden-by-unguarded", _place(number), message, "guard the other, or declare it last")
        elif guard in guards:
            message = f"{event!r} out of {state!r} has the guard {guard!r} twice with different commands"
            yield Notice("hidden-by-same-guard", _place(number), message, "only the first can happen")
        guards.add(guard)


def _check_choices(graph: Graph, branch: list[Member]) -> Iterator[Notice]:
    # In the order in which the machine tries them.
    ordered = branch
    if graph.process.semantics.choose is Choose.LAST_CONDITION:
        ordered = [m for m in reversed(branch) if m[1].choice] + [m for m in branch if m[1].choice is None]
    taken: dict[str | None, int] = {}
    for number, member in ordered:
        if None in taken:
            code = "ambiguous" if member.choice is None else "hidden-choice"
            message = (
                f"transitions[{taken[None]}] is taken always, so {member.event!r} never leads to {member.target!r}"
            )
            yield Notice(code, _place(number), message, "give both different conditions")
        elif member.choice in taken:
            message = f"{member.choice!r} leads to transitions[{taken[member.choice]}] already"
            yield Notice("ambiguous-choice", _place(number), message, "give them different conditions")
        taken.setdefault(member.choice, number)
    number, first = branch[0]
    if None not in taken and first.command is not None and first.source in graph.reachable:
        message = f"{first.command!r} may run and, when no choice holds, leave everything in {first.source!r}"
        yield Notice("no-default", _place(number), message, "add a transition without a choice")


def check_states(graph: Graph) -> Iterator[Notice]:
    """Find events that can never happen in a state because another always comes first."""
    for state, by_event in graph.groups.items():
        entering = [name for name in by_event if graph.events[name].is_on_enter()]
        where = f"states[{state!r}]"
        if len(entering) > 1:
            names = " and ".join(map(repr, entering))
            message = f"{names} fire on entering {state!r}; the first that leads on wins"
            yield Notice("several-on-enter", where, message, "keep one, and choose by conditions")
        leaving = next((name for name in entering if graph.surely_leaves(state, name)), None)
        others = [name for name in by_event if name != leaving]
        if leaving is not None and others:
            for name in others:
                timed = graph.events[name].on <= {Trigger.TIMEOUT}
                code = "timeout-never-due" if timed else "mixed-kinds"
                message = f"{name!r} can never happen in {state!r}: {leaving!r} always leaves it on entering"
                yield Notice(code, where, message, "remove one of them")
        yield from _check_race(graph, state, list(by_event))


def _check_race(graph: Graph, state: str, events: list[str]) -> Iterator[Notice]:
    """Find time-outs that never fire because a shorter one always leaves first."""
    timed = [graph.events[name] for name in events if graph.events[name].after is not None]
    for one, other in combinations(timed, 2):
        first, last = sorted((one, other), key=lambda event: event.after.total_seconds() if event.after else 0)
        if not graph.surely_leaves(state, first.name):
            continue
        if first.after == last.after:
            message = f"{first.name!r} and {last.name!r} are due in {state!r} at the same instant"
            yield Notice("timeouts-tie", f"states[{state!r}]", message, "let one of them wait longer")
        else:
            message = f"{last.name!r} is never due in {state!r}: {first.name!r} leaves it after {first.after}"
            yield Notice("timeout-never-due", f"states[{state!r}]", message, "remove one of them")


def check_events(graph: Graph) -> Iterator[Notice]:
    """Find events that are never used, or declared in a way that means nothing."""
    used = {transition.event for transition in graph.process.transitions}
    for name, event in graph.events.items():
        where = f"events[{name!r}]"
        if name not in used:
            yield Notice("unused-event", where, f"no transition waits for {name!r}", "use it, or remove it")
        if event.parties and not event.is_manual():
            message = f"{name!r} names who may fire it, but nobody fires it by hand"
            yield Notice("useless-parties", where, message, "add Trigger.MANUAL, or name no parties")
        if event.on >= {Trigger.ON_ENTER, Trigger.TIMEOUT}:
            message = f"{name!r} fires on entering, so as a time-out it only repeats what was refused"
            yield Notice("timeout-on-enter", where, message, "declare two events")
        if event.is_timeout():
            yield from _check_late(graph, event)


def _check_late(graph: Graph, event: ProcessEvent) -> Iterator[Notice]:
    """Find a time-out that is only scheduled where nothing ever comes."""
    sources = {state for state, by_event in graph.groups.items() if event.name in by_event}
    if sources and not sources & graph.reachable:
        message = f"{event.name!r} is only scheduled in states that nothing comes to"
        yield Notice("timeout-unreachable", f"events[{event.name!r}]", message, "make its states reachable")


def check_alike_names(graph: Graph) -> Iterator[Notice]:
    """Find names that people would take for each other."""
    for kind, names in (("states", graph.states), ("events", graph.events)):
        seen: dict[str, str] = {}
        for name in names:
            # "in stock" and "In-Stock" are one name to whoever reads a screen.
            plain = "".join(letter for letter in name.casefold() if letter.isalnum())
            first = seen.setdefault(plain, name)
            if first != name:
                message = f"{name!r} and {first!r} are easily taken for each other"
                yield Notice("confusable-names", f"{kind}[{name!r}]", message, "rename one of them")


def check_registered(
    graph: Graph,
    conditions: Mapping[str, object] | None,
    commands: Mapping[str, object] | None,
    *,
    deadlines: Mapping[str, object] | None,
) -> Iterator[Notice]:
    """Find names that nobody registered; a registry that is None is not asked."""
    for number, move in enumerate(graph.process.transitions):
        for field, known, kind in (
            ("guard", conditions, "condition"),
            ("choice", conditions, "condition"),
            ("command", commands, "command"),
        ):
            name = getattr(move, field)
            if name is not None and known is not None and name not in known:
                where = f"{_place(number)}.{field}"
                yield Notice(f"unknown-{kind}", where, f"nobody registered the {kind} {name!r}", "register it")
    for event in graph.process.events:
        if event.deadline is not None and deadlines is not None and event.deadline not in deadlines:
            message = f"nobody registered the deadline {event.deadline!r}"
            yield Notice("unknown-deadline", f"events[{event.name!r}].deadline", message, "register it")
