"""Stock in memory: guarded verbs under the writer lock, against the last committed counts."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import attrs

from mktcore.adapters.memory.rows import RESERVATIONS, STOCK
from mktcore.adapters.memory.session import Session
from mktcore.offers.stock import (
    Reservation,
    ReservationEnded,
    ReservationRequest,
    ReservationState,
    Shortage,
    StockCount,
    StockLevel,
    check_quantity,
    find_shortages,
    sum_requests,
    to_expiry,
)
from mktcore.unit_of_work import NotFound, Outbox, UniqueViolation

__all__ = ["MemoryStock"]


class MemoryStock:
    """Stock items and reservations, as one unit may see and change them."""

    def __init__(self, session: Session, outbox: Outbox) -> None:
        """Work inside a unit's session, and tell its outbox."""
        self._session = session
        self._outbox = outbox
        self._items = session.view(STOCK)
        self._reservations = session.view(RESERVATIONS)

    def set_on_hand(self, counts: Iterable[StockCount], *, at: datetime) -> None:
        """Record what merchants counted; see `mktcore.offers.ports.Stock`."""
        kept = {count.item: count for count in counts}
        with self._session.writing(), self._items.undo_on_error():
            short = [level for _, count in sorted(kept.items()) if (level := self._set_level(count)).short]
        self._outbox.publish(level.to_shortage(at) for level in short)

    def _set_level(self, count: StockCount) -> StockLevel:
        known: StockLevel | None = self._items.find_latest(count.item)
        level = (known or StockLevel(count.item, count.merchant, 0)).count(count)
        if not self._owns(count.merchant) or level.merchant != count.merchant:
            raise NotFound("stock_item", count.item)
        self._items.changes[count.item] = level
        return level

    def find_levels(self, items: Iterable[str]) -> dict[str, StockLevel]:
        """Return the items that exist, by id."""
        with self._session.reading():
            found = {item: self._items.find(item) for item in sorted(set(items))}
        return {item: level for item, level in found.items() if level is not None and self._owns(level.merchant)}

    def find_reservations(self, ids: Iterable[str]) -> dict[str, Reservation]:
        """Return the reservations that exist, by id."""
        with self._session.reading():
            found = {id: self._reservations.find(id) for id in sorted(set(ids))}  # noqa: A001 - the word of the field
        return {id: found[id] for id in found if found[id] is not None and self._owns(found[id].merchant)}  # noqa: A001 - as above

    def reserve(
        self, requests: Iterable[ReservationRequest], *, expires_at: datetime | None, at: datetime
    ) -> tuple[Shortage, ...]:
        """Claim the pieces of every request, or none of them."""
        del at  # a reservation tells when it ends, not when it began
        asked = tuple(requests)
        expiry = to_expiry(expires_at)
        with self._session.writing():
            found = {item: self._find_own_level(item) for item in sum_requests(asked)}
            levels = {item: level for item, level in found.items() if level is not None}
            shortages = find_shortages(levels, asked)
            if shortages:
                return shortages
            with self._reservations.undo_on_error():
                for request in asked:
                    self._add_reservation(request, levels[request.item].merchant, expiry)
            for item, quantity in sum_requests(asked).items():
                self._items.changes[item] = levels[item].release(-quantity)
        return ()

    def _add_reservation(self, request: ReservationRequest, merchant: str, expiry: datetime | None) -> None:
        if self._reservations.find_latest(request.id) is not None:
            raise UniqueViolation("reservation", ("id",), (request.id,))
        self._reservations.changes[request.id] = Reservation(
            request.id, request.item, merchant, request.quantity, expires_at=expiry
        )

    def release(self, reservations: Iterable[str], *, at: datetime) -> tuple[str, ...]:
        """End reservations without consuming the rest of them."""
        del at  # as in reserve
        with self._session.writing():
            live = list(self._find_live(reservations))
            for reservation in live:
                self._end(reservation, ReservationState.RELEASED)
        return tuple(reservation.id for reservation in live)

    def extend(self, reservations: Iterable[str], *, expires_at: datetime | None) -> tuple[str, ...]:
        """Set when live reservations may expire."""
        expiry = to_expiry(expires_at)
        with self._session.writing():
            live = list(self._find_live(reservations))
            for reservation in live:
                self._reservations.changes[reservation.id] = attrs.evolve(reservation, expires_at=expiry)
        return tuple(reservation.id for reservation in live)

    def consume(self, reservation: str, quantity: int, *, at: datetime) -> None:
        """Let goods leave: on hand and reserved fall together."""
        del at  # as in reserve
        with self._session.writing():
            found = next(self._find_live([reservation]), None)
            if found is None:
                check_quantity("quantity", quantity, 1)
                raise ReservationEnded(reservation)
            self._reservations.changes[reservation] = found.consume(quantity)
            self._items.changes[found.item] = self._items.find_latest(found.item).consume(quantity)

    def expire(self, *, now: datetime, limit: int = 100) -> tuple[str, ...]:
        """End up to `limit` live reservations that expire at or before `now`."""
        with self._session.writing():
            due = [found for found in self._scan_live() if found.expires_at is not None and found.expires_at <= now]
            due = sorted(due, key=lambda found: (found.expires_at or now, found.id))[:limit]
            for reservation in due:
                self._end(reservation, ReservationState.EXPIRED)
        self._outbox.publish(found.to_expired(now) for found in due)
        return tuple(sorted(found.id for found in due))

    def _owns(self, merchant: str) -> bool:
        return self._session.scope.covers(merchant=merchant)

    def _find_own_level(self, item: str) -> StockLevel | None:
        level: StockLevel | None = self._items.find_latest(item)
        return level if level is not None and self._owns(level.merchant) else None

    def _find_live(self, ids: Iterable[str]) -> Iterator[Reservation]:
        for key in sorted(set(ids)):
            found: Reservation | None = self._reservations.find_latest(key)
            if found is not None and found.state is ReservationState.LIVE and self._owns(found.merchant):
                yield found

    def _scan_live(self) -> list[Reservation]:
        live = self._reservations.scan({"state": ReservationState.LIVE}, latest=True)
        return [found for _, found in live if self._owns(found.merchant)]

    def _end(self, reservation: Reservation, state: ReservationState) -> None:
        self._reservations.changes[reservation.id] = attrs.evolve(reservation, state=state)
        level: StockLevel = self._items.find_latest(reservation.item)
        self._items.changes[reservation.item] = level.release(reservation.remaining)
