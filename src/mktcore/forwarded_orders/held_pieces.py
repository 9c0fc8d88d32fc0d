"""How many pieces of which lines are still at their merchant's, and how many of them may be forwarded. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping

from mktcore.notice import Notice
from mktcore.orders import MerchantOrder, Order, OrderProcesses
from mktcore.orders.actions.shipments import Ship
from mktcore.orders.piece_whereabouts import Place, find_place

__all__ = ["choose_forwarded_pieces", "count_free", "count_held"]


def count_held(order: Order, part: MerchantOrder, processes: OrderProcesses) -> Counter[str]:
    """Return the pieces of a merchant order that are still to leave or to be canceled, by line."""
    # What its merchant was not sent yet waits on the marketplace order.
    subject = part.fulfilment if part.fulfilment.portions else order.marketplace_order.fulfilment
    states = {state.name: find_place(state) for state in processes.get_machine(subject.process).process.states}
    own = {line.key for line in part.lines}
    held: Counter[str] = Counter()
    for portion in subject.portions:
        if portion.line in own and states[portion.state] is Place.HELD:
            held[portion.line] += portion.quantity
    return held


def count_free(part: MerchantOrder, processes: OrderProcesses, forwarded: Mapping[str, int]) -> dict[str, int]:
    """Return the pieces of a merchant order that may be forwarded: what may leave, less what suppliers still send."""
    groups = processes.get_machine(part.fulfilment.process).tables.groups
    leaving: Counter[str] = Counter()
    for portion in part.fulfilment.portions:
        if Ship.event in groups.get(portion.state, {}):
            leaving[portion.line] += portion.quantity
    free = {line.key: leaving[line.key] - forwarded.get(line.key, 0) for line in part.lines}
    return {line: pieces for line, pieces in free.items() if pieces > 0}


def choose_forwarded_pieces(
    asked: Mapping[str, int] | None, free: Mapping[str, int]
) -> tuple[dict[str, int], tuple[Notice, ...]]:
    """Return the pieces that are forwarded, and what is wrong with what was asked.

    Args:
        asked: Pieces by line; None for all that may be.
        free: Pieces that may be forwarded.
    """
    wanted = dict(free if asked is None else asked)
    if not wanted:
        message = "no piece of it waits to be sent that no supplier sends"
        return {}, (Notice("forwarded-orders.nothing-left", "lines", message, remedy="look at what was forwarded"),)
    return wanted, tuple(_list_wrong(wanted.items(), free))


def _list_wrong(wanted: Iterable[tuple[str, int]], free: Mapping[str, int]) -> Iterable[Notice]:
    for line, pieces in wanted:
        there = free.get(line, 0)
        if type(pieces) is not int or not 0 < pieces <= there:
            yield Notice(
                "forwarded-orders.not-so-many",
                f"lines[{line!r}]",
                f"{pieces} pieces asked for, and {there} may be forwarded",
                remedy="forward what waits to be sent, and what no supplier sends already",
                operands={"line": line, "asked": pieces, "there": there},
            )
