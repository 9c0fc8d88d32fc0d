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
from typing import Any

import attrs

from mktcore.access.unit_checks import check_event_reader, check_may_publish, check_reader
from mktcore.adapters.counters_over_tables import CounterBook, InboxBook
from mktcore.adapters.events_over_tables import EVENT_TABLES, EventBook, QueueBook, SubscriptionBook
from mktcore.adapters.ledger_book import LEDGER_TABLES, LedgerBook
from mktcore.adapters.stock_over_tables import COUNTERS, INBOX, RESERVATIONS, STOCK, StockBook
from mktcore.events import Envelope, Event
from mktcore.persistence import Kind, NotFound, Page, Repository, Retryable, Scope, StaleVersion, UniqueViolation
from mktcore.persistence.errors import UnitClosed, UnknownKind
from mktcore.persistence.idempotency_records import IdempotencyRecord
from mktcore.persistence.kinds import index_kinds
from mktcore.persistence.noted_reads import NotedReads
from mktcore.persistence.queries import build_query, select_page
from mktcore.testing import KINDS, check_store


class DictStore:
    def __init__(self, kinds: Iterable[Kind[Any]]) -> None:
        self.kinds = index_kinds(kinds)
        system = (STOCK, RESERVATIONS, COUNTERS, INBOX, *LEDGER_TABLES, *EVENT_TABLES, "records")
        self.committed: dict[str, dict[Any, Any]] = {name: {} for name in (*self.kinds, *system)}
        self.writer = threading.Lock()
        self.writing_thread: int | None = None
        self.queue, self.subscriptions = QueueBook(self), SubscriptionBook(self)

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
        check_reader(self.scope, kind)
        return DictRepository(self, kind)

    def add_records(self, groups: Iterable[tuple[Kind[Any], Sequence[Any]]]) -> None:
        for kind, values in groups:
            self.repository(kind).add_many(values)

    def note_reads(self) -> NotedReads:
        return NotedReads()  # whoever has to be sure reads again

    def publish(self, events: Iterable[Event]) -> None:
        self.check_usable()
        self.events.extend(check_may_publish(self.scope, events))

    def find_events(self, subject_kind: str, subject: str, *, after: int = 0, limit: int = 100) -> tuple[Envelope, ...]:
        check_event_reader(self.scope, subject_kind, self.store.kinds.get(subject_kind))
        return EventBook(self).find(subject_kind, subject, after=after, limit=limit)

    def find_record(self, owner: str, key: str) -> IdempotencyRecord | None:
        return self.read("records").get((owner, key)) if self.scope.is_authority else None

    def find_records(self, owner: str, keys: Iterable[str]) -> dict[str, IdempotencyRecord]:
        return {key: found for key in keys if (found := self.find_record(owner, key)) is not None}

    def record_many(self, records: Sequence[IdempotencyRecord]) -> None:
        list(map(self.record, records))

    def record(self, record: IdempotencyRecord, *, finish: bool = False) -> None:
        if not self.scope.is_authority:
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
        EventBook(self).append(self.events)
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
        self.show = kind.find_view(unit.scope) or (lambda value: value)

    def find_all(self) -> list[Any]:
        rows: Any = self.unit.read(self.kind.name)
        return [rows[key] for key in sorted(rows) if self.kind.matches(rows[key], self.reads)]

    def find(self, id: str) -> Any:  # noqa: A002 - the word of the field
        found: Any = self.unit.read(self.kind.name).get(id)
        return self.show(found) if self.kind.matches(found, self.reads) else None

    def find_where(self, column: str, values: Iterable[Any]) -> tuple[Any, ...]:
        wanted = [{column: self.kind.check_column(column, value)} for value in values]
        return tuple(self.show(one) for one in self.find_all() if any(self.kind.matches(one, each) for each in wanted))

    def page(
        self, where: Any = None, *, order: str | None = None, after: str | None = None, limit: int = 100
    ) -> Page[Any]:
        page = select_page(build_query(self.kind, where, order=order, after=after, limit=limit), self.find_all())
        return attrs.evolve(page, items=tuple(map(self.show, page.items)))

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
        self.kind.read_several(value)  # refuses what no column of several texts may hold
        for names in self.kind.unique:
            wanted = {name: columns[name] for name in names}
            others = (other for other in table.values() if other.id != value.id)
            if None not in wanted.values() and any(self.kind.matches(other, wanted) for other in others):
                raise UniqueViolation(self.kind.name, names, tuple(wanted.values()))
        table[value.id] = value
        return value


if __name__ == "__main__":
    check_store(lambda: DictStore(KINDS))
    print("every clause holds")
