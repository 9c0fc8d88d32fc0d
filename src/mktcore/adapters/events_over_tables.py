"""Events over tables: the log, the relay's queue and subscribers, for stores where one unit writes at a time.

As `stock_over_tables` is for stock and counters: there a guard may be a comparison in Python.
"""

from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Any, Protocol

import attrs

from mktcore.adapters.stock_over_tables import TableUnit
from mktcore.events import Envelope, Event
from mktcore.persistence import Scope
from mktcore.persistence.event_ports import AT_ONCE, LONGEST_LEASE, Delivery, check_lease, check_subscriber
from mktcore.persistence.queries import check_limit, check_sequence

__all__ = ["EVENT_TABLES", "EventBook", "Position", "QueueBook", "SubscriptionBook", "TableStore"]

EVENTS, STREAMS, POSITIONS, SUBSCRIBERS = "mktcore_event", "mktcore_stream", "mktcore_position", "mktcore_subscriber"
EVENT_TABLES = (EVENTS, STREAMS, POSITIONS, SUBSCRIBERS)
_STORE = ""
"""The subscriber without a name, who gets everything from the first event on."""
Rows = MutableMapping[Any, Any]


@attrs.frozen
class Position:
    """How far one subscriber took the events of one aggregate, and who holds the rest of them.

    Attributes:
        published: The number of the last event that went out.
        ready_at: From when on the rest may be claimed.
        claim: Who holds it; empty where nobody does.
        turn: Who waits longest has the lowest.
    """

    published: int
    ready_at: datetime = AT_ONCE
    claim: str = ""
    turn: int = 0


class CommittingUnit(TableUnit, Protocol):
    """A unit of work that a queue has to itself."""

    def commit(self) -> None:
        """Keep what was changed, and end."""
        ...


class TableStore(Protocol):
    """What a queue needs of a store."""

    def begin(self, scope: Scope) -> AbstractContextManager[CommittingUnit]:
        """Begin a unit of work."""
        ...


class EventBook:
    """The outbox and the log of a unit: events by aggregate, and for every subscriber what it was sent of them."""

    def __init__(self, unit: TableUnit) -> None:
        """Work inside a unit."""
        self._unit = unit

    def append(self, events: Iterable[Event]) -> None:
        """Number what a unit commits, and let it wait for every subscriber."""
        for event in events:
            key = (event.subject_kind, event.subject)
            logs, streams, positions = (self._unit.change(table) for table in (EVENTS, STREAMS, POSITIONS))
            last = streams.get(key, 0)
            streams[key], logs[key] = last + 1, (*logs.get(key, ()), Envelope(event, last + 1))
            subscribers = self._unit.change(SUBSCRIBERS)
            for name in {_STORE, *subscribers}:
                position: Position = positions.get((name, key), Position(last))
                # Now it begins to wait; one that waits already keeps its turn and its claim.
                if position.published == last:
                    position = attrs.evolve(position, ready_at=AT_ONCE, turn=_take_turn(subscribers, name))
                positions[name, key] = position

    def find(self, subject_kind: str, subject: str, *, after: int, limit: int) -> tuple[Envelope, ...]:
        """Return what the unit's scope may see of an aggregate's events above a number."""
        check_limit(limit)
        check_sequence(subject_kind, after)
        log = (one for one in self._unit.read(EVENTS).get((subject_kind, subject), ()) if one.sequence > after)
        shown = (one.view_for(self._unit.scope) for one in log)
        return tuple(islice((one for one in shown if one is not None), limit))


class QueueBook:
    """The port `mktcore.persistence.event_ports.EventQueue` of one subscriber; every call is a unit of its own."""

    def __init__(self, store: TableStore, subscriber: str = _STORE) -> None:
        """Work on a store, for the subscriber without a name or for another one."""
        self._store = store
        self._subscriber = subscriber

    def claim(self, *, claim: str, now: datetime, lease: timedelta, limit: int = 100) -> tuple[Delivery, ...]:
        """Claim up to `limit` aggregates that have unpublished events, longest waiting first."""
        check_limit(limit)
        until = now + check_lease(lease)
        deliveries = []
        with self._write() as (unit, positions):
            waiting = [(one.turn, key) for key, one in self._list_waiting(unit) if _is_free(one, now)]
            for _, key in sorted(waiting)[:limit]:
                turn = _take_turn(unit.change(SUBSCRIBERS), self._subscriber)
                position = attrs.evolve(positions[self._subscriber, key], ready_at=until, claim=claim, turn=turn)
                positions[self._subscriber, key] = position
                log = [one for one in unit.read(EVENTS)[key] if one.sequence > position.published]
                deliveries.append(Delivery(tuple(log), claim))
        return tuple(deliveries)

    def renew(self, deliveries: Sequence[Delivery], *, now: datetime, lease: timedelta) -> tuple[Delivery, ...]:
        """Hold claims until `now + lease`, and return those of them that are still held."""
        until = now + check_lease(lease)
        with self._write() as (_, positions):
            held = tuple(one for one in deliveries if self._find_held(positions, one) is not None)
            for one in held:
                key = self._to_key(one)
                positions[key] = attrs.evolve(positions[key], ready_at=until)
        return held

    def settle(self, delivery: Delivery, delivered: int, *, ready_at: datetime) -> bool:
        """Note that the first `delivered` events went out, and end the claim."""
        with self._write() as (_, positions):
            held = self._find_held(positions, delivery)
            if held is None:
                return False
            positions[self._to_key(delivery)] = Position(held.published + delivered, ready_at, turn=held.turn)
        return True

    def count_pending(self) -> int:
        """Return how many committed events are not published to this subscriber yet."""
        with self._store.begin(Scope.operator()) as unit:
            return sum(unit.read(STREAMS)[key] - one.published for key, one in self._list_waiting(unit))

    def prune(self, *, before: datetime, limit: int = 1000) -> int:
        """Remove up to `limit` events that happened before an instant and that every subscriber was sent."""
        check_limit(limit)
        gone = 0
        with self._write() as (unit, positions):
            logs, subscribers = unit.change(EVENTS), {_STORE, *unit.read(SUBSCRIBERS)}
            for key, log in logs.items():
                sent = min(positions[name, key].published for name in subscribers if (name, key) in positions)
                # Clocks differ: the first events go before the later ones, whatever instants they bear.
                old = takewhile(lambda one: one.event.at < before, (one for one in log if one.sequence <= sent))
                count = len(list(islice(old, limit - gone)))
                logs[key] = log[count:]
                gone += count
        return gone

    @contextmanager
    def _write(self) -> Iterator[tuple[CommittingUnit, Rows]]:
        with self._store.begin(Scope.operator()) as unit:
            yield unit, unit.change(POSITIONS)
            unit.commit()

    def _list_waiting(self, unit: TableUnit) -> Iterator[tuple[tuple[str, str], Position]]:
        streams = unit.read(STREAMS)
        for (subscriber, key), position in unit.read(POSITIONS).items():
            if subscriber == self._subscriber and position.published < streams[key]:
                yield key, position

    def _to_key(self, delivery: Delivery) -> tuple[str, tuple[str, str]]:
        event = delivery.envelopes[0].event
        return self._subscriber, (event.subject_kind, event.subject)

    def _find_held(self, positions: Rows, delivery: Delivery) -> Position | None:
        """Return the position that a claim still holds, where nothing of it was settled since."""
        position: Position | None = positions.get(self._to_key(delivery))
        if position is None or position.claim != delivery.claim:
            return None
        return position if position.published == delivery.envelopes[0].sequence - 1 else None


class SubscriptionBook:
    """The port `mktcore.persistence.event_ports.Subscriptions`; every call is a unit of its own."""

    def __init__(self, store: TableStore) -> None:
        """Work on a store."""
        self._store = store

    def subscribe(self, name: str) -> QueueBook:
        """Return the position of a subscriber: a new one, or for a known name where it was."""
        check_subscriber(name)
        with self._store.begin(Scope.operator()) as unit:
            unit.change(SUBSCRIBERS).setdefault(name, 0)
            unit.commit()
        return QueueBook(self._store, name)

    def unsubscribe(self, name: str) -> bool:
        """Forget a subscriber and its positions; tell whether it was there."""
        with self._store.begin(Scope.operator()) as unit:
            is_known = unit.change(SUBSCRIBERS).pop(name, None) is not None
            positions = unit.change(POSITIONS)
            for key in [key for key in positions if key[0] == name]:
                del positions[key]
            unit.commit()
        return is_known

    def list_names(self) -> tuple[str, ...]:
        """Return the names of all subscribers, sorted."""
        with self._store.begin(Scope.operator()) as unit:
            return tuple(sorted(name for name in unit.read(SUBSCRIBERS) if name != _STORE))


def _take_turn(subscribers: Rows, name: str) -> int:
    """Return the next turn of a subscriber; turns are counted, for no clock tells who waits longest."""
    subscribers[name] = subscribers.get(name, 0) + 1
    turn: int = subscribers[name]
    return turn


def _is_free(position: Position, now: datetime) -> bool:
    # One that ends later than any lease was written by a clock that was wrong, and holds nothing.
    return not now < position.ready_at <= now + LONGEST_LEASE
