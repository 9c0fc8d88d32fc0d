"""Checks of where things can go: reachability, dead ends, the happy path, chains of events on entering."""

from collections.abc import Iterator

from mktcore.notice import Notice
from mktcore.processes.elements import RESERVED, Trigger
from mktcore.processes.verification.graph import Graph, find_cycles, find_reachable

__all__ = ["check_chains", "check_endings", "check_happy_path", "check_reachability"]


_ONCE = frozenset({Trigger.ON_ENTER, Trigger.TIMEOUT})


def _state(name: str) -> str:
    return f"states[{name!r}]"


def check_reachability(graph: Graph) -> Iterator[Notice]:
    """Find states that nothing ever comes to."""
    for name in graph.states:
        if name not in graph.reachable:
            remedy = "lead a transition to it, or remove it"
            yield Notice("unreachable-state", _state(name), f"nothing ever comes to {name!r}", remedy)


def check_endings(graph: Graph) -> Iterator[Notice]:
    """Find dead ends, traps, and endings that do not end."""
    finals = [state.name for state in graph.process.states if state.final]
    if not finals:
        yield Notice("no-final-state", "states", "nothing ever ends: no state is final", "mark the last ones final")
    if graph.states[graph.process.initial].final:
        message = f"everything starts in {graph.process.initial!r}, which is final"
        yield Notice("initial-is-final", "initial", message, "start somewhere else")
    sources: dict[str, list[str]] = {name: [] for name in graph.states}
    for transition in graph.process.transitions:
        sources[transition.target].append(transition.source)
    # Backwards from the ends, once, instead of forwards from every state.
    ending = find_reachable(finals, sources.__getitem__)
    for name, state in graph.states.items():
        if name not in graph.reachable:
            continue
        if not graph.exits(name) and not state.final:
            yield Notice("dead-end", _state(name), f"{name!r} is not final and nothing leaves it", "lead on, or end")
        elif name not in ending and finals:
            yield Notice("trap", _state(name), f"from {name!r} no final state can be reached", "lead to an end")
        if state.final and state.has(RESERVED):
            message = f"{name!r} is final and keeps stock reserved for ever"
            yield Notice("reserved-at-end", _state(name), message, "take the flag off it")
        yield from _check_waiting(graph, name)


def _check_waiting(graph: Graph, state: str) -> Iterator[Notice]:
    """Find states that ask once, on entering or when a time-out is due, and are then left alone for ever."""
    exits = graph.exits(state)
    events = {member.event for _, member in exits}
    once = [name for name in events if not (graph.events[name].on - _ONCE)]
    if not exits or len(once) < len(events):
        return
    if not any(graph.surely_leaves(state, name, declining=False) for name in events):
        names = ", ".join(map(repr, sorted(events)))
        message = f"{state!r} is left only by {names}, which happen once and may be refused or let it stay"
        yield Notice("may-wait-for-ever", _state(state), message, "add an event that can be fired later")


def check_happy_path(graph: Graph) -> Iterator[Notice]:
    """Find a happy path that forks, breaks off, or never starts."""
    happy = [(number, move) for number, move in enumerate(graph.process.transitions) if move.happy]
    if not happy:
        return
    ways: dict[str, set[str]] = {}
    for number, move in happy:
        ways.setdefault(move.source, set()).add(move.target)
        if len(ways[move.source]) == 2:  # noqa: PLR2004 - said once, when the second way appears
            message = f"the happy path leaves {move.source!r} in two directions"
            yield Notice("happy-path-forks", f"transitions[{number}]", message, "let one of them be happy")
    walked = find_reachable([graph.process.initial], lambda name: ways.get(name, ()))
    for number, move in happy:
        if move.source not in walked:
            message = f"the happy path does not lead to {move.source!r}"
            yield Notice("happy-path-broken", f"transitions[{number}]", message, "mark the transitions before it")
    ends = [name for name in walked if not ways.get(name, set()) - {name}]
    if len(walked) > 1 and not any(graph.states[name].final for name in ends):
        last = ", ".join(map(repr, sorted(ends))) or "a cycle"
        yield Notice("happy-path-unfinished", "transitions", f"the happy path ends in {last}, which is not final")


def check_chains(graph: Graph) -> Iterator[Notice]:
    """Find events on entering that go round without progress, or on for longer than one firing may."""
    edges: dict[str, set[str]] = {}
    sure: dict[str, set[str]] = {}
    for state, event, members in graph.live():
        if graph.events[event].is_on_enter():
            targets = {member.target for _, member in members if member.target != state}
            edges.setdefault(state, set()).update(targets)
            # Only what nothing can stop is endless: a guard or a choice may end the round.
            if all(member.guard is None and member.choice is None for _, member in members):
                sure.setdefault(state, set()).update(targets)
            if len(targets) < len({member.target for _, member in members}):
                message = f"{event!r} fires on entering {state!r} and leads back to it, where it does not fire again"
                yield Notice("on-enter-stays", _state(state), message, "lead to another state")
    endless = {name for group in find_cycles(sure) for name in group}
    for group in find_cycles(edges):
        path = " -> ".join(map(repr, (*group, group[0])))
        where = _state(group[0])
        if endless.issuperset(group):
            yield Notice("on-enter-cycle", where, f"entering goes round for ever: {path}", "let one event wait")
        else:
            message = f"entering may go round as long as the conditions hold: {path}"
            yield Notice("on-enter-cycle-guarded", where, message, "let one event wait, or change what is asked")
    if not endless:
        yield from _check_length(graph, edges)


def _check_length(graph: Graph, edges: dict[str, set[str]]) -> Iterator[Notice]:
    """Find a chain that is longer than the run time lets one be. Cycles were reported; they are not measured."""
    if find_cycles(edges):
        return
    limit = graph.process.semantics.chain_limit
    length: dict[str, int] = {}
    for start in edges:
        stack = [start]
        while stack:
            name = stack[-1]
            unknown = [target for target in edges.get(name, ()) if target not in length]
            if unknown:
                stack += unknown
            else:
                length[stack.pop()] = max((1 + length[target] for target in edges.get(name, ())), default=0)
    longest = max(length, key=length.__getitem__, default=None)
    if longest is not None and length[longest] > limit:
        message = f"{length[longest]} events on entering follow {longest!r}; one firing runs {limit}"
        yield Notice("chain-too-long", _state(longest), message, "raise Semantics.chain_limit, or let one wait")
