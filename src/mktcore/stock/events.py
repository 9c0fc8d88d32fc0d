"""What is told of stock: each event names the merchant whose goods they are."""

from datetime import datetime
from typing import ClassVar, Self

import attrs

from mktcore.events import Event
from mktcore.stock.goods_return import GoodsReturn, ReturnCondition
from mktcore.stock.level import StockCount, StockLevel
from mktcore.stock.reservation import Reservation

__all__ = ["GoodsReturned", "ReservationExpired", "ShortageRecorded", "StockCounted"]


@attrs.frozen(kw_only=True)
class ShortageRecorded(Event):
    """A count from outside fell below what is reserved; nothing more is reserved until that changes (invariant I10).

    Attributes:
        on_hand: Pieces counted.
        reserved: Pieces promised.
        backorder: Back-order allowance.
    """

    subject_kind: ClassVar[str] = "stock_item"
    on_hand: int
    reserved: int
    backorder: int

    @classmethod
    def of(cls, level: StockLevel, at: datetime) -> Self:
        """Tell of an item as the count left it."""
        return cls(
            subject=level.item,
            at=at,
            merchant=level.merchant,
            on_hand=level.on_hand,
            reserved=level.reserved,
            backorder=level.backorder,
        )


@attrs.frozen(kw_only=True)
class StockCounted(Event):
    """A merchant, or the operator for it, counted what is on hand.

    Attributes:
        on_hand: Pieces counted.
        backorder: Back-order allowance.
    """

    subject_kind: ClassVar[str] = "stock_item"
    on_hand: int
    backorder: int

    @classmethod
    def of(cls, count: StockCount, at: datetime) -> Self:
        """Tell of a count."""
        return cls(subject=count.item, at=at, merchant=count.merchant, on_hand=count.on_hand, backorder=count.backorder)


@attrs.frozen(kw_only=True)
class ReservationExpired(Event):
    """A reservation reached its time before it was consumed or released; its pieces are available again.

    Attributes:
        reservation: Its id.
        quantity: Pieces that became available.
    """

    subject_kind: ClassVar[str] = "stock_item"
    reservation: str
    quantity: int

    @classmethod
    def of(cls, reservation: Reservation, at: datetime) -> Self:
        """Tell of a reservation that has expired, from what it held while it was live."""
        # `remaining` is none once it ended, and it may have ended in the same statement that returns it.
        return cls(
            subject=reservation.item,
            at=at,
            merchant=reservation.merchant,
            reservation=reservation.id,
            quantity=reservation.quantity - reservation.consumed - reservation.given_back,
        )


@attrs.frozen(kw_only=True)
class GoodsReturned(Event):
    """Pieces that had left came back, or were given up.

    Attributes:
        reservation: Id of the reservation that they had left.
        quantity: How many pieces.
        condition: In which condition; only what is sellable is on hand again.
    """

    subject_kind: ClassVar[str] = "stock_item"
    reservation: str
    quantity: int
    condition: ReturnCondition

    @classmethod
    def of(cls, reservation: Reservation, returned: GoodsReturn, at: datetime) -> Self:
        """Tell of pieces that came back from a reservation."""
        return cls(
            subject=reservation.item,
            at=at,
            merchant=reservation.merchant,
            reservation=reservation.id,
            quantity=returned.quantity,
            condition=returned.condition,
        )
