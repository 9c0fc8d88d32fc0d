"""Whether what was answered under keys is what orders went through: the states, and what was asked (I13). Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mktcore.errors import Notice
from mktcore.orders import MarketplaceOrder, MerchantOrder
from mktcore.orders.history import OrderStep, collect_moves
from mktcore.processes.portions.subject import Move, find_stays

__all__ = ["check_answered_states", "check_asked"]

AnyOrder = MarketplaceOrder | MerchantOrder
_States = Counter[tuple[str, str]]
"""Pieces by line and state."""


def check_answered_states(
    where: str, told: AnyOrder, stored: AnyOrder, *, steps: Sequence[OrderStep]
) -> Iterator[Notice]:
    """Yield a finding where an order was answered in states that it was never in.

    Args:
        where: The key.
        told: The order as it was answered.
        stored: As it is.
        steps: Its history, in order.
    """
    portions = told.fulfilment.portions
    if portions == stored.fulfilment.portions:
        return  # where it is, it came to by its history, or that is told of itself
    moves = collect_moves(stored, steps)
    shown: _States = Counter()
    for one in portions:
        shown[one.line, one.state] += one.quantity
    if not _was_in(shown, moves):
        yield Notice("I13", where, f"its answer tells states that {told.id} was never in")
    entered = find_stays(moves) | {(move.line, move.target, move.at) for move in moves}
    if any((one.line, one.state, one.since) not in entered for one in portions):
        yield Notice("I13", where, f"its answer tells of {told.id} that pieces moved when they did not")


def _was_in(shown: _States, moves: Sequence[Move]) -> bool:
    """Tell whether some first moves lead to states: what is still apart is counted, so that each move costs the same.

    Which moves they are, the version does not tell: the steps of an order of 0.1.0 were numbered later.
    """
    missing = Counter(shown)
    apart = sum(1 for pieces in missing.values() if pieces)
    for move in moves:
        changes = [(move.target, -move.quantity)] + ([] if move.source is None else [(move.source, move.quantity)])
        for state, change in changes:
            before = missing[move.line, state]
            missing[move.line, state] = before + change
            apart += (before + change != 0) - (before != 0)
        if not apart:
            return True
    return not apart


def check_asked(where: str, request: Mapping[str, object], runs: Iterable[Sequence[Move]]) -> Iterator[Notice]:
    """Yield a finding where nothing that happened to an order is what was asked: the event, and of which pieces.

    Args:
        where: The key.
        request: What was asked: an event.
        runs: The moves of the order that happened together.
    """
    if not any(_is_asked(request, moves) for moves in runs):
        yield Notice("I13", where, f"it asks for {request.get('event')!r}, and nothing of that kind happened")


def _is_asked(request: Mapping[str, object], moves: Sequence[Move]) -> bool:
    # Why it happened, the process itself may have said instead.
    mine = [move for move in moves if move.event == request.get("event")]
    lines = request.get("lines")
    moved: Counter[str] = Counter()
    for move in mine:
        moved[move.line] += move.quantity
    return bool(mine) and (not isinstance(lines, Mapping) or all(moved[line] == lines[line] for line in lines))
