"""All that a store keeps of some orders, read together: a constant number of reads, however many lines there are."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

import attrs

from mktcore.audit.record_checks import IdLook
from mktcore.events import Envelope
from mktcore.ledger import PostedTransaction
from mktcore.orders import MARKETPLACE_ORDERS, MERCHANT_ORDERS, MarketplaceOrder, MerchantOrder, Order, OrderProcesses
from mktcore.orders.effects import EFFECTS
from mktcore.orders.effects.effect import Effect
from mktcore.orders.history import ORDER_STEPS, OrderStep
from mktcore.orders.order_numbers import StoredNumbers
from mktcore.persistence import Kind
from mktcore.processes import PortionsMachine, Subject
from mktcore.stock import Reservation
from mktcore.store_inspection import Kept, StreamState

__all__ = ["KeptOfOrders", "OrderLook", "OrderRecords", "OrderRules", "list_subjects", "load_records"]


class OrderLook(IdLook, Protocol):
    """What auditing orders reads; see `mktcore.store_inspection.Inspection`."""

    def iterate_kind(self, kind: Kind[Any]) -> Iterator[Kept[Any]]:
        """Yield every record of a kind, by id."""
        ...

    def find_kept(self, kind: Kind[Any], ids: Iterable[str]) -> Mapping[str, Kept[Any]]:
        """Return those records of a kind that are there, by id."""
        ...

    def find_by(self, kind: Kind[Any], column: str, values: Iterable[str]) -> tuple[Kept[Any], ...]:
        """Return the records whose column tells one of some texts, by id."""
        ...

    def find_reservations(self, ids: Iterable[str]) -> Mapping[str, Kept[Reservation]]:
        """Return those reservations that are there, by id."""
        ...

    def find_streams(self, subject_kind: str, subjects: Iterable[str]) -> Mapping[str, StreamState]:
        """Return how far some aggregates' events are numbered and pruned, by aggregate."""
        ...

    def find_events(self, subject_kind: str, subjects: Iterable[str]) -> Mapping[str, tuple[Kept[Envelope], ...]]:
        """Return the events of some aggregates of one kind, by aggregate, in order."""
        ...

    def find_postings(self, causes: Iterable[str]) -> Mapping[str, tuple[Kept[PostedTransaction], ...]]:
        """Return what follows from some causes, by cause, in the order of keys."""
        ...


@attrs.frozen
class OrderRules:
    """By which rules orders came to what they are.

    Attributes:
        processes: The processes that orders are on.
        effects: What followed from all that happened to them; what none of these writes is not asked for.
        numbers: The series that orders have their numbers from; None where they come from elsewhere.
    """

    processes: OrderProcesses
    effects: tuple[Effect, ...] = EFFECTS
    numbers: StoredNumbers | None = None

    def find_machine(self, subject: Subject) -> PortionsMachine | None:
        """Return the machine that a subject is on; None where it is on another version, or on no process of these."""
        machines = (machine for pair in self.processes.list_held() for machine in (pair.whole, *pair.list_parts()))
        for machine in machines:
            if (machine.process.name, machine.process.version) == (subject.process, subject.version):
                return machine
        return None

    def narrow(self, order: Order) -> "OrderRules":
        """Return the rules of one order: with the pair of processes that it is on first, where that is held."""
        pair = self.processes.find_pair(order)
        if pair is None or pair is self.processes:
            return self
        return attrs.evolve(self, processes=attrs.evolve(pair, earlier=[self.processes]))


@attrs.frozen
class OrderRecords:
    """What is kept of some orders, read together.

    Attributes:
        orders: The marketplace orders, each with those of its merchant orders that are there and readable.
        steps: The history of each of both, by its id.
        events: What was published of each, by its id.
        streams: How far each one's events are numbered and pruned, by its id.
        reservations: Those of their lines that are there and readable, by id.
        kept: Everything that was read, by the name of its kind, with what cannot be read; events among them under the
            kind of their aggregate.
    """

    orders: tuple[Order, ...]
    steps: Mapping[str, tuple[OrderStep, ...]]
    events: Mapping[str, tuple[Envelope, ...]]
    streams: Mapping[str, StreamState]
    reservations: Mapping[str, Reservation]
    kept: "KeptOfOrders"


@attrs.frozen
class KeptOfOrders:
    """What was read of some orders, as it is kept.

    Attributes:
        wholes: The marketplace orders.
        parts: Their merchant orders.
        steps: The steps of both.
        whole_events: The events of the marketplace orders.
        part_events: The events of the merchant orders.
        reservations: The reservations that their lines name.
    """

    wholes: tuple[Kept[MarketplaceOrder], ...]
    parts: tuple[Kept[MerchantOrder], ...]
    steps: tuple[Kept[OrderStep], ...]
    whole_events: tuple[Kept[Envelope], ...]
    part_events: tuple[Kept[Envelope], ...]
    reservations: tuple[Kept[Reservation], ...]

    def has_unreadable(self) -> bool:
        """Tell whether something of it cannot be read."""
        read = (*self.wholes, *self.parts, *self.steps, *self.reservations)
        return any(kept.value is None for kept in read)


def list_subjects(order: Order) -> tuple[MarketplaceOrder | MerchantOrder, ...]:
    """Return what goes through processes: the marketplace order first."""
    return (order.marketplace_order, *order.merchant_orders)


def load_records(look: OrderLook, wholes: Iterable[Kept[MarketplaceOrder]]) -> OrderRecords:
    """Return what is kept of some orders."""
    given = tuple(wholes)
    orders = [kept.value for kept in given if kept.value is not None]
    parts = look.find_kept(MERCHANT_ORDERS, [id_ for order in orders for id_ in order.merchant_order_ids])
    readable = {id_: kept.value for id_, kept in parts.items() if kept.value is not None}
    sources = [source for part in readable.values() for line in part.lines for source in line.list_sources()]
    reservations = look.find_reservations([source.reservation for source in sources])
    whole_ids, part_ids = [kept.id for kept in given], list(parts)
    steps = look.find_by(ORDER_STEPS, "subject", [*whole_ids, *part_ids])
    whole_events = look.find_events(MARKETPLACE_ORDERS.name, whole_ids)
    part_events = look.find_events(MERCHANT_ORDERS.name, part_ids)
    events = {**whole_events, **part_events}
    return OrderRecords(
        tuple(_join(order, readable) for order in orders),
        _group_steps(steps),
        {id_: tuple(one.value for one in own if one.value is not None) for id_, own in events.items()},
        streams={
            **look.find_streams(MARKETPLACE_ORDERS.name, whole_ids),
            **look.find_streams(MERCHANT_ORDERS.name, part_ids),
        },
        reservations={id_: kept.value for id_, kept in reservations.items() if kept.value is not None},
        kept=KeptOfOrders(
            given,
            tuple(parts.values()),
            steps,
            whole_events=tuple(one for own in whole_events.values() for one in own),
            part_events=tuple(one for own in part_events.values() for one in own),
            reservations=tuple(reservations.values()),
        ),
    )


def _join(order: MarketplaceOrder, parts: Mapping[str, MerchantOrder]) -> Order:
    return Order(order, tuple(parts[id_] for id_ in order.merchant_order_ids if id_ in parts))


def _group_steps(steps: Iterable[Kept[OrderStep]]) -> dict[str, tuple[OrderStep, ...]]:
    """Return the steps of each order, in order."""
    grouped: dict[str, list[OrderStep]] = {}
    for kept in steps:
        if kept.value is not None:
            grouped.setdefault(kept.value.subject, []).append(kept.value)
    return {subject: tuple(sorted(own, key=lambda step: step.number)) for subject, own in grouped.items()}
