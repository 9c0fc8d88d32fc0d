"""A store over plain dicts: what an adapter has to do, and nothing else.

A unit reads the dicts that were committed when it began. With its first write it becomes the only writer, turns to the
newest dicts, and copies each table before it changes it; a commit puts the changed copies in place. So nothing that
anybody reads ever changes, and every guard compares with what is really there.

    python examples/dict_store.py       # runs the whole conformance check
"""

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count, islice, takewhile
from typing import Any

import attrs

from mktcore.adapters.guarded_verbs import COUNTERS, INBOX, RESERVATIONS, STOCK, CounterBook, InboxBook, StockBook
from mktcore.adapters.ledger_book import LEDGER_TABLES, LedgerBook
from mktcore.events import Envelope, Event
from mktcore.persistence import Kind, NotFound, Page, Repository, Retryable, Scope, StaleVersion, UniqueViolation
from mktcore.persistence.errors import UnitClosed, UnknownKind
from mktcore.persistence.idempotency import IdempotencyRecord
from mktcore.persistence.kinds import index_kinds
from mktcore.persistence.outbox import AT_ONCE, LONGEST_LEASE, Delivery
from mktcore.persistence.queries import build_query, select_page
from mktcore.testing import KINDS, check_store


class DictStore:
    def __init__(self, kinds: Iterable[Kind[Any]]) -> None:
        self.kinds = index_kinds(kinds)
        system = (STOCK, RESERVATIONS, COUNTERS, INBOX, *LEDGER_TABLES, "records", "streams", "events", "positions")
        self.committed: dict[str, dict[Any, Any]] = {name: {} for name in (*self.kinds, *system)}
        self.committed["positions"][""] = {}  # the subscriber without a name
        self.writer = threading.Lock()
        self.writing_thread: int | None = None
        self.queue, self.subscriptions = Queue(self, ""), Subscriptions(self)
        self.turns = count(1)

    @contextmanager
    def begin(self, scope: Scope) -> Iterator["Unit"]:
        unit = Unit(self, scope)
        try:
            yield unit
        finally:
            unit.close()


class Unit:
    def __init__(self, store: DictStore, scope: Scope) -> None:
        self.store, self.scope, self.tables = store, scope, store.committed
        self.changed: dict[str, dict[Any, Any]] = {}
        self.events: list[Event] = []
        self.lost: Retryable | None = None
        self.is_open, self.is_writing = True, False
        self.stock, self.counters, self.inbox = StockBook(self), CounterBook(self), InboxBook(self)
        self.ledger = LedgerBook(self)

    def read(self, table: str) -> dict[Any, Any]:
        self.check_usable()
        return self.changed.get(table, self.tables[table])

    def change(self, table: str) -> dict[Any, Any]:
        self.check_usable()
        if not self.is_writing:
            if self.store.writing_thread == threading.get_ident() or not self.store.writer.acquire(timeout=30):
                raise Retryable("another unit is writing")
            self.store.writing_thread, self.is_writing, self.tables = threading.get_ident(), True, self.store.committed
        return self.changed.setdefault(table, dict(self.tables[table]))

    @contextmanager
    def undo_on_error(self, table: str) -> Iterator[None]:
        before = dict(self.change(table))
        try:
            yield
        except Exception:
            self.changed[table] = before
            raise

    def check_usable(self) -> None:
        if not self.is_open or self.lost:
            raise self.lost or UnitClosed

    def repository(self, kind: Kind[Any]) -> "DictRepository":
        if self.store.kinds.get(kind.name) is not kind:
            raise UnknownKind(kind.name)
        return DictRepository(self, kind)

    def publish(self, events: Iterable[Event]) -> None:
        self.check_usable()
        self.events.extend(events)

    def find_events(self, subject_kind: str, subject: str, *, after: int = 0, limit: int = 100) -> tuple[Envelope, ...]:
        log = [one for one in self.read("events").get((subject_kind, subject), ()) if one.sequence > after]
        shown = [one.view_for(self.scope) for one in log]
        return tuple([one for one in shown if one is not None][:limit])

    def find_record(self, owner: str, key: str) -> IdempotencyRecord | None:
        return self.read("records").get((owner, key)) if self.scope.covers_keys_of(owner) else None

    def record(self, record: IdempotencyRecord, *, finish: bool = False) -> None:
        if not self.scope.covers_keys_of(record.owner):
            raise NotFound("idempotency record", record.key)
        known = self.change("records").get((record.owner, record.key))
        if not (known is not None and known.result is None if finish else known is None):
            self.lost = Retryable("the key was used in the meantime")
            raise self.lost
        request = json.loads(json.dumps(record.request))
        self.change("records")[record.owner, record.key] = attrs.evolve(record, request=request)

    def finish_record(self, record: IdempotencyRecord) -> None:
        self.record(record, finish=True)

    def commit(self) -> None:
        self.check_usable()
        for event in self.events:
            key, streams, events = (event.subject_kind, event.subject), self.change("streams"), self.change("events")
            last = streams[key] = streams.get(key, 0) + 1
            events[key] = (*events.get(key, ()), Envelope(event, last))
            for name, positions in self.change("positions").items():
                position = positions.get(key, Position(last - 1))
                if position.published == last - 1:  # it begins to wait; one that waits keeps its turn and its claim
                    position = attrs.evolve(position, ready_at=AT_ONCE, turn=next(self.store.turns))
                self.changed["positions"][name] = {**positions, key: position}
        if self.changed:
            self.store.committed = {**self.tables, **self.changed}
        self.close()

    def close(self) -> None:
        self.is_open = False
        if self.is_writing:
            self.is_writing, self.store.writing_thread = False, None
            self.store.writer.release()


class DictRepository(Repository[Any]):
    def __init__(self, unit: Unit, kind: Kind[Any]) -> None:
        self.unit, self.kind = unit, kind
        self.reads, self.writes = kind.filter_reads(unit.scope), kind.filter_writes(unit.scope)

    def find(self, id: str) -> Any:  # noqa: A002 - the word of the field
        found: Any = self.unit.read(self.kind.name).get(id)
        return found if self.kind.matches(found, self.reads) else None

    def find_where(self, column: str, values: Iterable[Any]) -> tuple[Any, ...]:
        wanted = [{column: self.kind.check_column(column, value)} for value in values]
        return tuple(one for one in self.stream() if any(self.kind.matches(one, where) for where in wanted))

    def page(
        self, where: Any = None, *, order: str | None = None, after: str | None = None, limit: int = 100
    ) -> Page[Any]:
        query = build_query(self.kind, where, order=order, after=after, limit=limit)
        rows = self.unit.read(self.kind.name).values()
        return select_page(query, [one for one in rows if self.kind.matches(one, self.reads)])

    def add(self, value: Any) -> Any:
        new = self.kind.to_new(value)
        if value.id in self.unit.change(self.kind.name):
            raise UniqueViolation(self.kind.name, ("id",), (value.id,))
        return self.put(new)

    def save(self, value: Any) -> Any:
        self.check_version(value)
        self.kind.check_fixed(self.unit.change(self.kind.name)[value.id], value)
        return self.put(self.kind.to_changed(value))

    def add_many(self, values: Sequence[Any]) -> None:
        with self.unit.undo_on_error(self.kind.name):
            list(map(self.add, values))

    def save_many(self, values: Sequence[Any]) -> None:
        with self.unit.undo_on_error(self.kind.name):
            list(map(self.save, values))

    def remove(self, value: Any) -> None:
        self.check_version(value)
        del self.unit.change(self.kind.name)[value.id]

    def check_version(self, value: Any) -> None:
        stored: Any = self.unit.change(self.kind.name).get(value.id)
        if not self.kind.matches(stored, self.writes):
            raise NotFound(self.kind.name, value.id)
        if stored.version != value.version:
            raise StaleVersion(self.kind.name, value.id, value.version)

    def put(self, value: Any) -> Any:
        if not self.kind.matches(value, self.writes):
            raise NotFound(self.kind.name, value.id)
        table, columns = self.unit.change(self.kind.name), self.kind.read_columns(value)
        for names in self.kind.unique:
            wanted = {name: columns[name] for name in names}
            others = (other for other in table.values() if other.id != value.id)
            if None not in wanted.values() and any(self.kind.matches(other, wanted) for other in others):
                raise UniqueViolation(self.kind.name, names, tuple(wanted.values()))
        table[value.id] = value
        return value


@attrs.frozen
class Position:
    """How far one subscriber took the events of one aggregate, and who holds the rest of them."""

    published: int
    ready_at: Any = AT_ONCE
    claim: str = ""
    turn: int = 0


class Queue:
    """Committed events that wait for a subscriber; every call is a unit of its own."""

    def __init__(self, store: DictStore, name: str) -> None:
        self.store, self.name = store, name

    @contextmanager
    def write(self) -> Iterator[tuple[Unit, dict[Any, Position]]]:
        with self.store.begin(Scope.operator()) as unit:
            mine = dict(unit.change("positions").get(self.name, {}))
            yield unit, mine
            if self.name in unit.change("positions"):
                unit.change("positions")[self.name] = mine
            unit.commit()

    def claim(self, *, claim: str, now: Any, lease: Any, limit: int = 100) -> tuple[Delivery, ...]:
        given = []
        with self.write() as (unit, mine):
            waiting = [(one.turn, key) for key, one in mine.items() if one.published < unit.read("streams")[key]]
            free = [key for _, key in sorted(waiting) if not now < mine[key].ready_at <= now + LONGEST_LEASE]
            for key in free[:limit]:
                mine[key] = attrs.evolve(mine[key], ready_at=now + lease, claim=claim, turn=next(self.store.turns))
                log = [one for one in unit.read("events")[key] if one.sequence > mine[key].published]
                given.append(Delivery(tuple(log), claim))
        return tuple(given)

    def renew(self, deliveries: Sequence[Delivery], *, now: Any, lease: Any) -> tuple[Delivery, ...]:
        with self.write() as (_, mine):
            held = tuple(one for one in deliveries if holds(mine, one))
            mine |= {to_key(one): attrs.evolve(mine[to_key(one)], ready_at=now + lease) for one in held}
        return held

    def settle(self, delivery: Delivery, delivered: int, *, ready_at: Any) -> bool:
        with self.write() as (_, mine):
            if not holds(mine, delivery):
                return False
            key = to_key(delivery)
            mine[key] = Position(mine[key].published + delivered, ready_at, turn=mine[key].turn)
        return True

    def count_pending(self) -> int:
        streams, positions = self.store.committed["streams"], self.store.committed["positions"].get(self.name, {})
        return sum(streams[key] - one.published for key, one in positions.items())

    def prune(self, *, before: Any, limit: int = 1000) -> int:
        done = 0
        with self.store.begin(Scope.operator()) as unit:
            events, everybody = unit.change("events"), unit.read("positions").values()
            for key, log in events.items():
                taken = min((mine[key].published for mine in everybody if key in mine), default=0)
                old = takewhile(lambda one: one.event.at < before and one.sequence <= taken, log)  # noqa: B023 - used here
                gone = len(list(islice(old, limit - done)))
                events[key], done = log[gone:], done + gone
            unit.commit()
        return done


def to_key(delivery: Delivery) -> tuple[str, str]:
    event = delivery.envelopes[0].event
    return event.subject_kind, event.subject


def holds(mine: dict[Any, Position], delivery: Delivery) -> bool:
    position, first = mine.get(to_key(delivery)), delivery.envelopes[0].sequence
    return position is not None and (position.claim, position.published) == (delivery.claim, first - 1)


class Subscriptions:
    """Subscribers with a position of their own each; one that is new begins with what is committed from now on."""

    def __init__(self, store: DictStore) -> None:
        self.store = store

    def subscribe(self, name: str) -> Queue:
        with self.store.begin(Scope.operator()) as unit:
            unit.change("positions").setdefault(name, {})
            unit.commit()
        return Queue(self.store, name)

    def unsubscribe(self, name: str) -> bool:
        with self.store.begin(Scope.operator()) as unit:
            known = unit.change("positions").pop(name, None)
            unit.commit()
        return known is not None

    def list_names(self) -> tuple[str, ...]:
        return tuple(sorted(name for name in self.store.committed["positions"] if name))


if __name__ == "__main__":
    check_store(lambda: DictStore(KINDS))
    print("every clause holds")
