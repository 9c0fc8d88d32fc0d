"""The port of stock, whose verbs are guarded in the write, and the unit of work that has every part."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from mktcore.ledger import LedgerUnit
from mktcore.persistence import WritingUnit
from mktcore.persistence.counters import Counting
from mktcore.persistence.event_ports import EventLog
from mktcore.persistence.idempotency_records import IdempotencyRecords
from mktcore.persistence.noted_reads import Noting
from mktcore.stock.goods_return import GoodsReturn
from mktcore.stock.level import StockChange, StockCount, StockLevel
from mktcore.stock.reservation import Reservation, ReservationRequest
from mktcore.stock.shortage import Shortage

__all__ = ["MarketUnit", "Stock", "StockUnit"]


class Stock(Protocol):
    """Stock items and reservations (invariant I10), inside one unit of work.

    A merchant's scope sees and changes its own stock, a buyer's none; placing an order runs under the operator's
    authority (`scope.to_operator()`). Items are always locked in the order of their ids.
    """

    def set_on_hand(self, counts: Iterable[StockCount], *, at: datetime) -> None:
        """Record what merchants counted, creating items that are new; batched.

        A count below what is reserved is kept as it is, a `ShortageRecorded` event is published, and nothing more is
        reserved until the item has enough again. The last of several counts of an item is kept.

        Raises:
            NotFound: An item, or the merchant it is counted for, does not exist for this scope, or the item is another
                merchant's. Nothing of this call was written.
        """
        ...

    def change_on_hand(self, changes: Iterable[StockChange], *, at: datetime) -> dict[str, StockLevel]:
        """Record pieces that came in and went out, exactly, whoever else does meanwhile; an item that is new had none.

        Changes of one item are summed. Below what is reserved a `ShortageRecorded` event is published, as for a count.

        Returns:
            The items as they stand, by id.

        Raises:
            StockTooLow: More would go out of one than are on hand. Nothing of this call was written.
            InvalidQuantity: More would be on hand than every store can hold; likewise.
            NotFound: As for `set_on_hand`.
        """
        ...

    def find_levels(self, items: Iterable[str]) -> dict[str, StockLevel]:
        """Return the items that exist, by id, in one round trip."""
        ...

    def find_reservations(self, ids: Iterable[str]) -> dict[str, Reservation]:
        """Return the reservations that exist, by id, ended ones included."""
        ...

    def reserve(
        self, requests: Iterable[ReservationRequest], *, expires_at: datetime | None, at: datetime
    ) -> tuple[Shortage, ...]:
        """Claim the pieces of every request, or none of them.

        Requests for one item are summed. What cannot be had is a value, not an error.

        Args:
            requests: What to reserve.
            expires_at: When `expire` may end these reservations; None for never.
            at: The present instant.

        Returns:
            Every item that falls short, in the order of ids; empty when all is reserved.

        Raises:
            UniqueViolation: A reservation id was used before, in this call or ever; nothing was reserved.
        """
        ...

    def release(self, reservations: Iterable[str], *, at: datetime) -> tuple[str, ...]:
        """End reservations without consuming the rest of them, and return the ids that this call ended.

        Those that ended before, or do not exist for this scope, are left as they are: releasing twice is harmless.
        """
        ...

    def extend(self, reservations: Iterable[str], *, expires_at: datetime | None) -> tuple[str, ...]:
        """Set when live reservations may expire, and return the ids that this call changed.

        None keeps them while the outcome of a step is unknown (invariant I17).
        """
        ...

    def consume(self, pieces: Mapping[str, int], *, at: datetime) -> None:
        """Let goods leave: on hand and reserved fall together. Several parts may leave; the last one ends it.

        Args:
            pieces: How many pieces of which reservations, by id; all of them leave, or none.
            at: The present instant.

        Raises:
            ReservationEnded: One is not live, or does not exist for this scope.
            ReservationTooSmall: One holds fewer pieces; nothing was written.
        """
        ...

    def give_back(self, pieces: Mapping[str, int], *, at: datetime) -> None:
        """Make pieces of reservations available again, as a partial cancellation does; the last ones end it.

        Args:
            pieces: How many pieces of which reservations, by id; all of them, or none.
            at: The present instant.

        Raises:
            ReservationEnded: One is not live, or does not exist for this scope.
            ReservationTooSmall: One holds fewer pieces; nothing was written.
        """
        ...

    def lock(self, reservations: Iterable[str]) -> None:
        """Lock the items of reservations until the unit ends, in the order of the items' ids.

        For a unit that calls several of the verbs below and above: each alone locks in that order, two in a row do not.
        Those that ended are locked too; those that do not exist for this scope are left out.
        """
        ...

    def recall(self, pieces: Mapping[str, int], *, at: datetime) -> None:
        """Take pieces that left back into their reservations: on hand and reserved rise together.

        A reservation that had ended is live again, and holds just these pieces.

        Args:
            pieces: How many pieces of which reservations, by id; all of them, or none.
            at: The present instant.

        Raises:
            PiecesNotAway: Fewer pieces of one are away, or it does not exist for this scope; nothing was written.
        """
        ...

    def restock(self, returns: Iterable[GoodsReturn], *, at: datetime) -> None:
        """Note what became of pieces that left: what is sellable is on hand again, for anybody to order.

        Each piece comes back once. A `GoodsReturned` event is published for each return.

        Args:
            returns: All of them, or none.
            at: The present instant.

        Raises:
            PiecesNotAway: Fewer pieces of one are away, or it does not exist for this scope; nothing was written.
        """
        ...

    def expire(self, *, now: datetime, limit: int = 100) -> tuple[str, ...]:
        """End up to `limit` live reservations that expire at or before `now`, and return their ids.

        Each publishes a `ReservationExpired` event.
        """
        ...


class StockUnit(Protocol):
    """A unit that has stock."""

    @property
    def stock(self) -> Stock:
        """The stock."""
        ...


# Above the ports of persistence, because stock, counters and books are guarded verbs, no records to load and save.
class MarketUnit(WritingUnit, IdempotencyRecords, Counting, StockUnit, LedgerUnit, EventLog, Noting, Protocol):
    """Everything that a use case of a market may need of one unit of work; see `WritingUnit` for the other shapes."""
