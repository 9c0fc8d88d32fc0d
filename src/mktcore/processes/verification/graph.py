"""A flat process seen as a graph: what the checks of `verify` share."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import attrs

from mktcore.processes.definition import Process
from mktcore.processes.elements import ProcessEvent, State, Transition

__all__ = ["Graph", "Member", "find_cycles", "find_reachable"]

Member = tuple[int, Transition]
"""A transition with its position in the process, by which findings cite it."""


@attrs.frozen
class Graph:
    """A flat process with its look-ups.

    Attributes:
        process: The flat process.
        states: Its states by name.
        events: Its events by name.
        groups: For each state, its transitions by event, each with its position, in the order of declaration.
        reachable: Names of the states that can be reached from the initial one.
    """

    process: Process
    states: Mapping[str, State]
    events: Mapping[str, ProcessEvent]
    groups: Mapping[str, Mapping[str, tuple[Member, ...]]]
    reachable: frozenset[str]

    @classmethod
    def of(cls, process: Process) -> "Graph":
        """Return the graph of a process, its sub-processes merged in."""
        flat = process.flatten()
        grouped: dict[str, dict[str, list[Member]]] = {state.name: {} for state in flat.states}
        for number, transition in enumerate(flat.transitions):
            grouped[transition.source].setdefault(transition.event, []).append((number, transition))
        groups = {
            state: {event: tuple(members) for event, members in by_event.items()} for state, by_event in grouped.items()
        }
        targets = {
            state: [member.target for members in by_event.values() for _, member in members]
            for state, by_event in groups.items()
        }
        return cls(
            flat,
            {state.name: state for state in flat.states},
            events={event.name: event for event in flat.events},
            groups=groups,
            reachable=frozenset(find_reachable([flat.initial], targets.__getitem__)),
        )

    def live(self) -> Iterator[tuple[str, str, tuple[Member, ...]]]:
        """Yield each reachable state with each of its events and the transitions of both."""
        for state, by_event in self.groups.items():
            if state in self.reachable:
                for event, members in by_event.items():
                    yield state, event, members

    def exits(self, state: str) -> list[Member]:
        """Return the transitions that leave the state for another one."""
        return [
            (number, member)
            for members in self.groups[state].values()
            for number, member in members
            if member.target != state
        ]

    def surely_leaves(self, state: str, event: str, *, declining: bool = True) -> bool:
        """Tell whether the event always leads out of the state: whatever its conditions say, none lets it stay.

        Args:
            state: Name of the state.
            event: Name of the event.
            declining: Reckon with commands that decline, which leaves the portion where it is.
        """
        members = self.groups[state].get(event, ())
        if not members or any(member.target == state for _, member in members):
            return False
        branches: dict[tuple[str | None, str | None], bool] = {}
        for _, member in members:
            branch = (member.guard, member.command)
            branches[branch] = branches.get(branch, False) or member.choice is None
        if declining and any(command is not None for _, command in branches):
            return False
        # One branch has to be open to all, and every branch to have a way that no choice can close.
        return any(guard is None for guard, _ in branches) and all(branches.values())


def find_reachable(starts: Iterable[str], follow: Callable[[str], Iterable[str]]) -> set[str]:
    """Return everything that can be reached from `starts`, themselves included."""
    seen = set(starts)
    waiting = list(seen)
    while waiting:
        for name in follow(waiting.pop()):
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return seen


def find_cycles(edges: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """Return the groups of names on common cycles, each once (Tarjan's components, without recursion)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    stacked: set[str] = set()
    found: list[tuple[str, ...]] = []
    for root in edges:
        if root in order:
            continue
        work = [(root, iter(edges.get(root, ())))]
        order[root] = low[root] = len(order)
        stack.append(root)
        stacked.add(root)
        while work:
            name, rest = work[-1]
            following = next((other for other in rest if other not in order or other in stacked), None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == order[name]:
                    group = _pop_group(stack, stacked, name)
                    if len(group) > 1 or name in edges.get(name, ()):
                        found.append(group)
            elif following in order:
                low[name] = min(low[name], order[following])
            else:
                order[following] = low[following] = len(order)
                stack.append(following)
                stacked.add(following)
                work.append((following, iter(edges.get(following, ()))))
    return found


def _pop_group(stack: list[str], stacked: set[str], root: str) -> tuple[str, ...]:
    group: list[str] = []
    while True:
        name = stack.pop()
        stacked.discard(name)
        group.append(name)
        if name == root:
            return tuple(reversed(group))
