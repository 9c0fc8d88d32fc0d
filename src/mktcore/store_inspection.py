"""What an audit reads of a store, beyond what use cases need: everything, as of one moment, the unreadable too."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

import attrs

from mktcore.events import Envelope
from mktcore.ledger import Entry, Hold, PostedTransaction
from mktcore.ledger.sum_changes import AccountRow
from mktcore.persistence import Kind
from mktcore.persistence.idempotency_records import IdempotencyRecord
from mktcore.stock import Reservation, StockLevel

__all__ = [
    "EventInspection",
    "Inspected",
    "Inspection",
    "Kept",
    "KeptPosting",
    "LedgerInspection",
    "RecordInspection",
    "StockInspection",
    "StockState",
    "StreamState",
]

T_co = TypeVar("T_co", covariant=True)


@attrs.frozen
class Kept(Generic[T_co]):
    """Something as a store keeps it, which may have become unreadable.

    Attributes:
        id: What it is found by: `order-1--acme`.
        value: What it is; None where it cannot be read.
        problem: Why it cannot be read; empty where it can.
        told: What the store keeps beside the document, by column: what queries and access go by. A column of several
            values tells a row for each: its text, and what stands beside it.
    """

    id: str
    value: T_co | None
    problem: str = ""
    told: Mapping[str, object] = attrs.field(factory=dict)


@attrs.frozen
class StockState:
    """A stock item, and what its live reservations hold together.

    Attributes:
        level: The item.
        held: Pieces that remain in its live reservations.
    """

    level: StockLevel
    held: int


@attrs.frozen
class StreamState:
    """How far an aggregate's events are numbered, and which of them are there.

    Attributes:
        kind: Kind of the aggregate.
        subject: Its id.
        last: Sequence of its last event.
        published: Sequence up to which they were published.
        stored: How many are there.
        lowest: The lowest sequence that is there; 0 for none.
        highest: The highest.
        pruned: Sequence up to which they were removed as old.
        subscriber: For whom it says how far they were published; empty for the subscriber without a name, to whom
            alone the numbers of what is there belong.
    """

    kind: str
    subject: str
    last: int
    published: int
    stored: int = attrs.field(default=0, kw_only=True)
    lowest: int = attrs.field(default=0, kw_only=True)
    highest: int = attrs.field(default=0, kw_only=True)
    pruned: int = attrs.field(default=0, kw_only=True)
    subscriber: str = attrs.field(default="", kw_only=True)


@attrs.frozen
class KeptPosting:
    """A transaction as the books keep it, beside the entries that are named after it.

    Attributes:
        key: Its key.
        transaction: What is kept of it; None where there are only entries. It is found by `"legs"`, their number.
        entries: By id.
    """

    key: str
    transaction: Kept[PostedTransaction] | None
    entries: tuple[Kept[Entry], ...] = ()


class StockInspection(Protocol):
    """Everything about stock and counters; each call goes through everything, a little at a time."""

    def iterate_stock(self) -> Iterator[StockState]:
        """Yield every stock item."""
        ...

    def iterate_reservations(self) -> Iterator[Kept[Reservation]]:
        """Yield every reservation, live or ended, by id."""
        ...

    def find_reservations(self, ids: Iterable[str]) -> Mapping[str, Kept[Reservation]]:
        """Return those reservations that are there, by id."""
        ...

    def read_counters(self) -> Mapping[str, int]:
        """Return what every counter holds, by name."""
        ...


class EventInspection(Protocol):
    """Everything about events."""

    def iterate_streams(self) -> Iterator[StreamState]:
        """Yield every aggregate that has, or had, events; also events whose aggregate is not numbered."""
        ...

    def find_streams(self, subject_kind: str, subjects: Iterable[str]) -> Mapping[str, StreamState]:
        """Return how far some aggregates' events are numbered and pruned, by aggregate; not which are there."""
        ...

    def iterate_positions(self) -> Iterator[StreamState]:
        """Yield how far every aggregate's events went to the subscribers that have a name."""
        ...

    def list_subscribers(self) -> tuple[str, ...]:
        """Return the names of all subscribers."""
        ...

    def iterate_events(self, *, without: Collection[str] = ()) -> Iterator[Kept[Envelope]]:
        """Yield every event that is kept, by kind, subject and sequence; none of the kinds `without`."""
        ...

    def count_events(self, subject_kind: str) -> int:
        """Return how many events of aggregates of a kind are kept."""
        ...

    def find_events(self, subject_kind: str, subjects: Iterable[str]) -> Mapping[str, tuple[Kept[Envelope], ...]]:
        """Return the events of some aggregates of one kind, by aggregate, in order."""
        ...


class RecordInspection(Protocol):
    """Everything in repositories, and what keys were used for."""

    @property
    def kinds(self) -> Mapping[str, Kind[Any]]:
        """The repositories, by name."""
        ...

    def iterate_kind(self, kind: Kind[Any]) -> Iterator[Kept[Any]]:
        """Yield every record of a kind, by id."""
        ...

    def iterate_strays(self, kind: Kind[Any]) -> Iterator[str]:
        """Yield the ids of which texts of a column of several values are kept, but no record of a kind."""
        ...

    def count_kept(self, kind: Kind[Any]) -> int:
        """Return how many records of a kind there are."""
        ...

    def find_kept(self, kind: Kind[Any], ids: Iterable[str]) -> Mapping[str, Kept[Any]]:
        """Return those records of a kind that are there, by id."""
        ...

    def find_ids(self, kind: Kind[Any], ids: Iterable[str]) -> frozenset[str]:
        """Return which of some ids are those of records of a kind, without reading the records."""
        ...

    def find_by(self, kind: Kind[Any], column: str, values: Iterable[str]) -> tuple[Kept[Any], ...]:
        """Return the records whose column tells one of some texts, by id."""
        ...

    def find_marks(self, kind: Kind[Any], ids: Iterable[str]) -> Mapping[str, frozenset[tuple[object, ...]]] | None:
        """Return what some records of a kind are found under, by id: text, start and end of each mark.

        None where a store keeps no marks beside its records.
        """
        ...

    def iterate_records(self) -> Iterator[Kept[IdempotencyRecord]]:
        """Yield every idempotency record, by owner and key."""
        ...


class LedgerInspection(Protocol):
    """Everything in the books."""

    def iterate_postings(self) -> Iterator[KeptPosting]:
        """Yield every transaction with its entries, by key; also entries whose transaction is not there."""
        ...

    def find_postings(self, causes: Iterable[str]) -> Mapping[str, tuple[Kept[PostedTransaction], ...]]:
        """Return what follows from some causes, by cause, in the order of keys."""
        ...

    def find_posted(self, keys: Iterable[str]) -> frozenset[str]:
        """Return which of some keys are those of transactions."""
        ...

    def iterate_accounts(self) -> Iterator[Kept[AccountRow]]:
        """Yield what is kept of every account, by account."""
        ...

    def iterate_holds(self) -> Iterator[Kept[Hold]]:
        """Yield every hold, live or ended, by id."""
        ...


class Inspection(StockInspection, EventInspection, RecordInspection, LedgerInspection, Protocol):
    """A look at a store as of one moment, by the operator. What cannot be read is told, and stops nothing."""


@runtime_checkable
class Inspected(Protocol):
    """A store that can be audited."""

    def inspect(self) -> AbstractContextManager[Inspection]:
        """Look at everything as of this moment."""
        ...
