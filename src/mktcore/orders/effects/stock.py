"""Stock follows the merchant orders: pieces leave the warehouse, or become available again."""

from collections import Counter
from collections.abc import Iterable, Iterator

import attrs

from mktcore.orders.effects.changes import Changes
from mktcore.orders.effects.effect import Effect, Found, Reads
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.order import OrderLine
from mktcore.orders.processes import Flag
from mktcore.processes import PortionsMachine
from mktcore.processes.portions.subject import Move

__all__ = ["CHANGE_STOCK", "StockEffect", "find_stock_effects"]


@attrs.frozen
class StockEffect:
    """What a move means for a line's reservation: pieces leave the warehouse, or become available again."""

    line: str
    quantity: int
    leaves: bool


def find_stock_effects(machine: PortionsMachine, moves: Iterable[Move]) -> tuple[StockEffect, ...]:
    """Return what moves of a merchant order mean for stock, by the flags of the states they join.

    Pieces that leave the reserved states end their reservation: into a state that is never invoiced (canceled) they
    become available again, into any other they left the warehouse. Moves among reserved states mean nothing.
    """
    states = {state.name: state for state in machine.process.states}
    effects = []
    for move in moves:
        was_reserved = move.source is not None and states[move.source].has(Flag.RESERVED)
        target = states[move.target]
        if was_reserved and not target.has(Flag.RESERVED):
            effects.append(StockEffect(move.line, move.quantity, leaves=not target.has(Flag.NOT_INVOICED)))
    return tuple(effects)


def _list_effects(transition: OrderTransition) -> Iterator[tuple[OrderLine, StockEffect]]:
    for part in transition.list_moved_parts():
        lines = {line.key: line for line in part.lines}
        for effect in find_stock_effects(transition.processes.part, transition.moved.moves[part.id]):
            yield lines[effect.line], effect


def _read_split_lines(transition: OrderTransition) -> Reads:
    """Ask what the reservations of lines from several locations still hold; one alone needs no choice."""
    sources = (source for line, _ in _list_effects(transition) for source in line.sources or ())
    return Reads(frozenset(source.reservation for source in sources))


def _change_stock(transition: OrderTransition, found: Found) -> Changes:
    """Say which pieces of which reservations leave, and which become available again."""
    gone: Counter[str] = Counter()
    free: Counter[str] = Counter()
    # Counted down as moves are spread: several of one transition may draw on one reservation.
    left = {name: reservation.remaining for name, reservation in found.reservations.items()}
    for line, effect in _list_effects(transition):
        (gone if effect.leaves else free).update(_spread(line, effect.quantity, left))
    return Changes(consumed=gone, freed=free)


def _spread(line: OrderLine, quantity: int, left: dict[str, int]) -> Counter[str]:
    """Return how many pieces of which reservations of a line move, the first location's first; `left` falls with them.

    What no reservation of several locations holds falls to the line's first, which refuses it.
    """
    taken: Counter[str] = Counter()
    for source in line.sources or ():
        pieces = min(quantity, left.get(source.reservation, 0))
        if pieces:
            taken[source.reservation] += pieces
            left[source.reservation] -= pieces
            quantity -= pieces
    if quantity:
        taken[line.reservation] += quantity
    return taken


CHANGE_STOCK = Effect("stock", _change_stock, _read_split_lines)
"""Reservations end as pieces of merchant orders leave the reserved states."""
