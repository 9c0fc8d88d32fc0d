"""The history grows by a step for every order that moved."""

from collections.abc import Iterator

import attrs

from mktcore.orders.effects.changes import Changes, Write
from mktcore.orders.effects.effect import Effect, Found
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.history import ORDER_STEPS, OrderStep, build_step
from mktcore.orders.portions_at import is_told_by_moves

__all__ = ["RECORD_STEPS"]


def _record_steps(transition: OrderTransition, found: Found) -> Changes:
    del found  # it reads nothing
    return Changes(writes=tuple(Write(ORDER_STEPS, step) for step in _list_steps(transition)))


def _list_steps(transition: OrderTransition) -> Iterator[OrderStep]:
    moves, whole = transition.moved.moves, transition.after.marketplace_order
    # The number is the version that storing the order gives it: of two events at once, one finds it taken and loses.
    if whole.id in moves:
        step = build_step(whole, whole.version + 1, moves[whole.id], action=transition.action)
        yield _note_portions(step, transition)
    for part in transition.list_moved_parts():
        step = build_step(part, part.version + 1, moves[part.id], action=transition.action)
        yield _note_portions(step, transition)


def _note_portions(step: OrderStep, transition: OrderTransition) -> OrderStep:
    """Return a step that says where pieces are, if its moves do not tell: as after a migration."""
    before = transition.before
    known = () if before is None else before.subjects()[step.subject].portions
    after = transition.after.subjects()[step.subject].portions
    return step if is_told_by_moves(known, step.moves, after) else attrs.evolve(step, portions=after)


RECORD_STEPS = Effect("history", _record_steps)
"""What moved, with the facts of the action, is kept as records of its own; no earlier step is written again."""
