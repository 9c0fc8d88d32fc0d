"""Stock items: what a merchant counted, and what of it can be reserved."""

from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.ids import check_id
from mktcore.stock.quantity import MAX_QUANTITY, InvalidQuantity, check_quantity

__all__ = ["StockChange", "StockCount", "StockLevel", "StockTooLow"]


@attrs.frozen
class StockCount:
    """What a merchant counted: pieces on hand, and how many more may be promised.

    Attributes:
        item: Id of the stock item.
        merchant: Whose goods they are.
        on_hand: Pieces in the warehouse.
        backorder: Back-order allowance: pieces that may be reserved beyond those on hand.

    Raises:
        InvalidQuantity: A negative number, or not an int.
    """

    item: str
    merchant: str
    on_hand: int
    backorder: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("stock item", self.item)
        check_id("merchant", self.merchant)
        check_quantity("on_hand", self.on_hand)
        check_quantity("backorder", self.backorder)


@attrs.frozen
class StockChange:
    """Pieces that came in or went out, whatever is on hand: two who add five each add ten.

    Attributes:
        item: Id of the stock item.
        merchant: Whose goods they are.
        pieces: Pieces more on hand; fewer where it is below zero. Never zero.

    Raises:
        InvalidQuantity: Not a whole number, zero, or too large.
    """

    item: str
    merchant: str
    pieces: int

    def __attrs_post_init__(self) -> None:
        check_id("stock item", self.item)
        check_id("merchant", self.merchant)
        if type(self.pieces) is not int or not 1 <= abs(self.pieces) <= MAX_QUANTITY:
            raise InvalidQuantity("pieces", self.pieces, -MAX_QUANTITY)


@attrs.define(eq=False, slots=False)
class StockTooLow(MktcoreError):
    """Taking out more pieces than are on hand."""

    code: ClassVar[str] = "stock.too-low"
    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    remedy: ClassVar[str] = "take out at most what is on hand, or count anew"
    item: str
    on_hand: int
    pieces: int

    def describe(self) -> str:
        """Name the item and both quantities."""
        return f"of stock item {self.item!r} {self.on_hand} pieces are on hand, and {-self.pieces} were to go out"


@attrs.frozen
class StockLevel:
    """A stock item as it stands.

    >>> StockLevel("acme-camera", "acme", on_hand=5, reserved=3, backorder=0).available
    2

    Attributes:
        item: Id of the stock item.
        merchant: Whose goods they are.
        on_hand: Pieces in the warehouse, reserved ones included.
        reserved: Pieces claimed by live reservations. Above `on_hand + backorder` only after a count fell short.
        backorder: Back-order allowance.
    """

    item: str
    merchant: str
    on_hand: int
    reserved: int = attrs.field(default=0, kw_only=True)
    backorder: int = attrs.field(default=0, kw_only=True)

    def count(self, count: StockCount) -> "StockLevel":
        """Return the item after a count: what is reserved stays."""
        return StockLevel(self.item, self.merchant, count.on_hand, reserved=self.reserved, backorder=count.backorder)

    def change(self, pieces: int) -> "StockLevel":
        """Return the item after pieces came in, or went out where there are below zero: what is reserved stays.

        Raises:
            StockTooLow: More would go out than are on hand.
            InvalidQuantity: More would be on hand than every store can hold.
        """
        if self.on_hand + pieces < 0:
            raise StockTooLow(self.item, self.on_hand, pieces)
        check_quantity("on_hand", self.on_hand + pieces)
        return attrs.evolve(self, on_hand=self.on_hand + pieces)

    def release(self, pieces: int) -> "StockLevel":
        """Return the item after a reservation gave back pieces."""
        return attrs.evolve(self, reserved=self.reserved - pieces)

    def consume(self, pieces: int) -> "StockLevel":
        """Return the item after reserved pieces left; on hand never falls below zero."""
        # Back-ordered pieces leave as they arrive: nobody counted them in, so that they cannot be counted out.
        return attrs.evolve(self, reserved=self.reserved - pieces, on_hand=max(0, self.on_hand - pieces))

    def recall(self, pieces: int) -> "StockLevel":
        """Return the item after pieces that left came back and are reserved again: nothing more is available."""
        # Back-ordered ones too, which nobody counted in: who can take a parcel back has it in hand.
        return attrs.evolve(self, reserved=self.reserved + pieces, on_hand=self.on_hand + pieces)

    def restock(self, pieces: int) -> "StockLevel":
        """Return the item after pieces came back that anybody may order."""
        return attrs.evolve(self, on_hand=self.on_hand + pieces)

    @property
    def available(self) -> int:
        """Pieces that can be reserved now (invariant I10)."""
        # A count from outside may have fallen below what is reserved.
        return max(0, self.on_hand + self.backorder - self.reserved)

    @property
    def on_hand_free(self) -> int:
        """Pieces that can be reserved now without promising any that are not there."""
        return max(0, self.on_hand - self.reserved)

    @property
    def short(self) -> int:
        """Pieces reserved that a count from outside says are not there; nothing is reserved meanwhile."""
        return max(0, self.reserved - self.on_hand - self.backorder)
