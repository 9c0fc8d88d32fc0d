"""Which pieces of which shipment a move takes: every move of pieces that left is some shipment's. Pure.

Pieces of a line are alike, so where nobody names a shipment, those go first that left first.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import attrs

from mktcore.notice import Notice
from mktcore.orders.parcel import Parcel
from mktcore.orders.piece_whereabouts import Place, find_places
from mktcore.orders.shipments.errors import ShipmentRefused
from mktcore.orders.shipments.shipment import Shipment, ShippedPieces
from mktcore.processes import PortionsMachine
from mktcore.processes.portions import Move

__all__ = ["follow_moves", "is_leaving"]

Stay = tuple[str, str, str]
"""Line, state and parcel."""


def is_leaving(places: Mapping[str, Place], move: Move) -> bool:
    """Tell whether pieces leave by a move: they were not away, and are now."""
    if move.is_migration() or places[move.target] is not Place.AWAY:
        return False
    return move.source is None or places[move.source] is not Place.AWAY


@attrs.define
class _Load:
    """A shipment while moves are followed."""

    shipment: Shipment
    pieces: Counter[Stay]
    undone: Counter[Stay]
    is_changed: bool = False

    @classmethod
    def of(cls, shipment: Shipment) -> "_Load":
        return cls(shipment, _to_counter(shipment.pieces), _to_counter(shipment.undone))

    def take(self, move: Move, quantity: int, parcel: str | None) -> list[tuple[Stay, int]]:
        """Take so many pieces of a move's line out of its source, as far as they are there."""
        taken = []
        for stay in [one for one in self.pieces if one[:2] == (move.line, move.source) and parcel in {None, one[2]}]:
            pieces = min(quantity, self.pieces[stay])
            if pieces:
                self.pieces[stay] -= pieces
                quantity -= pieces
                taken.append((stay, pieces))
        self.is_changed = self.is_changed or bool(taken)
        return taken

    def close(self) -> Shipment:
        return attrs.evolve(self.shipment, pieces=_to_pieces(self.pieces), undone=_to_pieces(self.undone))


def _to_counter(pieces: Iterable[ShippedPieces]) -> Counter[Stay]:
    return Counter({(one.line, one.state, one.parcel): one.quantity for one in pieces})


def _to_pieces(counted: Counter[Stay]) -> tuple[ShippedPieces, ...]:
    return tuple(
        ShippedPieces(line, state, pieces, parcel=parcel) for (line, state, parcel), pieces in (+counted).items()
    )


def follow_moves(
    machine: PortionsMachine,
    moves: Iterable[Move],
    shipments: Sequence[Shipment],
    *,
    opened: Shipment | None = None,
    parcel: str | None = None,
) -> tuple[Shipment, ...]:
    """Return the shipments that moves of their merchant order change, as they come to stand, with the one they make.

    Args:
        machine: The merchant order's process.
        moves: The moves, in order.
        shipments: The shipments whose pieces may move, those first that are to be taken first.
        opened: A new one, without pieces, that is made of what leaves; it says which parcels there are.
        parcel: The parcel that pieces are taken of; None for any.

    Raises:
        ShipmentRefused: What its parcels hold is not what leaves.
    """
    places = find_places(machine)
    loads, left = [_Load.of(shipment) for shipment in shipments], Counter[tuple[str, str]]()
    for move in moves:
        if move.source == move.target:
            continue
        # A migration leads from a state of another version, which this one may not have.
        was_held = move.source is None or places.get(move.source) is Place.HELD
        taken = [] if was_held else _take(loads, move, parcel)
        rest = move.quantity - sum([pieces for _, _, pieces in taken])
        leaves = is_leaving(places, move)
        for load, (line, state, key), pieces in taken:
            if leaves or places[move.target] is Place.HELD:
                load.undone[line, state, key] += pieces
            else:
                load.pieces[line, move.target, key] += pieces
        if leaves:
            left[move.line, move.target] += move.quantity
        elif there := min(left[move.line, move.source or ""], rest):
            # What an event on entering takes further left by the same step.
            left[move.line, move.source or ""] -= there
            left[move.line, move.target] += there if places[move.target] is not Place.HELD else 0
    changed = tuple(load.close() for load in loads if load.is_changed)
    left = +left
    return (*changed, _pack(opened, left)) if opened is not None and left else changed


def _take(loads: Iterable[_Load], move: Move, parcel: str | None) -> list[tuple[_Load, Stay, int]]:
    taken: list[tuple[_Load, Stay, int]] = []
    wanted = move.quantity
    for load in loads:
        found = load.take(move, wanted, parcel) if wanted else []
        taken += [(load, stay, pieces) for stay, pieces in found]
        wanted -= sum([pieces for _, pieces in found])
    return taken


def _pack(opened: Shipment, left: Mapping[tuple[str, str], int]) -> Shipment:
    """Put what left into the parcels of a new shipment."""
    told = [one for one in opened.parcels if one.holds is not None]
    if told:
        _check_parcels(told, left)
        return attrs.evolve(opened, pieces=tuple(_spread(told, left)))
    only = opened.parcels[0].key if len(opened.parcels) == 1 else ""
    pieces = (ShippedPieces(line, state, quantity, parcel=only) for (line, state), quantity in left.items())
    return attrs.evolve(opened, pieces=tuple(pieces))


def _check_parcels(parcels: Iterable[Parcel], left: Mapping[tuple[str, str], int]) -> None:
    held, leaves = Counter[str](), Counter[str]()
    for parcel in parcels:
        held.update(parcel.holds or {})
    for (line, _), quantity in left.items():
        leaves[line] += quantity
    problems = [
        Notice(
            "orders.parcels-differ",
            f"parcels.holds.{line}",
            f"parcels hold {held[line]} pieces of {line}, and {leaves[line]} leave",
            remedy="tell for each parcel what it holds of what is shipped, or for none",
            operands={"line": line, "held": held[line], "shipped": leaves[line]},
        )
        for line in dict.fromkeys([*leaves, *held])
        if held[line] != leaves[line]
    ]
    if problems:
        raise ShipmentRefused(tuple(problems))


def _spread(parcels: Iterable[Parcel], left: Mapping[tuple[str, str], int]) -> Iterable[ShippedPieces]:
    waiting = dict(left)
    for parcel in parcels:
        missing = dict(parcel.holds or {})
        for (line, state), there in waiting.items():
            pieces = min(missing.get(line, 0), there)
            if pieces:
                missing[line] -= pieces
                waiting[line, state] = there - pieces
                yield ShippedPieces(line, state, pieces, parcel=parcel.key)
