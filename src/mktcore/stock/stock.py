"""Stock: what is on hand, what of it is reserved, and how a reservation ends."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import attrs

from mktcore.clock import to_utc
from mktcore.errors import MktcoreError
from mktcore.events import Event
from mktcore.ids import check_id

__all__ = [
    "InvalidQuantity",
    "Reservation",
    "ReservationEnded",
    "ReservationExpired",
    "ReservationRequest",
    "ReservationState",
    "ReservationTooSmall",
    "Shortage",
    "ShortageRecorded",
    "StockCount",
    "StockLevel",
    "check_quantity",
    "find_shortages",
    "sum_requests",
    "to_expiry",
]

MAX_QUANTITY = 10**12


@attrs.define(eq=False, slots=False)
class InvalidQuantity(MktcoreError):
    """A number of pieces that cannot be counted, reserved or consumed."""

    code: ClassVar[str] = "stock.invalid-quantity"
    remedy: ClassVar[str] = "give a whole number of pieces within the bounds"
    field: str
    quantity: object
    lowest: int

    def describe(self) -> str:
        """Name the field, the value and the bounds."""
        return f"{self.field} is {self.quantity!r}, not a whole number from {self.lowest} to {MAX_QUANTITY}"


@attrs.define(eq=False, slots=False)
class ReservationEnded(MktcoreError):
    """Consuming a reservation that has ended, or that this scope cannot see."""

    code: ClassVar[str] = "stock.reservation-ended"
    remedy: ClassVar[str] = "reserve again"
    id: str

    def describe(self) -> str:
        """Name the reservation."""
        return f"there is no live reservation {self.id!r}"


@attrs.define(eq=False, slots=False)
class ReservationTooSmall(MktcoreError):
    """Consuming more than a reservation still holds."""

    code: ClassVar[str] = "stock.reservation-too-small"
    remedy: ClassVar[str] = "consume at most what remains"
    id: str
    remaining: int
    quantity: int

    def describe(self) -> str:
        """Name the reservation and both quantities."""
        return f"reservation {self.id!r} holds {self.remaining} pieces, not {self.quantity}"


def check_quantity(field: str, quantity: object, lowest: int = 0) -> None:
    """Refuse what is no whole number of pieces from `lowest` up.

    Raises:
        InvalidQuantity: It is not.
    """
    if type(quantity) is not int or not lowest <= quantity <= MAX_QUANTITY:
        raise InvalidQuantity(field, quantity, lowest)


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
    backorder: int = 0

    def __attrs_post_init__(self) -> None:
        check_id("stock item", self.item)
        check_id("merchant", self.merchant)
        check_quantity("on_hand", self.on_hand)
        check_quantity("backorder", self.backorder)


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
    reserved: int = 0
    backorder: int = 0

    def count(self, count: StockCount) -> "StockLevel":
        """Return the item after a count: what is reserved stays."""
        return StockLevel(self.item, self.merchant, count.on_hand, self.reserved, count.backorder)

    def release(self, pieces: int) -> "StockLevel":
        """Return the item after a reservation gave back pieces."""
        return attrs.evolve(self, reserved=self.reserved - pieces)

    def consume(self, pieces: int) -> "StockLevel":
        """Return the item after reserved pieces left; on hand never falls below zero."""
        return attrs.evolve(self, reserved=self.reserved - pieces, on_hand=max(0, self.on_hand - pieces))

    def to_shortage(self, at: datetime) -> "ShortageRecorded":
        """Return the event that tells of a count below what is reserved."""
        return ShortageRecorded(
            subject=self.item,
            at=at,
            merchant=self.merchant,
            on_hand=self.on_hand,
            reserved=self.reserved,
            backorder=self.backorder,
        )

    @property
    def available(self) -> int:
        """Pieces that can be reserved now (invariant I10)."""
        return max(0, self.on_hand + self.backorder - self.reserved)

    @property
    def on_hand_free(self) -> int:
        """Pieces that can be reserved now without promising any that are not there."""
        return max(0, self.on_hand - self.reserved)

    @property
    def short(self) -> int:
        """Pieces reserved that a count from outside says are not there; nothing is reserved meanwhile."""
        return max(0, self.reserved - self.on_hand - self.backorder)


class ReservationState(StrEnum):
    """Where a reservation is; it leaves LIVE exactly once."""

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
    """

    id: str
    item: str
    quantity: int
    on_hand_only: bool = False

    def __attrs_post_init__(self) -> None:
        check_id("reservation", self.id)
        check_quantity("quantity", self.quantity, 1)


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
    """

    id: str
    item: str
    merchant: str
    quantity: int
    consumed: int = 0
    given_back: int = 0
    state: ReservationState = ReservationState.LIVE
    expires_at: datetime | None = None

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
        state = self._check_taking(quantity, ReservationState.CONSUMED)
        return attrs.evolve(self, consumed=self.consumed + quantity, state=state)

    def give_back(self, quantity: int) -> "Reservation":
        """Return it after pieces became available again; the last one ends it.

        Raises:
            InvalidQuantity: Not a whole number of pieces, 1 or more.
            ReservationEnded: It is not live.
            ReservationTooSmall: It holds fewer pieces.
        """
        state = self._check_taking(quantity, ReservationState.RELEASED)
        return attrs.evolve(self, given_back=self.given_back + quantity, state=state)

    def _check_taking(self, quantity: int, end: ReservationState) -> ReservationState:
        """Return the state it is in once so many pieces are taken from it."""
        check_quantity("quantity", quantity, 1)
        if not self.remaining:
            raise ReservationEnded(self.id)
        if quantity > self.remaining:
            raise ReservationTooSmall(self.id, self.remaining, quantity)
        return end if quantity == self.remaining else ReservationState.LIVE

    def to_expired(self, at: datetime) -> "ReservationExpired":
        """Return the event that tells of its expiry, from what it held while it was live."""
        return ReservationExpired(
            subject=self.item,
            at=at,
            merchant=self.merchant,
            reservation=self.id,
            quantity=self.quantity - self.consumed - self.given_back,
        )


@attrs.frozen
class Shortage:
    """An item that cannot be reserved in the quantity asked.

    Attributes:
        item: Id of the stock item; one that does not exist for the caller has nothing available.
        requested: Pieces asked, summed over the requests for this item.
        available: Pieces that could have been reserved.
    """

    item: str
    requested: int
    available: int


def sum_requests(requests: Iterable[ReservationRequest]) -> dict[str, int]:
    """Return the pieces asked per item, in the order of item ids, which is the order of locks.

    >>> sum_requests(
    ...     [
    ...         ReservationRequest("r1", "tripod", 2),
    ...         ReservationRequest("r2", "camera", 1),
    ...         ReservationRequest("r3", "tripod", 3),
    ...     ]
    ... )
    {'camera': 1, 'tripod': 5}
    """
    totals: dict[str, int] = {}
    for request in requests:
        totals[request.item] = totals.get(request.item, 0) + request.quantity
    return dict(sorted(totals.items()))


def find_shortages(levels: Mapping[str, StockLevel], requests: Iterable[ReservationRequest]) -> tuple[Shortage, ...]:
    """Return every item of the requests that has too little, in the order of ids; one without a level has nothing.

    One request that may not use the back-order allowance forbids it to all of the call for its item.

    >>> find_shortages(
    ...     {"camera": StockLevel("camera", "acme", 3)},
    ...     [ReservationRequest("r1", "camera", 2), ReservationRequest("r2", "camera", 2)],
    ... )
    (Shortage(item='camera', requested=4, available=3),)
    """
    asked = tuple(requests)
    bounded = {request.item for request in asked if request.on_hand_only}
    available = {item: level.on_hand_free if item in bounded else level.available for item, level in levels.items()}
    return tuple(
        Shortage(item, quantity, available.get(item, 0))
        for item, quantity in sum_requests(asked).items()
        if available.get(item, 0) < quantity
    )


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


def to_expiry(expires_at: datetime | None) -> datetime | None:
    """Return when a reservation may expire, in UTC; None for never."""
    return None if expires_at is None else to_utc(expires_at)
