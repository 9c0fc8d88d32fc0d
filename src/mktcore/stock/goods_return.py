"""Goods that come back: pieces that left a reservation, and the condition in which they are again in the warehouse."""

from enum import StrEnum
from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.ids import check_id
from mktcore.stock.quantity import check_quantity

__all__ = ["GoodsReturn", "PiecesNotAway", "ReturnCondition"]


class ReturnCondition(StrEnum):
    """In which condition goods came back."""

    SELLABLE = "sellable"
    """As good as new: they are on hand again, for anybody to order."""
    DAMAGED = "damaged"
    """They are there, and nobody can buy them: on hand stays as it is."""
    NONE = "none"
    """They never came back, and are no longer waited for."""


@attrs.frozen
class GoodsReturn:
    """Pieces that left one reservation, and of which it is now known what became of them.

    >>> GoodsReturn("order-1/l1", 2).condition
    <ReturnCondition.SELLABLE: 'sellable'>

    Attributes:
        reservation: Id of the reservation that they left.
        quantity: Pieces, 1 or more.
        condition: In which condition they came back.

    Raises:
        InvalidQuantity: Not a whole number of pieces, 1 or more.
    """

    reservation: str
    quantity: int
    condition: ReturnCondition = ReturnCondition.SELLABLE

    def __attrs_post_init__(self) -> None:
        check_id("reservation", self.reservation)
        check_quantity("quantity", self.quantity, 1)


@attrs.define(eq=False, slots=False)
class PiecesNotAway(MktcoreError):
    """Taking back more pieces than left a reservation and did not come back yet."""

    code: ClassVar[str] = "stock.pieces-not-away"
    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    remedy: ClassVar[str] = "take back at most what is away"
    id: str
    away: int
    quantity: int

    def describe(self) -> str:
        """Name the reservation and both quantities."""
        return f"of reservation {self.id!r} {self.away} pieces are away, not {self.quantity}"
