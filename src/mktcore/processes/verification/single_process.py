"""`verify`: every check of one process, in one list."""

from collections.abc import Mapping

from mktcore.notice import Notice
from mktcore.processes.definition import Process
from mktcore.processes.verification.graph import Graph
from mktcore.processes.verification.local_conflicts import (
    check_alike_names,
    check_events,
    check_registered,
    check_states,
    check_transitions,
)
from mktcore.processes.verification.reachability import (
    check_chains,
    check_endings,
    check_happy_path,
    check_reachability,
)

__all__ = ["verify"]

_CHECKS = (
    check_reachability,
    check_endings,
    check_chains,
    check_states,
    check_transitions,
    check_events,
    check_happy_path,
    check_alike_names,
)


def verify(
    process: Process,
    *,
    conditions: Mapping[str, object] | None = None,
    commands: Mapping[str, object] | None = None,
    deadlines: Mapping[str, object] | None = None,
) -> tuple[Notice, ...]:
    """Return everything that looks wrong with a process, without running it; an empty tuple is a clean bill.

    >>> from mktcore.processes.elements import ProcessEvent, State, Transition
    >>> from mktcore.processes.definition import Process
    >>> parcel = Process(
    ...     "parcel",
    ...     states=[State("new"), State("lost"), State("delivered", final=True)],
    ...     events=[ProcessEvent("ship"), ProcessEvent("lose")],
    ...     transitions=[Transition("new", "delivered", "ship"), Transition("new", "lost", "lose")],
    ... )
    >>> for finding in verify(parcel):
    ...     print(finding.code, finding.where, finding.message)
    dead-end states['lost'] 'lost' is not final and nothing leaves it

    Args:
        process: The definition; what the reader of its source noticed comes first.
        conditions: The registered conditions; names that are missing are found. None leaves them unasked.
        commands: The same for commands.
        deadlines: The same for deadlines.
    """
    graph = Graph.of(process)
    found = list(process.findings)
    for check in _CHECKS:
        found += check(graph)
    found += check_registered(graph, conditions, commands=commands, deadlines=deadlines)
    return tuple(found)
