"""Which moves of a process of merchant orders stock cannot follow, found before any order goes that way."""

from collections.abc import Iterator

from mktcore.notice import Notice
from mktcore.orders.default_processes import Flag
from mktcore.orders.piece_whereabouts import Place, find_place
from mktcore.processes import Process
from mktcore.processes.verification.graph import Graph

__all__ = ["verify_stock_moves"]


def verify_stock_moves(process: Process) -> tuple[Notice, ...]:
    """Return every move of a process of merchant orders that stock cannot follow; empty when it follows all.

    >>> from mktcore.processes import ProcessEvent, State, Transition
    >>> regretted = Process(
    ...     "merchant-order",
    ...     states=[State("new", flags=["reserved"]), State("canceled", flags=["not-invoiced"])],
    ...     events=[ProcessEvent("cancel"), ProcessEvent("reopen")],
    ...     transitions=[Transition("new", "canceled", "cancel"), Transition("canceled", "new", "reopen")],
    ... )
    >>> [(finding.code, finding.where) for finding in verify_stock_moves(regretted)]
    [('stock-gone', 'transitions[1]')]

    Args:
        process: The process; its sub-processes are merged in.
    """
    graph = Graph.of(process)
    return (*_check_start(graph), *_check_transitions(graph))


def _check_start(graph: Graph) -> Iterator[Notice]:
    initial = graph.process.initial
    if find_place(graph.states[initial]) is not Place.HELD:
        message = f"what is placed is reserved, and {initial!r} is not: it stays reserved until it passes such a state"
        yield Notice("stock-unreserved-start", "initial", message, f"flag {initial!r} as {Flag.RESERVED}")


def _check_transitions(graph: Graph) -> Iterator[Notice]:
    for number, move in enumerate(graph.process.transitions):
        source, target = find_place(graph.states[move.source]), find_place(graph.states[move.target])
        if source is Place.FREE and target is not Place.FREE and move.source in graph.reachable:
            message = f"what is in {move.source!r} anybody may have bought, and {move.target!r} needs it"
            remedy = f"lead there before it is free, or flag {move.target!r} as {Flag.CAME_BACK}"
            yield Notice("stock-gone", f"transitions[{number}]", message, remedy)
