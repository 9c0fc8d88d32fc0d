"""What leaves together is a shipment, and what becomes of its pieces is kept with it."""

from collections.abc import Iterator

from mktcore.events import Event
from mktcore.orders.effects.changes import Changes, Write
from mktcore.orders.effects.effect import Effect, Found, Reads
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.merchant_order import MerchantOrder
from mktcore.orders.piece_whereabouts import Place, find_places
from mktcore.orders.shipments.events import ShipmentChanged, Shipped
from mktcore.orders.shipments.follow_moves import follow_moves, is_leaving
from mktcore.orders.shipments.named_shipment import find_named_shipment, name_shipment, open_shipment
from mktcore.orders.shipments.shipment import SHIPMENTS, Shipment

__all__ = ["RECORD_SHIPMENTS"]


def _list_known(transition: OrderTransition, part: MerchantOrder) -> tuple[str, ...]:
    """Return the shipments that pieces of a part may have moved in; where one is named, it alone."""
    places = find_places(transition.get_part_machine(part))
    # A migration moves pieces from states of another version.
    sources = {move.source for move in transition.moved.moves[part.id]}
    if not part.shipments or all(source is None or places.get(source) is Place.HELD for source in sources):
        return ()
    named, _ = find_named_shipment(transition.action)
    return tuple(one for one in part.shipments if named in {None, one})


def _read_shipments(transition: OrderTransition) -> Reads:
    ids = frozenset(id_ for part in transition.list_moved_parts() for id_ in _list_known(transition, part))
    return Reads(records={SHIPMENTS: ids} if ids else {})


def _record_shipments(transition: OrderTransition, found: Found) -> Changes:
    records = found.get_records(SHIPMENTS)
    shipments = [
        shipment
        for part in transition.list_moved_parts()
        for shipment in _follow(transition, part, [records[id_] for id_ in _list_known(transition, part)])
    ]
    writes = tuple(Write(SHIPMENTS, shipment) for shipment in shipments)
    return Changes(writes=writes, events=tuple(_list_events(transition, shipments)))


def _follow(transition: OrderTransition, part: MerchantOrder, known: list[Shipment]) -> tuple[Shipment, ...]:
    moves, places = transition.moved.moves[part.id], find_places(transition.get_part_machine(part))
    opened = None
    if any(is_leaving(places, move) for move in moves):
        id_ = name_shipment(part, part.version + 1)
        opened = open_shipment(part, id_, action=transition.action, at=transition.now)
    _, parcel = find_named_shipment(transition.action)
    return follow_moves(transition.get_part_machine(part), moves, known, opened=opened, parcel=parcel)


def _list_events(transition: OrderTransition, shipments: list[Shipment]) -> Iterator[Event]:
    for shipment in shipments:
        cls = ShipmentChanged if shipment.version else Shipped
        yield cls.of(shipment, at=transition.now)


RECORD_SHIPMENTS = Effect("shipments", _record_shipments, _read_shipments)
"""Every piece that left is in one shipment: the one it left with, or the next after that was undone."""
