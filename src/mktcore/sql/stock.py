"""Stock in SQL: every guard is in the statement that writes, every lock in the order of item ids."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

import attrs
from sqlalchemy import ColumnElement, Row, and_, false, select, true, update

from mktcore.persistence import NotFound, Outbox, Party, UniqueViolation
from mktcore.persistence.queries import check_limit
from mktcore.sql.driver_statements import Call
from mktcore.sql.ledger_rows import in_batches
from mktcore.sql.row_lock_queue import list_locks
from mktcore.sql.session import SqlSession
from mktcore.sql.stock_statements import (
    LIVE,
    build_add_postgresql,
    build_add_reservation,
    build_add_sqlite,
    build_arrive,
    build_consume,
    build_consume_part,
    build_find_levels,
    build_find_reservations,
    build_find_taken,
    build_recall,
    build_refill,
    build_release,
    build_release_part,
    build_reserve,
    build_restock,
    build_upsert_postgresql,
    build_upsert_sqlite,
)
from mktcore.sql.types import read_column_instant
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
from mktcore.stock.reservation import ReservationEnded, ReservationState, ReservationTooSmall, to_expiry
from mktcore.stock.shortage import find_shortages, sum_requests, sum_stock_changes

__all__ = ["SqlStock"]

BuildStatement = Callable[..., Any]
_NOBODY = ""
"""No merchant's id."""


class SqlStock:
    """Stock items and reservations, as one unit may see and change them.

    Whoever changes a reservation locks its item first, and items are locked in the order of their ids; so two units
    that touch the same items wait for each other and cannot deadlock.
    """

    def __init__(self, session: SqlSession, outbox: Outbox) -> None:
        """Work inside a unit's session, and tell its outbox."""
        self._session = session
        self._outbox = outbox
        self._tables = session.tables
        self._stock = session.tables.stock
        self._reservations = session.tables.reservations

    def set_on_hand(self, counts: Iterable[StockCount], *, at: datetime) -> None:
        """Record what merchants counted; see `mktcore.stock.Stock`."""
        kept = {count.item: count for count in counts}
        for item, count in sorted(kept.items()):
            if not self._session.scope.covers(merchant=count.merchant):
                raise NotFound("stock_item", item)
        statement = self._tables.prepare(
            build_upsert_postgresql if self._session.is_postgresql else build_upsert_sqlite
        )
        short: list[StockLevel] = []
        with self._session.undo_on_error():
            for batch in in_batches([kept[item] for item in sorted(kept)]):
                rows = [
                    {
                        "item": one.item,
                        "merchant": one.merchant,
                        "on_hand": one.on_hand,
                        "reserved": 0,
                        "backorder": one.backorder,
                    }
                    for one in batch
                ]
                levels = [_to_level(row) for row in self._session.write(statement, rows)]
                if len(levels) != len(rows):  # the rest belongs to other merchants
                    raise NotFound(
                        "stock_item",
                        min(kept.keys() & {row["item"] for row in rows} - {level.item for level in levels}),
                    )
                short += [level for level in levels if level.short]
        self._outbox.publish(ShortageRecorded.of(level, at) for level in sorted(short, key=lambda level: level.item))

    def change_on_hand(self, changes: Iterable[StockChange], *, at: datetime) -> dict[str, StockLevel]:
        """Record pieces that came in and went out."""
        asked = sorted(changes, key=lambda change: (change.item, change.merchant))
        totals = sum_stock_changes(asked)
        locked = self._lock_levels(totals)
        known = dict(locked)
        for change in asked:
            level = known.get(change.item) or StockLevel(change.item, change.merchant, 0)
            if level.merchant != change.merchant or not self._session.scope.covers(merchant=level.merchant):
                raise NotFound("stock_item", change.item)
            known[change.item] = level
        changed = {item: known[item].change(pieces) for item, pieces in totals.items()}
        self._change_levels(build_arrive, {item: pieces for item, pieces in totals.items() if item in locked})
        self._make_items([changed[item] for item in totals if item not in locked])
        self._outbox.publish(ShortageRecorded.of(level, at) for level in changed.values() if level.short)
        return changed

    def _make_items(self, levels: Sequence[StockLevel]) -> None:
        """Store items that nobody counted before; who makes one at the same time adds to what the first has made."""
        statement = self._tables.prepare(build_add_postgresql if self._session.is_postgresql else build_add_sqlite)
        with self._session.undo_on_error():
            for batch in in_batches(levels):
                rows = [attrs.asdict(level) for level in batch]
                written = {row[0]: _to_level(row) for row in self._session.write(statement, rows)}
                if unwritten := {level.item for level in batch} - written.keys():  # these belong to other merchants
                    raise NotFound("stock_item", min(unwritten))
                # What another unit made between the look and the write is not what was decided on.
                if written != {level.item: level for level in batch}:
                    raise self._session.lose("another unit made the same stock item")

    def find_levels(self, items: Iterable[str]) -> dict[str, StockLevel]:
        """Return the items that exist, by id."""
        wanted, noted = set(items), self._session.noted
        held = None if noted is None else noted.find_levels(wanted)
        if held is not None:
            return {row[0]: _to_level(row) for row in held}
        return self._find_levels([self._seek(build_find_levels, batch) for batch in in_batches(sorted(wanted))])

    def _find_levels(self, calls: list[Call]) -> dict[str, StockLevel]:
        return {row[0]: _to_level(row) for answer in self._session.read_together(calls) for row in answer.rows}

    def find_reservations(self, ids: Iterable[str]) -> dict[str, Reservation]:
        """Return the reservations that exist, by id."""
        found: dict[str, Reservation] = {}
        for batch in in_batches(sorted(set(ids))):
            rows = self._find_among(build_find_reservations, batch)
            found |= {row[0]: _to_reservation(row) for row in rows}
        return found

    def _find_among(self, build: BuildStatement, ids: list[str], **choices: bool) -> Sequence[Sequence[Any]]:
        """Return the rows that have one of these ids and are the scope's."""
        return self._session.read_together([self._seek(build, ids, **choices)])[0].rows

    def _seek(self, build: BuildStatement, ids: list[str], **choices: bool) -> Call:
        """Return the query for the rows that have one of these ids and are the scope's."""
        scope, owner = self._session.scope, dict[str, str]()
        if scope.party is not Party.OPERATOR:
            owner["owner"] = scope.id if scope.party is Party.MERCHANT else _NOBODY
        statement = self._tables.prepare(
            build, is_postgresql=self._session.is_postgresql, is_owned=bool(owner), **choices
        )
        return Call(statement, {"ids": ids, **owner})

    def reserve(
        self, requests: Iterable[ReservationRequest], *, expires_at: datetime | None, at: datetime
    ) -> tuple[Shortage, ...]:
        """Claim the pieces of every request, or none of them."""
        del at  # a reservation tells when it ends, not when it began
        asked = tuple(requests)
        expiry = to_expiry(expires_at)
        totals = sum_requests(asked)
        levels, taken = self._lock_for(totals, {request.id for request in asked})
        shortages = find_shortages(levels, asked)
        if shortages or not asked:
            return shortages
        _check_new([request.id for request in asked], taken)
        rows = [
            {
                "id": request.id,
                "item": request.item,
                "merchant": levels[request.item].merchant,
                "quantity": request.quantity,
                "consumed": 0,
                "given_back": 0,
                "returned": 0,
                "state": LIVE,
                "expires_at": expiry,
            }
            for request in asked
        ]
        insert = self._tables.prepare(build_add_reservation, is_postgresql=self._session.is_postgresql)
        change = [{"changed": item, "pieces": totals[item]} for item in sorted(totals)]
        calls = [Call(insert, rows), Call(self._tables.prepare(build_reserve), change)]
        added, changed = self._session.write_together(calls)
        self._expect(added.count, len(rows))
        self._expect(changed.count, len(change))
        return ()

    def _lock_for(self, items: Iterable[str], ids: AbstractSet[str]) -> tuple[dict[str, StockLevel], set[str]]:
        """Lock items, and return those that exist, with those ids of reservations that somebody has."""
        self._session.begin_writing()
        ordered = sorted(items)
        locks = list_locks(self._session, self._stock.fullname, ordered)
        levels = [self._seek(build_find_levels, batch, locks=True) for batch in in_batches(ordered)]
        # Whoever has them: an id is taken, and not only from its owner.
        find = self._tables.prepare(build_find_taken, is_postgresql=self._session.is_postgresql)
        taken = [Call(find, {"ids": batch}) for batch in in_batches(sorted(ids))]
        answers = self._session.read_together([*locks, *levels, *taken])
        found = [row for answer in answers[len(locks) : len(locks) + len(levels)] for row in answer.rows]
        has = {row[0] for answer in answers[len(locks) + len(levels) :] for row in answer.rows}
        return {row[0]: _to_level(row) for row in found}, has

    def release(self, reservations: Iterable[str], *, at: datetime) -> tuple[str, ...]:
        """End reservations without consuming the rest of them."""
        del at  # as in reserve
        ended = self._end(sorted(set(reservations)), ReservationState.RELEASED, true())
        return tuple(sorted(row.id for row in ended))

    def extend(self, reservations: Iterable[str], *, expires_at: datetime | None) -> tuple[str, ...]:
        """Set when live reservations may expire."""
        changed: list[str] = []
        for batch in in_batches(sorted(set(reservations))):
            live = self._lock_items_of(batch)
            statement = update(self._reservations).where(live).values(expires_at=to_expiry(expires_at))
            changed += self._session.write(statement.returning(self._reservations.c.id)).scalars()
        return tuple(sorted(changed))

    def consume(self, pieces: Mapping[str, int], *, at: datetime) -> None:
        """Let goods leave: on hand and reserved fall together."""
        del at  # as in reserve
        self._take(pieces, part=build_consume_part, whole=build_consume)

    def give_back(self, pieces: Mapping[str, int], *, at: datetime) -> None:
        """Make pieces of reservations available again."""
        del at  # as in reserve
        self._take(pieces, part=build_release_part, whole=build_release)

    def _take(self, pieces: Mapping[str, int], *, part: BuildStatement, whole: BuildStatement) -> None:
        """Take pieces out of live reservations, end those that are used up, and change their items' levels."""
        for quantity in pieces.values():
            check_quantity("quantity", quantity, 1)
        if not pieces:
            return
        self._lock_items(pieces, are_live=True)
        found = self.find_reservations(pieces)  # their items are locked, so they stay as they are read
        totals: dict[str, int] = {}
        for key, quantity in sorted(pieces.items()):
            reservation = found.get(key)
            if reservation is None or not reservation.remaining:
                raise ReservationEnded(key)
            if quantity > reservation.remaining:
                raise ReservationTooSmall(key, reservation.remaining, quantity)
            totals[reservation.item] = totals.get(reservation.item, 0) + quantity
        self._change_reservations(part, pieces)
        self._change_levels(whole, totals)

    def lock(self, reservations: Iterable[str]) -> None:
        """Lock the items of reservations until the unit ends."""
        self._lock_items(set(reservations))

    def recall(self, pieces: Mapping[str, int], *, at: datetime) -> None:
        """Take pieces that left back into their reservations."""
        del at  # as in reserve
        for quantity in pieces.values():
            check_quantity("quantity", quantity, 1)
        found = self._lock_away(pieces)
        self._change_reservations(build_recall, pieces)
        self._change_levels(build_refill, _sum_by_item(found, pieces))

    def restock(self, returns: Iterable[GoodsReturn], *, at: datetime) -> None:
        """Note what became of pieces that left."""
        asked = sorted(returns, key=lambda one: one.reservation)
        total, sellable = Counter[str](), Counter[str]()
        for one in asked:
            total[one.reservation] += one.quantity
            if one.condition is ReturnCondition.SELLABLE:
                sellable[one.reservation] += one.quantity
        found = self._lock_away(total)
        self._change_reservations(build_restock, total)
        self._change_levels(build_arrive, _sum_by_item(found, sellable))
        self._outbox.publish(GoodsReturned.of(found[one.reservation], one, at) for one in asked)

    def _lock_away(self, pieces: Mapping[str, int]) -> dict[str, Reservation]:
        """Return the reservations that pieces left, their items locked, when so many pieces of each are away."""
        self._lock_items(pieces)
        found = self.find_reservations(pieces)
        for key, quantity in sorted(pieces.items()):
            away = found[key].away if key in found else 0
            if quantity > away:
                raise PiecesNotAway(key, away, quantity)
        return found

    def _change_reservations(self, change: BuildStatement, pieces: Mapping[str, int]) -> None:
        if pieces:
            rows = [{"taken": key, "pieces": quantity} for key, quantity in sorted(pieces.items())]
            self._expect(self._session.change(self._tables.prepare(change), rows), len(rows))

    def expire(self, *, now: datetime, limit: int = 100) -> tuple[str, ...]:
        """End up to `limit` live reservations that expire at or before `now`."""
        check_limit(limit)
        columns = self._reservations.c
        due = and_(columns.state == LIVE, columns.expires_at <= now, self._own(columns.merchant))
        found = select(columns.id).where(due).order_by(columns.expires_at, columns.id).limit(limit)
        # Read without a lock: what was extended or ended meanwhile fails the guards of the statement below.
        ids = list(self._session.read(found).scalars())
        ended = sorted(self._end(ids, ReservationState.EXPIRED, columns.expires_at <= now), key=lambda row: str(row.id))
        self._outbox.publish(ReservationExpired.of(_to_reservation(row), now) for row in ended)
        return tuple(row.id for row in ended)

    def _own(self, merchant: ColumnElement[Any]) -> ColumnElement[bool]:
        scope = self._session.scope
        if scope.party is Party.OPERATOR:
            return true()
        return merchant == scope.id if scope.party is Party.MERCHANT else false()

    def _lock_levels(self, items: Iterable[str]) -> dict[str, StockLevel]:
        """Return the items that exist, each locked until the unit ends."""
        return self._lock_for(items, set())[0]

    def _lock_items_of(self, ids: Sequence[str]) -> ColumnElement[bool]:
        """Lock the items of live reservations, and return the condition that one of these is live and the scope's."""
        columns = self._reservations.c
        live = and_(columns.id.in_(ids), columns.state == LIVE, self._own(columns.merchant))
        self._lock_items(ids, are_live=True)
        return live

    def _lock_items(self, ids: Iterable[str], *, are_live: bool = False) -> None:
        """Lock the items of all these reservations at once, so that they are locked in the order of their own ids."""
        self._session.begin_writing()
        items: set[str] = set()
        for batch in in_batches(sorted(ids)):
            # Which items these are never changes; whether they are live may, and is asked again under the lock.
            items.update(row[1] for row in self._find_among(build_find_reservations, batch, is_live=are_live))
        self._lock_levels(items)

    def _end(
        self, ids: Sequence[str], state: ReservationState, guard: ColumnElement[bool]
    ) -> list[Row[*tuple[Any, ...]]]:
        ended: list[Row[*tuple[Any, ...]]] = []
        for batch in in_batches(ids):
            live = self._lock_items_of(batch)
            statement = (
                update(self._reservations).where(live, guard).values(state=state.value).returning(self._reservations)
            )
            ended += self._session.write(statement)
        totals: dict[str, int] = {}
        for row in ended:
            totals[row.item] = totals.get(row.item, 0) + row.quantity - row.consumed - row.given_back
        self._change_levels(build_release, totals)
        return ended

    def _change_levels(self, change: BuildStatement, totals: dict[str, int]) -> None:
        if totals:
            rows = [{"changed": item, "pieces": totals[item]} for item in sorted(totals)]
            self._expect(self._session.change(self._tables.prepare(change), rows), len(rows))

    def _expect(self, changed: int, expected: int) -> None:
        if changed != expected:
            raise self._session.lose("another unit changed the same stock")


def _check_new(ids: Sequence[str], taken: AbstractSet[str]) -> None:
    twice = {id_ for id_, count in Counter(ids).items() if count > 1}
    if taken or twice:
        raise UniqueViolation("reservation", ("id",), (min(taken or twice),))


def _sum_by_item(reservations: Mapping[str, Reservation], pieces: Mapping[str, int]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for key, quantity in pieces.items():
        item = reservations[key].item
        totals[item] = totals.get(item, 0) + quantity
    return totals


def _to_level(row: Sequence[Any]) -> StockLevel:
    item, merchant, on_hand, reserved, backorder = row
    return StockLevel(item, merchant, on_hand, reserved=reserved, backorder=backorder)


def _to_reservation(row: Sequence[Any]) -> Reservation:
    id_, item, merchant, quantity, consumed, given_back, state, expires_at, returned = row
    return Reservation(
        id_,
        item,
        merchant,
        quantity=quantity,
        consumed=consumed,
        given_back=given_back,
        state=ReservationState(state),
        expires_at=None if expires_at is None else read_column_instant(expires_at),
        returned=returned,
    )
