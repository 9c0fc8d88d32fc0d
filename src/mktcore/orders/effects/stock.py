"""Stock follows the merchant orders: pieces leave the warehouse, become available again, or come back."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum

import attrs

from mktcore.orders.actions.goods_back import BringsBack
from mktcore.orders.default_processes import Flag
from mktcore.orders.effects.changes import Changes
from mktcore.orders.effects.effect import Effect, Found, Reads
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.effects.spread_over_reservations import LinePieces
from mktcore.orders.merchant_order import MerchantOrder
from mktcore.orders.order_line import OrderLine
from mktcore.orders.piece_whereabouts import Place, find_places
from mktcore.processes import PortionsMachine
from mktcore.processes.portions.subject import Move
from mktcore.stock import GoodsReturn, ReturnCondition

__all__ = ["CHANGE_STOCK", "StockEffect", "StockMove", "find_stock_effects"]


class StockMove(Enum):
    """What a move of pieces is for their reservation."""

    LEAVES = (Place.HELD, Place.AWAY)
    """They leave the warehouse."""
    FREED = (Place.HELD, Place.FREE)
    """They become available again."""
    RETURNED = (Place.AWAY, Place.FREE)
    """They come back, for anybody."""
    RECALLED = (Place.AWAY, Place.HELD)
    """They come back, for this order: a shipment that was none."""
    RECLAIMED = (Place.FREE, Place.HELD)
    """They are wanted again after anybody could have bought them."""
    SENT_ANYWAY = (Place.FREE, Place.AWAY)
    """They leave after anybody could have bought them."""

    def is_plain(self) -> bool:
        """Tell whether all that it asks of a reservation is what the flags of the states promise that it holds."""
        return self in {StockMove.LEAVES, StockMove.FREED}


_BY_PLACES = {move.value: move for move in StockMove}


@attrs.frozen
class StockEffect:
    """What a move of a line's pieces means for their reservation."""

    line: str
    quantity: int
    move: StockMove


def find_stock_effects(machine: PortionsMachine, moves: Iterable[Move]) -> tuple[StockEffect, ...]:
    """Return what moves of a merchant order mean for stock, by the flags of the states that they leave and join.

    Moves between states of one place, such as two reserved ones, mean nothing; nor does the start, as what is placed is
    reserved already.
    """
    places = find_places(machine)
    effects = []
    for move in moves:
        known = None if move.source is None else _BY_PLACES.get((places[move.source], places[move.target]))
        if known is not None:
            effects.append(StockEffect(move.line, move.quantity, known))
    return tuple(effects)


def _list_effects(transition: OrderTransition) -> Iterator[tuple[MerchantOrder, OrderLine, StockEffect]]:
    for part in transition.list_moved_parts():
        lines = {line.key: line for line in part.lines}
        for effect in find_stock_effects(transition.get_part_machine(part), transition.moved.moves[part.id]):
            yield part, lines[effect.line], effect


def _read_reservations(transition: OrderTransition) -> Reads:
    """Ask what reservations hold, and what left them; one alone of which pieces merely leave needs no look."""
    return Reads(
        frozenset(
            source.reservation
            for _, line, effect in _list_effects(transition)
            for source in (line.sources or () if effect.move.is_plain() else line.list_sources())
        )
    )


def _change_stock(transition: OrderTransition, found: Found) -> Changes:
    """Say which pieces of which reservations leave, become available again, or come back."""
    effects = tuple(_list_effects(transition))
    pieces: dict[str, tuple[LinePieces, ...]] = {}
    parts = {part.id: part for part, _, _ in effects}
    held = {id_: _count_held(transition, part) for id_, part in parts.items()}
    # What merely leaves goes first: of the others it depends on what the reservation then holds.
    for part, line, effect in sorted(effects, key=lambda one: not one[2].move.is_plain()):
        own = pieces.get(line.key)
        if own is None:
            wanted = held[part.id].get(line.key, 0)
            own = pieces[line.key] = LinePieces.list_of(line, found.reservations, wanted=wanted)
        for one in own:
            one.spread(_SPREAD[effect.move], effect.quantity)
    spread = [one for own in pieces.values() for one in own]
    condition = _find_condition(transition)
    return Changes(
        consumed=_join(own.consumed for own in spread),
        freed=_join(own.freed for own in spread),
        recalled=_join(own.recalled for own in spread),
        returned=tuple(
            GoodsReturn(name, quantity, condition) for own in spread for name, quantity in own.returned.items()
        ),
    )


_SPREAD: Mapping[StockMove, Callable[[LinePieces, int], None]] = {
    StockMove.LEAVES: LinePieces.consume,
    StockMove.FREED: LinePieces.free,
    StockMove.RETURNED: LinePieces.bring_back,
    StockMove.RECALLED: LinePieces.hold_again,
    StockMove.RECLAIMED: LinePieces.hold_again,
    StockMove.SENT_ANYWAY: LinePieces.send_anyway,
}


def _count_held(transition: OrderTransition, part: MerchantOrder) -> dict[str, int]:
    """Return how many pieces of each line come to be in states in which they are reserved."""
    reserved = {state.name for state in transition.get_part_machine(part).process.states if state.has(Flag.RESERVED)}
    return {
        line: sum([quantity for state, quantity in states.items() if state in reserved])
        for line, states in part.fulfilment.states().items()
    }


def _find_condition(transition: OrderTransition) -> ReturnCondition:
    action = transition.action
    told = action.condition if isinstance(action, BringsBack) else None
    return told or ReturnCondition.SELLABLE


def _join(spread: Iterable[Mapping[str, int]]) -> Counter[str]:
    # No two lines share a reservation, so nothing is added up here.
    return Counter({name: quantity for one in spread for name, quantity in one.items()})


CHANGE_STOCK = Effect("stock", _change_stock, _read_reservations)
"""Reservations end as pieces of merchant orders leave the reserved states; pieces that come back are on hand again."""
