"""A look at everything in SQL, for audits."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs
from sqlalchemy import Connection, and_, case, func, select

from mktcore.events import Envelope
from mktcore.persistence import Kind
from mktcore.persistence.idempotency_records import IdempotencyRecord
from mktcore.sql.audit_rows import (
    KeptRows,
    keep_row,
    read_told_instant,
    select_values,
    tell_columns,
    tell_values,
    try_instant,
)
from mktcore.sql.idempotency import read_result
from mktcore.sql.ledger_inspection import SqlBooksInspection
from mktcore.sql.store_tables import StoreTables
from mktcore.stock import Reservation, StockLevel
from mktcore.stock.reservation import ReservationState
from mktcore.store_inspection import Kept, StockState, StreamState
from mktcore.wire import Codec
from mktcore.wire.read_memory import ReadMemory

__all__ = ["SqlInspection"]

_MOST_REMEMBERED = 32_000_000
"""Bytes of documents that are remembered as they were read: some orders of 10,000 lines with their histories."""


class SqlInspection(SqlBooksInspection):
    """See `mktcore.store_inspection.Inspection`; rows are fetched a thousand at a time."""

    def __init__(
        self, connection: Connection, codec: Codec, tables: StoreTables, *, kinds: Mapping[str, Kind[Any]]
    ) -> None:
        """Look through a connection whose transaction sees one moment."""
        super().__init__(KeptRows(connection), tables.system)
        self._codec = codec
        self._kind_tables = tables.kinds
        self._value_tables = tables.values
        self._read_before: dict[tuple[str, str], Kept[Any]] = {}
        self._read_bytes = 0
        self._memory = ReadMemory(max_bytes=_MOST_REMEMBERED)
        self.kinds = kinds

    def iterate_stock(self) -> Iterator[StockState]:
        """Yield every stock item, and what its live reservations hold."""
        stock, reservations = self._tables.stock, self._tables.reservations
        remaining = reservations.c.quantity - reservations.c.consumed - reservations.c.given_back
        live = case((reservations.c.state == ReservationState.LIVE.value, remaining))
        held = select(reservations.c.item, func.sum(live).label("pieces")).group_by(reservations.c.item).subquery()
        levels = select(stock, held.c.pieces).outerjoin(held, held.c.item == stock.c.item).order_by(stock.c.item)
        for row in self._rows.read(levels):
            yield StockState(
                StockLevel(row.item, row.merchant, row.on_hand, reserved=row.reserved, backorder=row.backorder),
                int(row.pieces or 0),
            )

    def iterate_reservations(self) -> Iterator[Kept[Reservation]]:
        """Yield every reservation, live or ended, by id."""
        reservations = self._tables.reservations
        for row in self._rows.read(self._rows.select(reservations).order_by(reservations.c.id)):
            yield keep_row(row.id, row, _to_reservation)

    def find_reservations(self, ids: Iterable[str]) -> dict[str, Kept[Reservation]]:
        """Return those reservations that are there, by id."""
        reservations = self._tables.reservations
        rows = self._rows.read_among(self._rows.select(reservations), reservations.c.id, ids)
        return {row.id: keep_row(row.id, row, _to_reservation) for row in rows}

    def read_counters(self) -> dict[str, int]:
        """Return what every counter holds, by name."""
        return {row.name: row.claimed for row in self._rows.read(select(self._tables.counters))}

    def iterate_streams(self) -> Iterator[StreamState]:
        """Yield how far each aggregate's events are numbered, and which are there."""
        events, streams = self._tables.events, self._tables.streams
        numbers = events.c.sequence
        stored = (
            select(
                events.c.kind,
                events.c.subject,
                func.count().label("stored"),
                func.min(numbers).label("lowest"),
                func.max(numbers).label("highest"),
            )
            .group_by(events.c.kind, events.c.subject)
            .subquery()
        )
        same = and_(stored.c.kind == streams.c.kind, stored.c.subject == streams.c.subject)
        there = (stored.c.stored, stored.c.lowest, stored.c.highest)
        progress = (streams.c.kind, streams.c.subject, streams.c.last, streams.c.published, streams.c.pruned)
        for row in self._rows.read(select(*progress, *there).outerjoin(stored, same)):
            yield _to_stream(row)
        for row in self._rows.read(select(stored).outerjoin(streams, same).where(streams.c.kind.is_(None))):
            yield attrs.evolve(
                StreamState(row.kind, row.subject, last=0, published=0),
                stored=row.stored,
                lowest=row.lowest,
                highest=row.highest,
            )

    def find_streams(self, subject_kind: str, subjects: Iterable[str]) -> dict[str, StreamState]:
        """Return how far some aggregates' events are numbered and pruned, by aggregate."""
        streams = self._tables.streams
        rows = self._rows.read_among(
            self._rows.select(streams).where(streams.c.kind == subject_kind), streams.c.subject, subjects
        )
        return {
            row.subject: StreamState(row.kind, row.subject, last=row.last, published=row.published, pruned=row.pruned)
            for row in rows
        }

    def iterate_positions(self) -> Iterator[StreamState]:
        """Yield how far every aggregate's events went to the subscribers that have a name."""
        for row in self._rows.read(self._rows.select(self._tables.positions)):
            yield StreamState(row.kind, row.subject, last=row.last, published=row.published, subscriber=row.subscriber)

    def list_subscribers(self) -> tuple[str, ...]:
        """Return the names of all subscribers."""
        return tuple(row.name for row in self._rows.read(select(self._tables.subscribers)))

    def iterate_events(self, *, without: Collection[str] = ()) -> Iterator[Kept[Envelope]]:
        """Yield every event that is kept, by kind, subject and sequence; none of the kinds `without`."""
        events = self._tables.events
        order = (events.c.kind, events.c.subject, events.c.sequence)
        wanted = self._rows.select(events).where(events.c.kind.not_in(sorted(without))).order_by(*order)
        for row in self._rows.read(wanted):
            yield self._keep_event(row)

    def count_events(self, subject_kind: str) -> int:
        """Return how many events of aggregates of a kind are kept."""
        events = self._tables.events
        return self._rows.count(select(func.count().label("rows")).where(events.c.kind == subject_kind))

    def find_events(self, subject_kind: str, subjects: Iterable[str]) -> dict[str, tuple[Kept[Envelope], ...]]:
        """Return the events of some aggregates of one kind, by aggregate, in order."""
        events = self._tables.events
        found: dict[str, list[Kept[Envelope]]] = {}
        mine = self._rows.select(events).where(events.c.kind == subject_kind)
        for row in self._rows.read_among(
            mine.order_by(events.c.subject, events.c.sequence), events.c.subject, subjects
        ):
            found.setdefault(row.subject, []).append(self._keep_event(row))
        return {subject: tuple(kept) for subject, kept in found.items()}

    def _keep_event(self, row: Any) -> Kept[Envelope]:
        names = ("kind", "subject", "sequence", "at", "merchant", "buyer")
        return keep_row(
            f"{row.kind}/{row.subject}/{row.sequence}",
            row,
            lambda one: Envelope(self._codec.read_fields(one.type, one.document), one.sequence),
            told=tell_columns(row, names, {"at"}),
        )

    def iterate_kind(self, kind: Kind[Any]) -> Iterator[Kept[Any]]:
        """Yield every record of a kind, by id."""
        table = self._kind_tables[kind.name]
        for row in self._rows.read(self._select_kind(kind).order_by(table.c.id)):
            yield self._keep_record(kind, row)

    def iterate_strays(self, kind: Kind[Any]) -> Iterator[str]:
        """Yield the ids of which texts of a column of several values are kept, but no record of a kind."""
        table = self._kind_tables[kind.name]
        for name in kind.several:
            values = self._value_tables[kind.name, name]
            is_there = select(table.c.id).where(table.c.id == values.c.id).exists()
            strays = select(values.c.id).where(~is_there).distinct().order_by(values.c.id)
            yield from (str(row.id) for row in self._rows.read(strays))

    def _select_kind(self, kind: Kind[Any]) -> Any:
        table = self._kind_tables[kind.name]
        values = [
            select_values(self._value_tables[kind.name, name], table, is_postgresql=self._rows.is_postgresql)
            for name in kind.several
        ]
        return self._rows.select(table).add_columns(*values)

    def count_kept(self, kind: Kind[Any]) -> int:
        """Return how many records of a kind there are."""
        return self._rows.count(select(func.count().label("rows")).select_from(self._kind_tables[kind.name]))

    def find_kept(self, kind: Kind[Any], ids: Iterable[str]) -> dict[str, Kept[Any]]:
        """Return those records of a kind that are there, by id."""
        table = self._kind_tables[kind.name]
        rows = self._rows.read_among(self._select_kind(kind), table.c.id, ids)
        return {row.id: self._keep_record(kind, row) for row in rows}

    def find_ids(self, kind: Kind[Any], ids: Iterable[str]) -> frozenset[str]:
        """Return which of some ids are those of records of a kind, without reading the records."""
        table = self._kind_tables[kind.name]
        return frozenset(row.id for row in self._rows.read_among(select(table.c.id), table.c.id, ids))

    def find_by(self, kind: Kind[Any], column: str, values: Iterable[str]) -> tuple[Kept[Any], ...]:
        """Return the records whose column tells one of some texts, by id."""
        table = self._kind_tables[kind.name]
        rows = list(self._rows.read_among(self._select_kind(kind), table.c[column], values))
        return tuple(self._keep_record(kind, row) for row in sorted(rows, key=lambda row: str(row.id)))

    def find_marks(self, kind: Kind[Any], ids: Iterable[str]) -> dict[str, frozenset[tuple[object, ...]]]:
        """Return what some records of a kind are found under, by id: text, start and end of each mark."""
        marks, found = self._tables.marks, dict[str, set[tuple[object, ...]]]()
        mine = self._rows.select(marks).where(marks.c.kind == kind.name)
        for row in self._rows.read_among(mine, marks.c.id, ids):
            found.setdefault(row.id, set()).add((row.text, try_instant(row.starts), try_instant(row.ends)))
        return {id_: frozenset(rows) for id_, rows in found.items()}

    def _keep_record(self, kind: Kind[Any], row: Any) -> Kept[Any]:
        # As of one moment a record is one: what an order's answers are compared with was read for the order itself.
        kept = self._read_before.get((kind.name, row.id))
        if kept is None:
            kept = self._read_record(kind, row)
            size = len(row.document) if isinstance(row.document, str) else 0
            self._read_bytes += size
            if self._read_bytes > _MOST_REMEMBERED:
                self._read_before, self._read_bytes = {}, size
            self._read_before[kind.name, row.id] = kept
        return kept

    def _read_record(self, kind: Kind[Any], row: Any) -> Kept[Any]:
        instants = {name for name, declared in kind.ordered.items() if declared.type is datetime}
        told = tell_columns(row, ("id", "version", *kind.readers), instants)
        for name in kind.several:
            told[name] = tell_values(getattr(row, name), kind.list_beside(name), instants)
        with self._memory.use():
            return keep_row(row.id, row, lambda one: self._codec.read_fields(one.type, one.document), told=told)

    def iterate_records(self) -> Iterator[Kept[IdempotencyRecord]]:
        """Yield every idempotency record, by owner and key."""
        records = self._tables.records
        for row in self._rows.read(self._rows.select(records).order_by(records.c.owner, records.c.key)):
            told = tell_columns(row, ("owner", "key"), set())
            yield keep_row(f"{row.key} of {row.owner}", row, self._to_record, told=told)

    def _to_record(self, row: Any) -> IdempotencyRecord:
        with self._memory.use():
            result = read_result(self._codec, row.result)
        request, at = json.loads(row.request), read_told_instant(row.at)
        if at is None or not isinstance(request, dict):
            raise ValueError("it tells no instant, or no request")
        return IdempotencyRecord(row.owner, row.key, row.operation, request=request, result=result, at=at)


def _to_reservation(row: Any) -> Reservation:
    return Reservation(
        row.id,
        row.item,
        row.merchant,
        quantity=row.quantity,
        consumed=row.consumed,
        given_back=row.given_back,
        returned=row.returned,
        state=ReservationState(row.state),
        expires_at=read_told_instant(row.expires_at),
    )


def _to_stream(row: Any) -> StreamState:
    return StreamState(
        row.kind,
        row.subject,
        last=row.last,
        published=row.published,
        pruned=row.pruned,
        stored=int(row.stored or 0),
        lowest=int(row.lowest or 0),
        highest=int(row.highest or 0),
    )
