"""A look at everything in SQL, for audits."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, select

from mktcore.adapters.sql.errors import translate_errors
from mktcore.adapters.sql.idempotency import to_idempotency_record
from mktcore.adapters.sql.outbox import to_envelope
from mktcore.adapters.sql.schema import EVENTS, RECORDS, RESERVATIONS, STOCK, STREAMS
from mktcore.events import Envelope
from mktcore.persistence.idempotency import IdempotencyRecord
from mktcore.stock import StockLevel
from mktcore.stock.stock import ReservationState
from mktcore.store_inspection import StockState, StreamState
from mktcore.wire import Codec

__all__ = ["SqlInspection"]

_BATCH = 1000


class SqlInspection:
    """See `mktcore.store_inspection.Inspection`; rows are fetched a thousand at a time."""

    def __init__(self, connection: Connection, codec: Codec) -> None:
        """Look through a connection whose transaction sees one moment."""
        self._connection = connection.execution_options(yield_per=_BATCH)
        self._codec = codec

    def iterate_stock(self) -> Iterator[StockState]:
        """Yield every stock item, and what its live reservations hold."""
        live = case(
            (RESERVATIONS.c.state == ReservationState.LIVE.value, RESERVATIONS.c.quantity - RESERVATIONS.c.consumed)
        )
        held = select(RESERVATIONS.c.item, func.sum(live).label("pieces")).group_by(RESERVATIONS.c.item).subquery()
        levels = select(STOCK, held.c.pieces).outerjoin(held, held.c.item == STOCK.c.item).order_by(STOCK.c.item)
        for row in self._read(levels):
            yield StockState(
                StockLevel(row.item, row.merchant, row.on_hand, row.reserved, row.backorder), int(row.pieces or 0)
            )

    def iterate_streams(self) -> Iterator[StreamState]:
        """Yield how far each aggregate's events are numbered, and which are there."""
        numbers = EVENTS.c.sequence
        stored = (
            select(
                EVENTS.c.kind,
                EVENTS.c.subject,
                func.count().label("stored"),
                func.min(numbers).label("lowest"),
                func.max(numbers).label("highest"),
            )
            .group_by(EVENTS.c.kind, EVENTS.c.subject)
            .subquery()
        )
        same = and_(stored.c.kind == STREAMS.c.kind, stored.c.subject == STREAMS.c.subject)
        columns = (STREAMS.c.last, STREAMS.c.published, stored.c.stored, stored.c.lowest, stored.c.highest)
        streams = select(STREAMS.c.kind, STREAMS.c.subject, *columns).outerjoin(stored, same)
        for row in self._read(streams):
            yield StreamState(row[0], row[1], *(int(number or 0) for number in row[2:]))
        unnumbered = select(stored).outerjoin(STREAMS, same).where(STREAMS.c.kind.is_(None))
        for row in self._read(unnumbered):
            yield StreamState(row[0], row[1], 0, 0, *map(int, row[2:]))

    def iterate_events(self) -> Iterator[Envelope]:
        """Yield every event that is kept."""
        order = (EVENTS.c.kind, EVENTS.c.subject, EVENTS.c.sequence)
        for row in self._read(select(EVENTS).order_by(*order)):
            yield to_envelope(self._codec, row)

    def iterate_records(self) -> Iterator[IdempotencyRecord]:
        """Yield every idempotency record."""
        for row in self._read(select(RECORDS).order_by(RECORDS.c.owner, RECORDS.c.key)):
            yield to_idempotency_record(self._codec, row)

    def _read(self, statement: Select[*tuple[Any, ...]]) -> Iterator[Any]:
        with translate_errors():
            yield from self._connection.execute(statement)
