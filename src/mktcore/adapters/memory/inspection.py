"""A look at everything in memory, for audits."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from mktcore.adapters.guarded_verbs import RESERVATIONS, STOCK
from mktcore.adapters.memory.session import MemorySession, Rows
from mktcore.adapters.memory.system_rows import EVENTS, RECORDS, STREAMS
from mktcore.events import Envelope
from mktcore.persistence.idempotency import IdempotencyRecord
from mktcore.store_inspection import StockState, StreamState

__all__ = ["MemoryInspection"]


class MemoryInspection:
    """See `mktcore.store_inspection.Inspection`."""

    def __init__(self, session: MemorySession) -> None:
        """Look at one snapshot."""
        self._session = session

    def iterate_stock(self) -> Iterator[StockState]:
        """Yield every stock item, and what its live reservations hold."""
        held: Counter[str] = Counter()
        for reservation in self._read(RESERVATIONS):
            held[reservation.item] += reservation.remaining
        for level in self._read(STOCK):
            yield StockState(level, held[level.item])

    def iterate_streams(self) -> Iterator[StreamState]:
        """Yield how far each aggregate's events are numbered, and which are there."""
        stored: dict[str, list[int]] = {}
        for key, envelope in Rows(self._session, EVENTS).scan({}):
            stored.setdefault(key.rpartition("/")[0], []).append(envelope.sequence)
        for key, stream in Rows(self._session, STREAMS).scan({}):
            kind, _, subject = key.partition("/")
            numbers = stored.get(key, [])
            yield StreamState(
                kind,
                subject,
                last=stream.last,
                published=stream.published,
                stored=len(numbers),
                lowest=min(numbers, default=0),
                highest=max(numbers, default=0),
            )

    def iterate_events(self) -> Iterator[Envelope]:
        """Yield every event that is kept."""
        return iter(self._read(EVENTS))

    def iterate_records(self) -> Iterator[IdempotencyRecord]:
        """Yield every idempotency record."""
        return iter(self._read(RECORDS))

    def _read(self, table: str) -> list[Any]:
        return [value for _, value in Rows(self._session, table).scan({})]
