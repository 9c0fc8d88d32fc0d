"""A look at everything in memory, for audits."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from mktcore.adapters.memory.ledger_inspection import MemoryBooksInspection
from mktcore.adapters.memory.system_rows import EVENTS, POSITIONS, RECORDS, STREAMS, SUBSCRIBERS
from mktcore.adapters.memory.transaction import MemorySession, Rows
from mktcore.adapters.stock_over_tables import COUNTERS, RESERVATIONS, STOCK
from mktcore.events import Envelope
from mktcore.persistence import Kind
from mktcore.persistence.idempotency_records import IdempotencyRecord
from mktcore.stock import Reservation
from mktcore.store_inspection import Kept, StockState, StreamState

__all__ = ["MemoryInspection"]


class MemoryInspection(MemoryBooksInspection):
    """See `mktcore.store_inspection.Inspection`; nothing in memory is unreadable."""

    def __init__(self, session: MemorySession, kinds: Mapping[str, Kind[Any]]) -> None:
        """Look at one snapshot."""
        super().__init__(session)
        self.kinds = kinds

    def iterate_stock(self) -> Iterator[StockState]:
        """Yield every stock item, and what its live reservations hold."""
        held: Counter[str] = Counter()
        for _, reservation in self._scan(RESERVATIONS):
            held[reservation.item] += reservation.remaining
        for item, level in self._scan(STOCK):
            yield StockState(level, held.pop(item, 0))

    def iterate_reservations(self) -> Iterator[Kept[Reservation]]:
        """Yield every reservation, live or ended, by id."""
        return (Kept(key, reservation) for key, reservation in self._scan(RESERVATIONS))

    def find_reservations(self, ids: Iterable[str]) -> dict[str, Kept[Reservation]]:
        """Return those reservations that are there, by id."""
        return self._find(RESERVATIONS, ids)

    def read_counters(self) -> dict[str, int]:
        """Return what every counter holds, by name."""
        return dict(self._scan(COUNTERS))

    def iterate_streams(self) -> Iterator[StreamState]:
        """Yield how far each aggregate's events are numbered, and which are there."""
        stored: dict[str, list[int]] = {}
        for key, envelope in self._scan(EVENTS):
            stored.setdefault(key.rpartition("/")[0], []).append(envelope.sequence)
        streams = dict(self._scan(STREAMS))
        for key in sorted({*streams, *stored}):
            kind, _, subject = key.partition("/")
            stream, numbers = streams.get(key), stored.get(key, [])
            yield StreamState(
                kind,
                subject,
                last=stream.last if stream else 0,
                published=stream.published if stream else 0,
                pruned=stream.pruned if stream else 0,
                stored=len(numbers),
                lowest=min(numbers, default=0),
                highest=max(numbers, default=0),
            )

    def find_streams(self, subject_kind: str, subjects: Iterable[str]) -> dict[str, StreamState]:
        """Return how far some aggregates' events are numbered and pruned, by aggregate."""
        rows = self._find(STREAMS, [f"{subject_kind}/{subject}" for subject in subjects])
        found = {key.partition("/")[2]: kept.value for key, kept in rows.items() if kept.value}
        return {
            subject: StreamState(subject_kind, subject, last=one.last, published=one.published, pruned=one.pruned)
            for subject, one in found.items()
        }

    def iterate_positions(self) -> Iterator[StreamState]:
        """Yield how far every aggregate's events went to the subscribers that have a name."""
        for key, position in self._scan(POSITIONS):
            kind, _, subject = key.rpartition("\0")[2].partition("/")
            yield StreamState(
                kind, subject, last=position.last, published=position.published, subscriber=position.subscriber
            )

    def list_subscribers(self) -> tuple[str, ...]:
        """Return the names of all subscribers."""
        return tuple(name for name, _ in self._scan(SUBSCRIBERS))

    def iterate_events(self, *, without: Collection[str] = ()) -> Iterator[Kept[Envelope]]:
        """Yield every event that is kept, by kind, subject and sequence; none of the kinds `without`."""
        rows = self._scan(EVENTS)
        return (_keep_event(key, envelope) for key, envelope in rows if key.partition("/")[0] not in without)

    def count_events(self, subject_kind: str) -> int:
        """Return how many events of aggregates of a kind are kept."""
        return sum(key.partition("/")[0] == subject_kind for key, _ in self._scan(EVENTS))

    def find_events(self, subject_kind: str, subjects: Iterable[str]) -> dict[str, tuple[Kept[Envelope], ...]]:
        """Return the events of some aggregates of one kind, by aggregate, in order."""
        return {
            subject: tuple(_keep_event(*row) for row in self._scan(EVENTS, {"subject": (subject_kind, subject)}))
            for subject in subjects
        }

    def iterate_kind(self, kind: Kind[Any]) -> Iterator[Kept[Any]]:
        """Yield every record of a kind, by id."""
        return (_keep_record(*row) for row in self._scan(kind.name))

    def iterate_strays(self, kind: Kind[Any]) -> Iterator[str]:  # noqa: ARG002 - as all inspections
        """Yield nothing: an index in memory is of what is there."""
        return iter(())

    def count_kept(self, kind: Kind[Any]) -> int:
        """Return how many records of a kind there are."""
        return len(self._scan(kind.name))

    def find_kept(self, kind: Kind[Any], ids: Iterable[str]) -> dict[str, Kept[Any]]:
        """Return those records of a kind that are there, by id."""
        return {id_: _keep_record(id_, kept.value) for id_, kept in self._find(kind.name, ids).items()}

    def find_ids(self, kind: Kind[Any], ids: Iterable[str]) -> frozenset[str]:
        """Return which of some ids are those of records of a kind."""
        rows = Rows(self._session, kind.name)
        return frozenset(id_ for id_ in ids if id_ in rows)

    def find_by(self, kind: Kind[Any], column: str, values: Iterable[str]) -> tuple[Kept[Any], ...]:
        """Return the records whose column tells one of some texts, by id."""
        rows = [row for value in values for row in self._scan(kind.name, {column: value})]
        return tuple(_keep_record(*row) for row in sorted(rows, key=lambda row: row[0]))

    def find_marks(self, kind: Kind[Any], ids: Iterable[str]) -> None:
        """Return None: a mark is what the value says, read when it was written."""

    def iterate_records(self) -> Iterator[Kept[IdempotencyRecord]]:
        """Yield every idempotency record, by owner and key."""
        for key, record in self._scan(RECORDS):
            owner, _, own_key = key.partition("\0")
            yield Kept(f"{own_key} of {owner}", record, told={"owner": owner, "key": own_key})

    def _scan(self, table: str, where: Mapping[str, object] | None = None) -> list[tuple[str, Any]]:
        return Rows(self._session, table).scan(where or {})

    def _find(self, table: str, ids: Iterable[str]) -> dict[str, Kept[Any]]:
        rows = Rows(self._session, table)
        found = {id_: rows.get(id_) for id_ in ids}
        return {id_: Kept(id_, value) for id_, value in found.items() if value is not None}


def _keep_event(key: str, envelope: Envelope) -> Kept[Envelope]:
    stream, _, number = key.rpartition("/")
    kind, _, subject = stream.partition("/")
    event = envelope.event
    told = {"kind": kind, "subject": subject, "sequence": int(number), "at": event.at}
    return Kept(f"{stream}/{int(number)}", envelope, told={**told, "merchant": event.merchant, "buyer": event.buyer})


def _keep_record(key: str, value: Any) -> Kept[Any]:
    # Beside the value there is its key alone: a column is what the value says.
    return Kept(key, value, told={"id": key})
