"""Reservations: claims on pieces of a stock item, each of which ends exactly once."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import attrs

from mktcore.clock import to_utc
from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.ids import check_id
from mktcore.stock.goods_return import PiecesNotAway
from mktcore.stock.quantity import check_quantity

__all__ = [
    "Reservation",
    "ReservationEnded",
    "ReservationRequest",
    "ReservationState",
    "ReservationTooSmall",
    "to_expiry",
]


@attrs.define(eq=False, slots=False)
class ReservationEnded(MktcoreError):
    """Consuming a reservation that has ended, or that this scope cannot see."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "stock.reservation-ended"
    remedy: ClassVar[str] = "reserve again"
    id: str

    def describe(self) -> str:
        """Name the reservation."""
        return f"there is no live reservation {self.id!r}"


@attrs.define(eq=False, slots=False)
class ReservationTooSmall(MktcoreError):
    """Consuming more than a reservation still holds."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "stock.reservation-too-small"
    remedy: ClassVar[str] = "consume at most what remains"
    id: str
    remaining: int
    quantity: int

    def describe(self) -> str:
        """Name the reservation and both quantities."""
        return f"reservation {self.id!r} holds {self.remaining} pieces, not {self.quantity}"


class ReservationState(StrEnum):
    """Where a reservation is; it leaves LIVE once, unless pieces that left are taken back into it."""

    LIVE = "live"
    RELEASED = "released"
    EXPIRED = "expired"
    CONSUMED = "consumed"


@attrs.frozen
class ReservationRequest:
    """A claim on pieces of one item.

    Attributes:
        id: The reservation's id, the caller's choice; it is never used twice.
        item: Id of the stock item.
        quantity: Pieces, 1 or more.
        on_hand_only: Whether the back-order allowance is not to be used.
        keep: Pieces of the item that must stay free: its safety stock.
    """

    id: str
    item: str
    quantity: int
    on_hand_only: bool = attrs.field(default=False, kw_only=True)
    keep: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("reservation", self.id)
        check_quantity("quantity", self.quantity, 1)
        check_quantity("keep", self.keep)


@attrs.frozen
class Reservation:
    """A claim on pieces of one item, and what became of it.

    Attributes:
        id: Its id.
        item: Id of the stock item.
        merchant: Whose goods they are.
        quantity: Pieces reserved.
        consumed: Pieces of them that left the warehouse.
        given_back: Pieces of them that were made available again while it was live.
        state: Whether it is live, or how it ended.
        expires_at: When it may expire, UTC; None for never.
        returned: Pieces of those consumed that came back without being reserved again, or were given up.
    """

    id: str
    item: str
    merchant: str
    quantity: int = attrs.field(kw_only=True)
    consumed: int = attrs.field(default=0, kw_only=True)
    given_back: int = attrs.field(default=0, kw_only=True)
    state: ReservationState = attrs.field(default=ReservationState.LIVE, kw_only=True)
    expires_at: datetime | None = attrs.field(default=None, kw_only=True)
    returned: int = attrs.field(default=0, kw_only=True)

    @property
    def away(self) -> int:
        """Pieces that left and did not come back: what can still be taken back."""
        return self.consumed - self.returned

    @property
    def remaining(self) -> int:
        """Pieces it holds: none once it ended."""
        return self.quantity - self.consumed - self.given_back if self.state is ReservationState.LIVE else 0

    def consume(self, quantity: int) -> "Reservation":
        """Return it after pieces left; the last one ends it.

        Raises:
            InvalidQuantity: Not a whole number of pieces, 1 or more.
            ReservationEnded: It is not live.
            ReservationTooSmall: It holds fewer pieces.
        """
        state = self._check_pieces(quantity, ReservationState.CONSUMED)
        return attrs.evolve(self, consumed=self.consumed + quantity, state=state)

    def give_back(self, quantity: int) -> "Reservation":
        """Return it after pieces became available again; the last one ends it.

        Raises:
            InvalidQuantity: Not a whole number of pieces, 1 or more.
            ReservationEnded: It is not live.
            ReservationTooSmall: It holds fewer pieces.
        """
        state = self._check_pieces(quantity, ReservationState.RELEASED)
        return attrs.evolve(self, given_back=self.given_back + quantity, state=state)

    def recall(self, quantity: int) -> "Reservation":
        """Return it after pieces that left are reserved again, as if they had not left; it is live.

        Raises:
            InvalidQuantity: Not a whole number of pieces, 1 or more.
            PiecesNotAway: Fewer pieces of it are away.
        """
        self._check_away(quantity)
        # What it held when it was released or expired was given back uncounted, and must not be held anew.
        given_back = self.quantity - self.consumed - self.remaining
        live = ReservationState.LIVE
        return attrs.evolve(self, consumed=self.consumed - quantity, given_back=given_back, state=live)

    def restock(self, quantity: int) -> "Reservation":
        """Return it after pieces that left came back, or were given up; it holds what it held.

        Raises:
            InvalidQuantity: Not a whole number of pieces, 1 or more.
            PiecesNotAway: Fewer pieces of it are away.
        """
        self._check_away(quantity)
        return attrs.evolve(self, returned=self.returned + quantity)

    def _check_away(self, quantity: int) -> None:
        check_quantity("quantity", quantity, 1)
        if quantity > self.away:
            raise PiecesNotAway(self.id, self.away, quantity)

    def _check_pieces(self, quantity: int, end: ReservationState) -> ReservationState:
        """Return the state it is in once so many pieces are taken from it."""
        check_quantity("quantity", quantity, 1)
        if not self.remaining:
            raise ReservationEnded(self.id)
        if quantity > self.remaining:
            raise ReservationTooSmall(self.id, self.remaining, quantity)
        return end if quantity == self.remaining else ReservationState.LIVE


def to_expiry(expires_at: datetime | None) -> datetime | None:
    """Return when a reservation may expire, in UTC; None for never."""
    return None if expires_at is None else to_utc(expires_at)
