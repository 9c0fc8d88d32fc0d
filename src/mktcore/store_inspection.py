"""What an audit reads of a store, beyond what use cases need: everything, as of one moment."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable

import attrs

from mktcore.events import Envelope
from mktcore.persistence.idempotency import IdempotencyRecord
from mktcore.stock import StockLevel

__all__ = ["Inspected", "Inspection", "StockState", "StreamState"]


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
    """

    kind: str
    subject: str
    last: int
    published: int
    stored: int
    lowest: int
    highest: int


class Inspection(Protocol):
    """A look at a store as of one moment, by the operator; each call goes through everything, a little at a time."""

    def iterate_stock(self) -> Iterator[StockState]:
        """Yield every stock item."""
        ...

    def iterate_streams(self) -> Iterator[StreamState]:
        """Yield every aggregate that has, or had, events; also events whose aggregate is not numbered."""
        ...

    def iterate_events(self) -> Iterator[Envelope]:
        """Yield every event that is kept, by kind, subject and sequence.

        Raises:
            MktcoreError: An event cannot be read.
        """
        ...

    def iterate_records(self) -> Iterator[IdempotencyRecord]:
        """Yield every idempotency record.

        Raises:
            MktcoreError: A record cannot be read.
        """
        ...


@runtime_checkable
class Inspected(Protocol):
    """A store that can be audited."""

    def inspect(self) -> AbstractContextManager[Inspection]:
        """Look at everything as of this moment."""
        ...
