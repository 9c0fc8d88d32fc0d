"""Moves of an order as one caller may see them."""

import attrs

from mktcore.persistence import Party, Scope
from mktcore.processes.portions import Move

__all__ = ["show_move"]


def show_move(move: Move, scope: Scope) -> Move:
    """Return a move as the caller may see it: it names no other party's people, and tells a buyer nobody's reasons."""
    by = move.by
    if by is None or scope.caller.party is Party.OPERATOR:
        return move
    # Of the one who wrote it, not of the one on whose behalf: what the operator's people say stays theirs.
    hides_reason = Party.BUYER is scope.caller.party is not by.party
    return attrs.evolve(move, by=by.view_for(scope), why="" if hides_reason else move.why)
