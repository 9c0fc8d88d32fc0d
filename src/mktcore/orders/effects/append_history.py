"""The history grows by a step for every order that moved."""

from collections.abc import Iterator

from mktcore.orders.effects.changes import Changes, Write
from mktcore.orders.effects.effect import Effect, Found
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.history import ORDER_STEPS, OrderStep, build_step

__all__ = ["RECORD_STEPS"]


def _record_steps(transition: OrderTransition, found: Found) -> Changes:
    del found  # it reads nothing
    return Changes(writes=tuple(Write(ORDER_STEPS, step) for step in _list_steps(transition)))


def _list_steps(transition: OrderTransition) -> Iterator[OrderStep]:
    moves, whole = transition.moved.moves, transition.after.marketplace_order
    # The number is the version that storing the order gives it: of two events at once, one finds it taken and loses.
    if whole.id in moves:
        yield build_step(whole, whole.version + 1, moves=moves[whole.id], action=transition.action)
    for part in transition.list_moved_parts():
        yield build_step(part, part.version + 1, moves=moves[part.id], action=transition.action)


RECORD_STEPS = Effect("history", _record_steps)
"""What moved, with the facts of the action, is kept as records of its own; no earlier step is written again."""
