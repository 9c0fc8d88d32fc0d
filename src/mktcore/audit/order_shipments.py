"""Whether shipments hold what left: what the history of their merchant orders makes of them (I10)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import attrs

from mktcore.audit.order_records import OrderLook, OrderRecords, OrderRules
from mktcore.notice import Notice
from mktcore.orders import MerchantOrder, Order
from mktcore.orders.effects import RECORD_SHIPMENTS
from mktcore.orders.history import OrderStep
from mktcore.orders.piece_whereabouts import Place, find_place
from mktcore.orders.shipments.follow_moves import follow_moves, is_leaving
from mktcore.orders.shipments.named_shipment import find_named_shipment, open_shipment
from mktcore.orders.shipments.shipment import SHIPMENTS, Shipment
from mktcore.processes import PortionsMachine

__all__ = ["check_shipments", "load_shipments"]


def load_shipments(look: OrderLook, orders: Iterable[Order]) -> Mapping[str, tuple[Shipment, ...]]:
    """Return the shipments of some orders by their merchant order, read together."""
    parts = sorted(part.id for order in orders for part in order.merchant_orders)
    found: dict[str, list[Shipment]] = {}
    for kept in look.find_by(SHIPMENTS, "merchant_order", parts):
        if kept.value is not None:
            found.setdefault(kept.value.merchant_order, []).append(kept.value)
    return {part: tuple(own) for part, own in found.items()}


def check_shipments(
    order: Order, records: OrderRecords, shipments: Mapping[str, tuple[Shipment, ...]], *, rules: OrderRules
) -> Iterator[Notice]:
    """Yield a finding for everything about the shipments of an order that does not hold."""
    if RECORD_SHIPMENTS not in rules.effects:
        return
    for part in order.merchant_orders:
        own = shipments.get(part.id, ())
        # By their ids, which end with the number of a step, they are in the order in which they left.
        if tuple(sorted(one.id for one in own)) != part.shipments:
            yield Notice("I10", f"{part.id}.shipments", "they are not those that say that they are its")
            continue
        machine = rules.find_machine(part.fulfilment)
        if machine is not None and own:
            machines = [machine, *(one for pair in rules.processes.list_held() for one in pair.list_parts())]
            steps = sorted(records.steps.get(part.id, ()), key=lambda one: one.number)
            is_whole = bool(steps) and all(step.id in part.shipments or not _leaves(step, machines) for step in steps)
            yield from _check_pieces(part, own, machine, is_whole=is_whole and not part.former_moves)
            yield from _check_history(part, own, steps, machines=machines)


def _leaves(step: OrderStep, machines: list[PortionsMachine]) -> bool:
    places = {state.name: find_place(state) for state in _find_machine(step, machines).process.states}
    return any(is_leaving(places, move) for move in step.moves)


def _check_pieces(
    part: MerchantOrder, own: Iterable[Shipment], machine: PortionsMachine, *, is_whole: bool
) -> Iterator[Notice]:
    """Compare where pieces are by the order and by its shipments; whole, where all that left did so in shipments."""
    away = {state.name for state in machine.process.states if find_place(state) is Place.AWAY}
    held = Counter({(one.line, one.state): 0 for shipment in own for one in shipment.pieces})
    for shipment in own:
        for one in shipment.pieces:
            held[one.line, one.state] += one.quantity
    states = {(line, state): pieces for line, own_ in part.states.items() for state, pieces in own_.items()}
    for line, state in {**states, **held}:
        there, shipped = states.get((line, state), 0), held[line, state]
        # Of what is canceled, some never left.
        if shipped > there or (is_whole and state in away and shipped != there):
            where = f"{part.id}.lines.{line}"
            yield Notice("I10", where, f"{there} pieces are {state!r}, and shipments hold {shipped} of them")


def _check_history(
    part: MerchantOrder, own: Iterable[Shipment], steps: Iterable[OrderStep], *, machines: list[PortionsMachine]
) -> Iterator[Notice]:
    """Compare shipments with what the steps of their merchant order make of them."""
    followed = _Followed()
    for step in steps:
        named, parcel = find_named_shipment(step.action)
        opened = open_shipment(part, step.id, action=step.action, at=step.at) if step.id in part.shipments else None
        candidates = followed.find_candidates(step, named)
        machine = _find_machine(step, machines)
        followed.note(follow_moves(machine, step.moves, candidates, opened=opened, parcel=parcel))
    for shipment in own if followed.known else ():
        if not followed.agrees(shipment):
            message = "it is not what the history of its merchant order makes of it"
            yield Notice("I10", f"shipment {shipment.id}", message)


@attrs.define
class _Followed:
    """Shipments while the steps of their merchant order are followed.

    Attributes:
        known: As they are, in the order in which they left.
        stored: How often each was stored by a step.
        numbers: The place of each in that order.
        places: Which of them have pieces of a line in a state: a step looks at those, and not at all of them.
    """

    known: dict[str, Shipment] = attrs.field(factory=dict)
    stored: Counter[str] = attrs.field(factory=Counter)
    numbers: dict[str, int] = attrs.field(factory=dict)
    places: dict[tuple[str, str], dict[str, int]] = attrs.field(factory=dict)

    def find_candidates(self, step: OrderStep, named: str | None) -> list[Shipment]:
        there: dict[str, int] = {}
        for move in step.moves:
            there |= self.places.get((move.line, move.source or ""), {})
        return [self.known[id_] for id_ in sorted(there, key=there.__getitem__) if named in {None, id_}]

    def note(self, changed: Iterable[Shipment]) -> None:
        for shipment in changed:
            number = self.numbers.setdefault(shipment.id, len(self.numbers))
            for one in self.known[shipment.id].pieces if shipment.id in self.known else ():
                self.places[one.line, one.state].pop(shipment.id, None)  # once for each parcel of the line
            for one in shipment.pieces:
                self.places.setdefault((one.line, one.state), {})[shipment.id] = number
            self.known[shipment.id] = shipment
            self.stored[shipment.id] += 1

    def agrees(self, shipment: Shipment) -> bool:
        """Tell whether a shipment is what became of it; more may be told of it than by its sender, and no less."""
        expected, stored = self.known.get(shipment.id), self.stored[shipment.id]
        if expected is None or shipment.version < stored:
            return False
        if shipment.version == stored:
            return attrs.evolve(expected, version=stored) == shipment
        return _to_told(expected) == _to_told(shipment)


def _find_machine(step: OrderStep, machines: list[PortionsMachine]) -> PortionsMachine:
    """Return the process that a step was made on: of an order that was migrated since, one that has its states."""
    named = {move.target for move in step.moves}
    if not any(move.is_migration() for move in step.moves):
        named |= {move.source for move in step.moves if move.source is not None}
    return next((one for one in machines if named <= one.tables.groups.keys()), machines[0])


def _to_told(shipment: Shipment) -> tuple[object, ...]:
    """Return of a shipment what the history tells: where it is tracked may be told later."""
    parcels = [(parcel.key, parcel.holds) for parcel in shipment.parcels]
    parties = (shipment.merchant_order, shipment.order, shipment.merchant, shipment.buyer)
    return (*parties, shipment.shipped_at, shipment.pieces, shipment.undone, parcels)
