"""Guarded verbs over tables, for stores where one unit writes at a time or transactions are serializable.

There a guard may be a comparison in Python: nobody else writes between it and the write. A store where others may
write meanwhile (PostgreSQL at "read committed") needs each guard in the statement that writes instead.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from datetime import datetime
from typing import Any, Protocol

import attrs

from mktcore.access import Permission
from mktcore.access.unit_checks import check_part
from mktcore.events import Event
from mktcore.persistence import NotFound, Scope, UniqueViolation
from mktcore.persistence.queries import check_limit
from mktcore.stock import (
    GoodsReturn,
    Reservation,
    ReservationRequest,
    ReturnCondition,
    Shortage,
    StockChange,
    StockCount,
    StockLevel,
)
from mktcore.stock.events import GoodsReturned, ReservationExpired, ShortageRecorded
from mktcore.stock.goods_return import PiecesNotAway
from mktcore.stock.quantity import check_quantity
from mktcore.stock.reservation import ReservationEnded, ReservationState, to_expiry
from mktcore.stock.shortage import find_shortages, sum_stock_changes

__all__ = ["COUNTERS", "INBOX", "RESERVATIONS", "STOCK", "StockBook", "TableUnit"]

STOCK, RESERVATIONS, COUNTERS, INBOX = "mktcore_stock", "mktcore_reservation", "mktcore_counter", "mktcore_inbox"


class TableUnit(Protocol):
    """What the books need of a unit of work."""

    @property
    def scope(self) -> Scope:
        """Who is asking."""
        ...

    def publish(self, events: Iterable[Event]) -> None:
        """Write events to the outbox."""
        ...

    def read(self, table: str) -> Mapping[Any, Any]:
        """Return the rows of a table by key, as this unit sees them."""
        ...

    def change(self, table: str) -> MutableMapping[Any, Any]:
        """Be the unit that writes, and return the rows as they are now, for guards to compare and for changes."""
        ...


class StockBook:
    """The port `mktcore.stock.Stock` over a table of `StockLevel` by item and one of `Reservation` by id."""

    def __init__(self, unit: TableUnit) -> None:
        """Work inside a unit."""
        self._opened = unit

    @property
    def _unit(self) -> TableUnit:
        # Asked at each use: a unit has stock from the start, and a user may never come near it.
        check_part(self._opened.scope, Permission.STOCK)
        return self._opened

    def set_on_hand(self, counts: Iterable[StockCount], *, at: datetime) -> None:
        """Record what merchants counted."""
        levels = self._unit.change(STOCK)
        counted: dict[str, StockLevel] = {}
        # Of two counts of one item the last holds.
        for item, count in sorted({count.item: count for count in counts}.items()):
            known = levels.get(item) or StockLevel(item, count.merchant, 0)
            if known.merchant != count.merchant or not self._unit.scope.covers(merchant=count.merchant):
                raise NotFound("stock_item", item)
            counted[item] = known.count(count)
        # Only now, when every count was allowed: all are stored, or none.
        levels.update(counted)
        self._unit.publish(ShortageRecorded.of(level, at) for level in counted.values() if level.short)

    def change_on_hand(self, changes: Iterable[StockChange], *, at: datetime) -> dict[str, StockLevel]:
        """Record pieces that came in and went out."""
        levels = self._unit.change(STOCK)
        asked = tuple(changes)
        merchants = {change.item: change.merchant for change in asked}
        changed: dict[str, StockLevel] = {}
        for item, pieces in sum_stock_changes(asked).items():
            known = levels.get(item) or StockLevel(item, merchants[item], 0)
            owners = {known.merchant, *(one.merchant for one in asked if one.item == item)}
            if len(owners) > 1 or not self._unit.scope.covers(merchant=known.merchant):
                raise NotFound("stock_item", item)
            changed[item] = known.change(pieces)
        levels.update(changed)
        self._unit.publish(ShortageRecorded.of(level, at) for level in changed.values() if level.short)
        return changed

    def find_levels(self, items: Iterable[str]) -> dict[str, StockLevel]:
        """Return the items that exist, by id."""
        return dict(self._find(self._unit.read(STOCK), items))

    def find_reservations(self, ids: Iterable[str]) -> dict[str, Reservation]:
        """Return the reservations that exist, by id."""
        return dict(self._find(self._unit.read(RESERVATIONS), ids))

    def reserve(
        self, requests: Iterable[ReservationRequest], *, expires_at: datetime | None, at: datetime
    ) -> tuple[Shortage, ...]:
        """Claim the pieces of every request, or none of them."""
        del at  # a reservation tells when it ends, not when it began
        asked = tuple(requests)
        stock, held = self._unit.change(STOCK), self._unit.change(RESERVATIONS)
        levels = dict(self._find(stock, [request.item for request in asked]))
        shortages = find_shortages(levels, asked)
        if shortages:
            return shortages
        made: dict[str, Reservation] = {}
        for request in asked:
            if request.id in made or held.get(request.id) is not None:
                raise UniqueViolation("reservation", ("id",), (request.id,))
            level = levels[request.item]
            # Requests for one item add up: each is taken from what the one before it left.
            levels[request.item] = level.release(-request.quantity)
            made[request.id] = Reservation(
                request.id, request.item, level.merchant, quantity=request.quantity, expires_at=to_expiry(expires_at)
            )
        stock.update(levels)
        held.update(made)
        return ()

    def release(self, reservations: Iterable[str], *, at: datetime) -> tuple[str, ...]:
        """End reservations without consuming the rest of them."""
        del at  # as in reserve
        return self._change_live(reservations, state=ReservationState.RELEASED)

    def extend(self, reservations: Iterable[str], *, expires_at: datetime | None) -> tuple[str, ...]:
        """Set when live reservations may expire."""
        return self._change_live(reservations, expires_at=to_expiry(expires_at))

    def consume(self, pieces: Mapping[str, int], *, at: datetime) -> None:
        """Let goods leave: on hand and reserved fall together."""
        del at  # as in reserve
        self._take(pieces, Reservation.consume, StockLevel.consume)

    def give_back(self, pieces: Mapping[str, int], *, at: datetime) -> None:
        """Make pieces of reservations available again."""
        del at  # as in reserve
        self._take(pieces, Reservation.give_back, StockLevel.release)

    def lock(self, reservations: Iterable[str]) -> None:
        """Be the unit that writes: there is nothing else to lock."""
        del reservations
        self._unit.change(STOCK)

    def recall(self, pieces: Mapping[str, int], *, at: datetime) -> None:
        """Take pieces that left back into their reservations."""
        del at  # as in reserve
        known = self._find_all(self._unit.change(RESERVATIONS), pieces)
        for key, quantity in sorted(pieces.items()):
            if key not in known:
                raise PiecesNotAway(key, 0, quantity)
        self._take(pieces, Reservation.recall, StockLevel.recall)

    def restock(self, returns: Iterable[GoodsReturn], *, at: datetime) -> None:
        """Note what became of pieces that left."""
        stock, held = self._unit.change(STOCK), self._unit.change(RESERVATIONS)
        asked = sorted(returns, key=lambda one: one.reservation)
        found = self._find_all(held, [one.reservation for one in asked])
        for one in asked:
            if one.reservation not in found:
                raise PiecesNotAway(one.reservation, 0, one.quantity)
            found[one.reservation] = found[one.reservation].restock(one.quantity)
        held.update(found)
        for one in asked:
            item = found[one.reservation].item
            if one.condition is ReturnCondition.SELLABLE:
                stock[item] = stock[item].restock(one.quantity)
        self._unit.publish(GoodsReturned.of(found[one.reservation], one, at) for one in asked)

    def _take(
        self,
        pieces: Mapping[str, int],
        reduce: Callable[[Reservation, int], Reservation],
        change: Callable[[StockLevel, int], StockLevel],
    ) -> None:
        stock, held = self._unit.change(STOCK), self._unit.change(RESERVATIONS)
        found = self._find_all(held, pieces)
        for key, quantity in sorted(pieces.items()):
            check_quantity("quantity", quantity, 1)
            if key not in found:
                raise ReservationEnded(key)
        # All are reduced before the first is stored: one that is too small refuses the others with it.
        reduced = {key: reduce(reservation, pieces[key]) for key, reservation in found.items()}
        held.update(reduced)
        for key, reservation in reduced.items():
            stock[reservation.item] = change(stock[reservation.item], pieces[key])

    def expire(self, *, now: datetime, limit: int = 100) -> tuple[str, ...]:
        """End up to `limit` live reservations that expire at or before `now`."""
        check_limit(limit)
        due = [
            found
            for found in self._find_live()
            if found.expires_at is not None
            and found.expires_at <= now
            and self._unit.scope.covers(merchant=found.merchant)
        ]
        # Longest overdue first, so that a limit starves none.
        due = sorted(due, key=lambda found: (found.expires_at or now, found.id))[:limit]
        self._unit.publish(ReservationExpired.of(found, now) for found in due)
        return self._change_live([found.id for found in due], state=ReservationState.EXPIRED)

    def _find_live(self) -> Iterable[Reservation]:
        """Return every live reservation; a store with an index overrides this."""
        return [found for found in self._unit.change(RESERVATIONS).values() if found.remaining]

    def _find(self, rows: Mapping[str, Any], keys: Iterable[str]) -> Iterator[tuple[str, Any]]:
        """Yield the rows that exist for the scope, in the order of keys."""
        for key in sorted(set(keys)):
            found = rows.get(key)
            if found is not None and self._unit.scope.covers(merchant=found.merchant):
                yield key, found

    def _find_all(self, rows: Mapping[str, Reservation], keys: Iterable[str]) -> dict[str, Reservation]:
        return dict(self._find(rows, keys))

    def _change_live(self, ids: Iterable[str], **changes: Any) -> tuple[str, ...]:
        stock, held = self._unit.change(STOCK), self._unit.change(RESERVATIONS)
        live = [found for _, found in self._find(held, ids) if found.remaining]
        for found in live:
            changed = held[found.id] = attrs.evolve(found, **changes)
            # Whoever is only extended keeps all it holds, and gives nothing back here.
            stock[found.item] = stock[found.item].release(found.remaining - changed.remaining)
        return tuple(found.id for found in live)
