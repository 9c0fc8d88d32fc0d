"""A unit of work in memory."""

import json
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar

import attrs

from mktcore.access.unit_checks import check_event_reader, check_may_publish, check_reader
from mktcore.adapters.counters_over_tables import CounterBook, InboxBook
from mktcore.adapters.memory.ledger import MemoryLedger
from mktcore.adapters.memory.repository import MemoryRepository
from mktcore.adapters.memory.state import SharedState
from mktcore.adapters.memory.system_rows import (
    EVENTS,
    POSITIONS,
    RECORDS,
    STREAMS,
    SUBSCRIBERS,
    Stream,
    to_event_key,
    to_position_key,
)
from mktcore.adapters.memory.transaction import MemorySession, Rows
from mktcore.adapters.stock_over_tables import RESERVATIONS, StockBook
from mktcore.events import Envelope, Event
from mktcore.persistence import Kind, NotFound, Scope
from mktcore.persistence.errors import UnknownKind
from mktcore.persistence.idempotency_records import IdempotencyRecord
from mktcore.persistence.kinds import Aggregate
from mktcore.persistence.noted_reads import NotedReads
from mktcore.persistence.queries import check_limit, check_sequence
from mktcore.stock import Reservation
from mktcore.stock.reservation import ReservationState

__all__ = ["MemoryUnit"]

T = TypeVar("T", bound=Aggregate)


class MemoryUnit:
    """One transaction of a store in memory; it has every part that a use case may ask for.

    Attributes:
        scope: Who is asking.
        stock: Stock items and reservations.
        counters: Counts that many writers share.
        inbox: Events handled already.
        ledger: The books.
    """

    def __init__(self, state: SharedState, scope: Scope, commit: int) -> None:
        """Open at the snapshot of a commit."""
        self.scope = scope
        self._state = state
        self._session = MemorySession(state, scope, commit)
        self._events: list[Event] = []
        self._repositories: dict[str, MemoryRepository[Any]] = {}
        self.stock = MemoryStock(self)
        self.counters = CounterBook(self)
        self.inbox = InboxBook(self)
        self.ledger = MemoryLedger(self, self._session)

    def read(self, table: str) -> Rows:
        """Return the rows of a table as this unit sees them."""
        self._session.check_usable()
        return Rows(self._session, table)

    def change(self, table: str) -> Rows:
        """Be the unit that writes, and return the rows as they are now."""
        with self._session.writing():
            return Rows(self._session, table, latest=True)

    def repository(self, kind: Kind[T]) -> MemoryRepository[T]:
        """Return the repository of a kind that the store was opened with."""
        if self._state.kinds.get(kind.name) is not kind:
            raise UnknownKind(kind.name)
        check_reader(self.scope, kind)
        found = self._repositories.get(kind.name)
        if found is None:
            found = self._repositories[kind.name] = MemoryRepository(
                self._session, kind, followers=self._state.followers.get(kind.name, ())
            )
        return found

    def add_records(self, groups: Iterable[tuple[Kind[Any], Sequence[Any]]]) -> None:
        """Store new records of several kinds, in the order given."""
        for kind, values in groups:
            self.repository(kind).add_many(values)

    def note_reads(self) -> "SnapshotReads":
        """Begin to note what repositories find: all of it is of one instant, that of the unit's begin."""
        return SnapshotReads()

    def publish(self, events: Iterable[Event]) -> None:
        """Keep events for the commit, which numbers them."""
        self._session.check_usable()
        self._events.extend(check_may_publish(self.scope, events))

    def find_events(self, subject_kind: str, subject: str, *, after: int = 0, limit: int = 100) -> tuple[Envelope, ...]:
        """Return committed events of one aggregate whose sequence is above `after`, in order."""
        check_limit(limit)
        check_sequence(subject_kind, after)
        check_event_reader(self.scope, subject_kind, self._state.kinds.get(subject_kind))
        with self._session.reading():
            found = [row for _, row in self._session.view(EVENTS).scan({"subject": (subject_kind, subject)})]
        shown = (envelope.view_for(self.scope) for envelope in found if envelope.sequence > after)
        return tuple(islice((envelope for envelope in shown if envelope is not None), limit))

    def find_record(self, owner: str, key: str) -> IdempotencyRecord | None:
        """Return what this owner's key was used for, or None."""
        if not self.scope.is_authority:
            return None
        with self._session.reading():
            found: IdempotencyRecord | None = self._session.view(RECORDS).find(f"{owner}\0{key}")
        return found

    def record(self, record: IdempotencyRecord) -> None:
        """Remember what a key was used for."""
        self._write_record(record, finishes=False)

    def find_records(self, owner: str, keys: Iterable[str]) -> dict[str, IdempotencyRecord]:
        """Return what this owner's keys were used for, by key."""
        found = {key: self.find_record(owner, key) for key in keys}
        return {key: record for key, record in found.items() if record is not None}

    def record_many(self, records: Sequence[IdempotencyRecord]) -> None:
        """Remember what several keys were used for."""
        for record in records:
            self.record(record)

    def finish_record(self, record: IdempotencyRecord) -> None:
        """Freeze the result of a key that was recorded as in progress."""
        self._write_record(record, finishes=True)

    def _write_record(self, record: IdempotencyRecord, *, finishes: bool) -> None:
        if not self.scope.is_authority:
            raise NotFound("idempotency record", record.key)
        records = self._session.view(RECORDS)
        # A copy, as a database would make one: what the caller does to the request later must not reach it.
        frozen = attrs.evolve(record, request=json.loads(json.dumps(record.request)))
        key = f"{record.owner}\0{record.key}"
        with self._session.writing():
            known: IdempotencyRecord | None = records.find_latest(key)
            expected = known is not None and known.result is None if finishes else known is None
            # Another unit used the key meanwhile: from the start, this one finds what was answered.
            if not expected:
                raise self._session.lose(f"the key {record.key!r} was used in the meantime")
            records.change(key, frozen)

    def commit(self) -> None:
        """Make everything of this unit the committed state, with its events."""
        if self._events:
            with self._session.writing():
                self._write_events()
        self._session.commit()

    def close(self) -> None:
        """End the unit; what was not committed is forgotten."""
        self._session.close()

    def _write_events(self) -> None:
        streams, events, positions = (self._session.view(name) for name in (STREAMS, EVENTS, POSITIONS))
        names = [name for name, _ in self._session.view(SUBSCRIBERS).scan({}, latest=True)]
        for event in self._events:
            key = f"{event.subject_kind}/{event.subject}"
            stream: Stream = streams.find_latest(key) or Stream(0, 0)
            after = stream.append(1, turn=next(self._state.turns))
            streams.change(key, after)
            for name in names:
                place = to_position_key(name, key)
                begin = Stream(stream.last, stream.last, subscriber=name)
                known: Stream = positions.find_latest(place) or begin
                positions.change(place, known.append(1, turn=after.turn))
            envelope = Envelope(event, after.last)
            events.change(to_event_key(envelope), envelope)


class SnapshotReads(NotedReads):
    """Reads of a unit that sees one committed state from its begin to its end."""

    def still_hold(self) -> bool:
        """Tell that they do: no other unit's commit ever came between two of them."""
        return True


class MemoryStock(StockBook):
    """Stock items and reservations; live reservations are found by index."""

    def __init__(self, unit: MemoryUnit) -> None:
        """Work inside a unit."""
        super().__init__(unit)
        self._rows = unit

    def _find_live(self) -> Iterable[Reservation]:
        return [found for _, found in self._rows.change(RESERVATIONS).scan({"state": ReservationState.LIVE})]
