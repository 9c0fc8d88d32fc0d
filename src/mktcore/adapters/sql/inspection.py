"""A look at everything in SQL, for audits."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs
from sqlalchemy import Connection, Select, Text, and_, case, func, select, type_coerce

from mktcore.adapters.sql.errors import translate_errors
from mktcore.adapters.sql.schema import StoreTables
from mktcore.adapters.sql.types import Instant
from mktcore.clock import to_utc
from mktcore.events import Envelope
from mktcore.persistence import Kind
from mktcore.persistence.idempotency import IdempotencyRecord
from mktcore.stock import Reservation, StockLevel
from mktcore.stock.reservation import ReservationState
from mktcore.store_inspection import Kept, StockState, StreamState
from mktcore.wire import Codec
from mktcore.wire.documents import MAX_STORED_BYTES

__all__ = ["SqlInspection"]

_BATCH = 1000
_MOST_PROBLEM = 300


class SqlInspection:
    """See `mktcore.store_inspection.Inspection`; rows are fetched a thousand at a time."""

    def __init__(
        self, connection: Connection, codec: Codec, tables: StoreTables, *, kinds: Mapping[str, Kind[Any]]
    ) -> None:
        """Look through a connection whose transaction sees one moment."""
        self._connection = connection.execution_options(yield_per=_BATCH)
        self._is_postgresql = connection.dialect.name == "postgresql"
        self._codec = codec
        self._tables = tables.system
        self._kind_tables = tables.kinds
        self.kinds = kinds

    def iterate_stock(self) -> Iterator[StockState]:
        """Yield every stock item, and what its live reservations hold."""
        stock, reservations = self._tables.stock, self._tables.reservations
        remaining = reservations.c.quantity - reservations.c.consumed - reservations.c.given_back
        live = case((reservations.c.state == ReservationState.LIVE.value, remaining))
        held = select(reservations.c.item, func.sum(live).label("pieces")).group_by(reservations.c.item).subquery()
        levels = select(stock, held.c.pieces).outerjoin(held, held.c.item == stock.c.item).order_by(stock.c.item)
        for row in self._read(levels):
            yield StockState(
                StockLevel(row.item, row.merchant, row.on_hand, reserved=row.reserved, backorder=row.backorder),
                int(row.pieces or 0),
            )

    def iterate_reservations(self) -> Iterator[Kept[Reservation]]:
        """Yield every reservation, live or ended, by id."""
        reservations = self._tables.reservations
        for row in self._read(self._select(reservations).order_by(reservations.c.id)):
            yield _keep(row.id, row, _to_reservation)

    def find_reservations(self, ids: Iterable[str]) -> dict[str, Kept[Reservation]]:
        """Return those reservations that are there, by id."""
        reservations = self._tables.reservations
        rows = self._read_among(self._select(reservations), reservations.c.id, ids)
        return {row.id: _keep(row.id, row, _to_reservation) for row in rows}

    def read_counters(self) -> dict[str, int]:
        """Return what every counter holds, by name."""
        return {row.name: row.claimed for row in self._read(select(self._tables.counters))}

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
        for row in self._read(select(*progress, *there).outerjoin(stored, same)):
            yield _to_stream(row)
        for row in self._read(select(stored).outerjoin(streams, same).where(streams.c.kind.is_(None))):
            yield attrs.evolve(
                StreamState(row.kind, row.subject, last=0, published=0),
                stored=row.stored,
                lowest=row.lowest,
                highest=row.highest,
            )

    def find_streams(self, subject_kind: str, subjects: Iterable[str]) -> dict[str, StreamState]:
        """Return how far some aggregates' events are numbered and pruned, by aggregate."""
        streams = self._tables.streams
        rows = self._read_among(
            self._select(streams).where(streams.c.kind == subject_kind), streams.c.subject, subjects
        )
        return {
            row.subject: StreamState(row.kind, row.subject, last=row.last, published=row.published, pruned=row.pruned)
            for row in rows
        }

    def iterate_positions(self) -> Iterator[StreamState]:
        """Yield how far every aggregate's events went to the subscribers that have a name."""
        for row in self._read(self._select(self._tables.positions)):
            yield StreamState(row.kind, row.subject, last=row.last, published=row.published, subscriber=row.subscriber)

    def list_subscribers(self) -> tuple[str, ...]:
        """Return the names of all subscribers."""
        return tuple(row.name for row in self._read(select(self._tables.subscribers)))

    def iterate_events(self, *, without: Collection[str] = ()) -> Iterator[Kept[Envelope]]:
        """Yield every event that is kept, by kind, subject and sequence; none of the kinds `without`."""
        events = self._tables.events
        order = (events.c.kind, events.c.subject, events.c.sequence)
        wanted = self._select(events).where(events.c.kind.not_in(sorted(without))).order_by(*order)
        for row in self._read(wanted):
            yield self._keep_event(row)

    def count_events(self, subject_kind: str) -> int:
        """Return how many events of aggregates of a kind are kept."""
        events = self._tables.events
        return self._count(select(func.count().label("rows")).where(events.c.kind == subject_kind))

    def find_events(self, subject_kind: str, subjects: Iterable[str]) -> dict[str, tuple[Kept[Envelope], ...]]:
        """Return the events of some aggregates of one kind, by aggregate, in order."""
        events = self._tables.events
        found: dict[str, list[Kept[Envelope]]] = {}
        mine = self._select(events).where(events.c.kind == subject_kind).order_by(events.c.subject, events.c.sequence)
        for row in self._read_among(mine, events.c.subject, subjects):
            found.setdefault(row.subject, []).append(self._keep_event(row))
        return {subject: tuple(kept) for subject, kept in found.items()}

    def _keep_event(self, row: Any) -> Kept[Envelope]:
        names = ("kind", "subject", "sequence", "at", "merchant", "buyer")
        return _keep(
            f"{row.kind}/{row.subject}/{row.sequence}",
            row,
            lambda one: Envelope(self._codec.read_fields(one.type, one.document), one.sequence),
            told=_tell(row, names, {"at"}),
        )

    def iterate_kind(self, kind: Kind[Any]) -> Iterator[Kept[Any]]:
        """Yield every record of a kind, by id."""
        table = self._kind_tables[kind.name]
        for row in self._read(self._select(table).order_by(table.c.id)):
            yield self._keep_record(kind, row)

    def count_kept(self, kind: Kind[Any]) -> int:
        """Return how many records of a kind there are."""
        return self._count(select(func.count().label("rows")).select_from(self._kind_tables[kind.name]))

    def find_kept(self, kind: Kind[Any], ids: Iterable[str]) -> dict[str, Kept[Any]]:
        """Return those records of a kind that are there, by id."""
        table = self._kind_tables[kind.name]
        return {row.id: self._keep_record(kind, row) for row in self._read_among(self._select(table), table.c.id, ids)}

    def find_ids(self, kind: Kind[Any], ids: Iterable[str]) -> frozenset[str]:
        """Return which of some ids are those of records of a kind, without reading the records."""
        table = self._kind_tables[kind.name]
        return frozenset(row.id for row in self._read_among(select(table.c.id), table.c.id, ids))

    def find_by(self, kind: Kind[Any], column: str, values: Iterable[str]) -> tuple[Kept[Any], ...]:
        """Return the records whose column tells one of some texts, by id."""
        table = self._kind_tables[kind.name]
        rows = list(self._read_among(self._select(table), table.c[column], values))
        return tuple(self._keep_record(kind, row) for row in sorted(rows, key=lambda row: str(row.id)))

    def _keep_record(self, kind: Kind[Any], row: Any) -> Kept[Any]:
        instants = {name for name, declared in kind.ordered.items() if declared.type is datetime}
        told = _tell(row, ("id", "version", *kind.readers), instants)
        return _keep(row.id, row, lambda one: self._codec.read_fields(one.type, one.document), told=told)

    def iterate_records(self) -> Iterator[Kept[IdempotencyRecord]]:
        """Yield every idempotency record, by owner and key."""
        records = self._tables.records
        for row in self._read(self._select(records).order_by(records.c.owner, records.c.key)):
            yield _keep(f"{row.key} of {row.owner}", row, self._to_record, told=_tell(row, ("owner", "key"), set()))

    def _to_record(self, row: Any) -> IdempotencyRecord:
        result = None if row.result is None else self._codec.from_json(row.result, max_bytes=MAX_STORED_BYTES)
        request, at = json.loads(row.request), _to_instant(row.at)
        if at is None or not isinstance(request, dict):
            raise ValueError("it tells no instant, or no request")
        return IdempotencyRecord(row.owner, row.key, row.operation, request=request, result=result, at=at)

    def _select(self, table: Any) -> Select[*tuple[Any, ...]]:
        """Ask for whole rows, instants as they are written: one that is none must not stop the others."""
        return select(*(self._coerce(column) for column in table.columns))

    def _coerce(self, column: Any) -> Any:
        is_raw = isinstance(column.type, Instant) and not self._is_postgresql
        return type_coerce(column, Text).label(column.name) if is_raw else column

    def _read_among(self, statement: Select[*tuple[Any, ...]], column: Any, values: Iterable[str]) -> Iterator[Any]:
        wanted = sorted(set(values))
        for begin in range(0, len(wanted), _BATCH):
            yield from self._read(statement.where(column.in_(wanted[begin : begin + _BATCH])))

    def _count(self, statement: Select[*tuple[Any, ...]]) -> int:
        (row,) = self._read(statement)
        return int(row.rows)

    def _read(self, statement: Select[*tuple[Any, ...]]) -> Iterator[Any]:
        with translate_errors():
            yield from self._connection.execute(statement)


def _keep(id_: str, row: Any, read: Callable[[Any], Any], told: Mapping[str, object] | None = None) -> Kept[Any]:
    try:
        return Kept(id_, read(row), told=told or {})
    except Exception as error:  # noqa: BLE001 - what no code of ours wrote may break any rule, and must not hide the rest
        return Kept(id_, None, f"{type(error).__name__}: {error}"[:_MOST_PROBLEM], told=told or {})


def _to_reservation(row: Any) -> Reservation:
    return Reservation(
        row.id,
        row.item,
        row.merchant,
        quantity=row.quantity,
        consumed=row.consumed,
        given_back=row.given_back,
        state=ReservationState(row.state),
        expires_at=_to_instant(row.expires_at),
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


def _tell(row: Any, names: Iterable[str], instants: set[str]) -> dict[str, object]:
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's documented name of it
    return {name: _try_instant(values[name]) if name in instants else values[name] for name in names}


def _try_instant(value: object) -> object:
    try:
        return _to_instant(value)
    except ValueError:
        return value


def _to_instant(value: object) -> datetime | None:
    if value is None:
        return None
    return to_utc(value if isinstance(value, datetime) else datetime.fromisoformat(str(value)))
