"""A look at everything in SQL, for audits."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, select

from mktcore.adapters.sql.errors import translate_errors
from mktcore.adapters.sql.idempotency import to_idempotency_record
from mktcore.adapters.sql.outbox import to_envelope
from mktcore.adapters.sql.schema import SystemTables
from mktcore.events import Envelope
from mktcore.persistence.idempotency import IdempotencyRecord
from mktcore.stock import StockLevel
from mktcore.stock.reservation import ReservationState
from mktcore.store_inspection import StockState, StreamState
from mktcore.wire import Codec

__all__ = ["SqlInspection"]

_BATCH = 1000


class SqlInspection:
    """See `mktcore.store_inspection.Inspection`; rows are fetched a thousand at a time."""

    def __init__(self, connection: Connection, codec: Codec, tables: SystemTables) -> None:
        """Look through a connection whose transaction sees one moment."""
        self._connection = connection.execution_options(yield_per=_BATCH)
        self._codec = codec
        self._tables = tables

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
        columns = (streams.c.last, streams.c.published, stored.c.stored, stored.c.lowest, stored.c.highest)
        found = select(streams.c.kind, streams.c.subject, *columns).outerjoin(stored, same)
        for row in self._read(found):
            yield StreamState(row[0], row[1], *(int(number or 0) for number in row[2:]))
        # The join above begins with streams; events that have none are just what an audit looks for.
        unnumbered = select(stored).outerjoin(streams, same).where(streams.c.kind.is_(None))
        for row in self._read(unnumbered):
            yield StreamState(row[0], row[1], last=0, published=0, stored=row[2], lowest=row[3], highest=row[4])

    def iterate_events(self) -> Iterator[Envelope]:
        """Yield every event that is kept."""
        events = self._tables.events
        order = (events.c.kind, events.c.subject, events.c.sequence)
        for row in self._read(select(events).order_by(*order)):
            yield to_envelope(self._codec, row)

    def iterate_records(self) -> Iterator[IdempotencyRecord]:
        """Yield every idempotency record."""
        records = self._tables.records
        for row in self._read(select(records).order_by(records.c.owner, records.c.key)):
            yield to_idempotency_record(self._codec, row)

    def _read(self, statement: Select[*tuple[Any, ...]]) -> Iterator[Any]:
        with translate_errors():
            yield from self._connection.execute(statement)
