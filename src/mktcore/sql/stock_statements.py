"""The statements that change stock, each with its guard, built once for the tables of a store."""

from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mktcore.sql.column_comparisons import insert_new, is_among
from mktcore.sql.store_tables import SystemTables
from mktcore.stock.reservation import ReservationState

__all__ = [
    "LIVE",
    "build_add_postgresql",
    "build_add_reservation",
    "build_add_sqlite",
    "build_arrive",
    "build_consume",
    "build_consume_part",
    "build_find_levels",
    "build_find_reservations",
    "build_find_taken",
    "build_recall",
    "build_refill",
    "build_release",
    "build_release_part",
    "build_reserve",
    "build_restock",
    "build_upsert_postgresql",
    "build_upsert_sqlite",
    "select_levels",
]

LIVE = ReservationState.LIVE.value
PIECES: ColumnElement[int] = bindparam("pieces")


def select_levels(tables: SystemTables) -> Any:
    """Read stock items."""
    columns = tables.stock.c
    return select(columns.item, columns.merchant, columns.on_hand, columns.reserved, columns.backorder)


def build_find_levels(tables: SystemTables, *, is_postgresql: bool, is_owned: bool, locks: bool = False) -> Any:
    """Read the stock items among `ids`, of `owner` alone where they are owned, and lock them in the order of ids."""
    columns = tables.stock.c
    found = select_levels(tables).where(is_among(columns.item, "ids", is_postgresql=is_postgresql))
    if is_owned:
        found = found.where(columns.merchant == bindparam("owner"))
    # SQLite has no "for update" and needs none: the transaction that writes is alone.
    return found.order_by(columns.item).with_for_update() if locks else found


def build_find_reservations(tables: SystemTables, *, is_postgresql: bool, is_owned: bool, is_live: bool = False) -> Any:
    """Read the reservations among `ids`, of `owner` alone where they are owned."""
    columns = tables.reservations.c
    found = select(tables.reservations).where(is_among(columns.id, "ids", is_postgresql=is_postgresql))
    if is_owned:
        found = found.where(columns.merchant == bindparam("owner"))
    return found.where(columns.state == LIVE) if is_live else found


def build_find_taken(tables: SystemTables, *, is_postgresql: bool) -> Any:
    """Read which of `ids` are those of reservations, whoever has them."""
    column = tables.reservations.c.id
    return select(column).where(is_among(column, "ids", is_postgresql=is_postgresql)).order_by(column)


def build_consume_part(tables: SystemTables) -> Any:
    """Let pieces of a live reservation leave; with the last of them it is consumed."""
    return _build_take(tables, "consumed", ReservationState.CONSUMED)


def build_release_part(tables: SystemTables) -> Any:
    """Give back pieces of a live reservation; with the last of them it is released."""
    return _build_take(tables, "given_back", ReservationState.RELEASED)


def _build_take(tables: SystemTables, column: str, end: ReservationState) -> Any:
    columns = tables.reservations.c
    remaining = columns.quantity - columns.consumed - columns.given_back
    is_live = and_(columns.id == bindparam("taken"), columns.state == LIVE)
    ended = case((remaining == PIECES, end.value), else_=LIVE)
    change = {column: columns[column] + PIECES, "state": ended}
    return update(tables.reservations).where(is_live, remaining >= PIECES).values(change)


def build_recall(tables: SystemTables) -> Any:
    """Take pieces that left back into their reservation, which is live from then on."""
    columns = tables.reservations.c
    ended_with = case((columns.state == LIVE, columns.given_back), else_=columns.quantity - columns.consumed)
    change = {"consumed": columns.consumed - PIECES, "given_back": ended_with, "state": LIVE}
    return _update_away(tables).values(change)


def build_restock(tables: SystemTables) -> Any:
    """Count pieces that left as come back."""
    return _update_away(tables).values(returned=tables.reservations.c.returned + PIECES)


def _update_away(tables: SystemTables) -> Any:
    columns = tables.reservations.c
    is_away = and_(columns.id == bindparam("taken"), columns.consumed - columns.returned >= PIECES)
    return update(tables.reservations).where(is_away)


def build_add_reservation(tables: SystemTables, *, is_postgresql: bool) -> Any:
    """Add a reservation unless its id is taken."""
    return insert_new(tables.reservations, is_postgresql=is_postgresql)


def build_reserve(tables: SystemTables) -> Any:
    """Promise pieces of an item that has as many available."""
    columns = tables.stock.c
    change = update(tables.stock).where(columns.item == bindparam("changed"))
    free = columns.on_hand + columns.backorder - columns.reserved
    return change.where(free >= PIECES).values(reserved=columns.reserved + PIECES)


def build_release(tables: SystemTables) -> Any:
    """Give up the promise of pieces."""
    columns = tables.stock.c
    change = update(tables.stock).where(columns.item == bindparam("changed"))
    return change.where(columns.reserved >= PIECES).values(reserved=columns.reserved - PIECES)


def build_consume(tables: SystemTables) -> Any:
    """Let promised pieces leave."""
    on_hand = tables.stock.c.on_hand
    # A count from outside may have fallen below what leaves now; on hand never falls below nothing.
    return build_release(tables).values(on_hand=case((on_hand > PIECES, on_hand - PIECES), else_=0))


def build_arrive(tables: SystemTables) -> Any:
    """Let pieces come back on hand."""
    columns = tables.stock.c
    change = update(tables.stock).where(columns.item == bindparam("changed"))
    return change.values(on_hand=columns.on_hand + PIECES)


def build_refill(tables: SystemTables) -> Any:
    """Let pieces come back on hand and be promised again."""
    return build_arrive(tables).values(reserved=tables.stock.c.reserved + PIECES)


def _build_upsert(tables: SystemTables, insert: Any) -> Any:
    counted = {"on_hand": insert.excluded.on_hand, "backorder": insert.excluded.backorder}
    statement = insert.on_conflict_do_update(
        index_elements=["item"], set_=counted, where=tables.stock.c.merchant == insert.excluded.merchant
    )
    return statement.returning(*select_levels(tables).selected_columns)


def build_upsert_postgresql(tables: SystemTables) -> Any:
    """Record counts of new and known items of a merchant's."""
    return _build_upsert(tables, postgresql.insert(tables.stock))


def build_upsert_sqlite(tables: SystemTables) -> Any:
    """Record counts, as PostgreSQL does."""
    return _build_upsert(tables, sqlite.insert(tables.stock))


def _build_add(tables: SystemTables, insert: Any) -> Any:
    columns = tables.stock.c
    total = columns.on_hand + insert.excluded.on_hand
    statement = insert.on_conflict_do_update(
        index_elements=["item"], set_={"on_hand": total}, where=columns.merchant == insert.excluded.merchant
    )
    return statement.returning(*select_levels(tables).selected_columns)


def build_add_postgresql(tables: SystemTables) -> Any:
    """Make items of a merchant's, or add pieces to those that are there by now."""
    return _build_add(tables, postgresql.insert(tables.stock))


def build_add_sqlite(tables: SystemTables) -> Any:
    """Add pieces, as PostgreSQL does."""
    return _build_add(tables, sqlite.insert(tables.stock))
