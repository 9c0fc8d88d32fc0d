"""Counters and the inbox in SQL: one guarded statement each."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mktcore.access.unit_checks import check_authority
from mktcore.persistence.counters import FULL, MAX_CLAIMED, check_amount, cut_limit
from mktcore.persistence.errors import NotClaimed
from mktcore.sql.column_comparisons import insert_new
from mktcore.sql.driver_statements import Call
from mktcore.sql.ledger_rows import in_batches
from mktcore.sql.row_lock_queue import list_locks, stand_in_line
from mktcore.sql.session import SqlSession
from mktcore.sql.store_tables import SystemTables

__all__ = ["SqlCounters", "SqlInbox"]


class SqlCounters:
    """Counts that many writers share."""

    def __init__(self, session: SqlSession) -> None:
        """Work inside a unit's session."""
        self._session = session

    def claim(self, name: str, amount: int, limit: int) -> bool:
        """Add `amount` when the counter then stays at or below `limit`; tell whether it did."""
        check_amount(amount)
        most = cut_limit(limit)
        self._check_scope(name)
        # The first claim of a counter is an insertion, which the statement's condition does not guard.
        if amount > most:
            return False
        stand_in_line(self._session, self._session.tables.counters.fullname, (name,))
        build = _build_claim_postgresql if self._session.is_postgresql else _build_claim_sqlite
        statement = self._session.tables.prepare(build)
        # What is left before the claim, and not the sum: that could be more than a database can count.
        room = most - amount
        return self._session.write(statement, {"name": name, "claimed": amount, "room": room}).rowcount == 1

    def advance(self, name: str, amount: int = 1) -> int:
        """Add `amount`, and return what the counter then holds."""
        check_amount(amount)
        self._check_scope(name)
        if amount > MAX_CLAIMED:  # more than a statement could be told
            raise ValueError(FULL)
        build = _build_advance_postgresql if self._session.is_postgresql else _build_advance_sqlite
        values = {"name": name, "claimed": amount, "room": MAX_CLAIMED - amount}
        # The wait in line and the step go together: one round trip.
        calls = list_locks(self._session, self._session.tables.counters.fullname, (name,))
        *_, answer = self._session.write_together([*calls, Call(self._session.tables.prepare(build), values)])
        if not answer.rows:
            raise ValueError(FULL)
        return int(answer.rows[0][0])

    def release(self, name: str, amount: int) -> None:
        """Give back what was claimed."""
        check_amount(amount)
        self._check_scope(name)
        release = self._session.tables.prepare(_build_release)
        if amount > MAX_CLAIMED or self._session.write(release, {"counter": name, "amount": amount}).rowcount != 1:
            raise NotClaimed(name, amount)

    def count(self, name: str) -> int:
        """Return what is claimed now."""
        self._check_scope(name)
        columns = self._session.tables.counters.c
        found = self._session.read(select(columns.claimed).where(columns.name == name)).scalar_one_or_none()
        return int(found or 0)

    def count_many(self, names: Iterable[str]) -> dict[str, int]:
        """Return what is claimed now of each."""
        found = dict.fromkeys(names, 0)
        self._check_scope(next(iter(found), ""))
        columns = self._session.tables.counters.c
        for batch in in_batches(sorted(found)):
            rows = self._session.read(select(columns.name, columns.claimed).where(columns.name.in_(batch)))
            found |= {row.name: int(row.claimed) for row in rows}
        return found

    def _check_scope(self, name: str) -> None:
        check_authority(self._session.scope, "counter", name)


class SqlInbox:
    """Events that consumers handled."""

    def __init__(self, session: SqlSession) -> None:
        """Work inside a unit's session."""
        self._session = session

    def take(self, consumer: str, event_id: str) -> bool:
        """Note that `consumer` handles this event; False when it did before."""
        check_authority(self._session.scope, "event", event_id)
        insert = insert_new(self._session.tables.inbox, is_postgresql=self._session.is_postgresql)
        return self._session.write(insert, {"consumer": consumer, "event": event_id}).rowcount == 1


def _build_claim(tables: SystemTables, insert: Any) -> Any:
    raised = tables.counters.c.claimed + insert.excluded.claimed
    return insert.on_conflict_do_update(
        index_elements=["name"], set_={"claimed": raised}, where=tables.counters.c.claimed <= bindparam("room")
    )


def _build_claim_postgresql(tables: SystemTables) -> Any:
    return _build_claim(tables, postgresql.insert(tables.counters))


def _build_claim_sqlite(tables: SystemTables) -> Any:
    return _build_claim(tables, sqlite.insert(tables.counters))


def _build_advance_postgresql(tables: SystemTables) -> Any:
    return _build_claim_postgresql(tables).returning(tables.counters.c.claimed)


def _build_advance_sqlite(tables: SystemTables) -> Any:
    return _build_claim_sqlite(tables).returning(tables.counters.c.claimed)


def _build_release(tables: SystemTables) -> Any:
    columns = tables.counters.c
    enough = columns.claimed >= bindparam("amount")
    statement = update(tables.counters).where(columns.name == bindparam("counter"), enough)
    return statement.values(claimed=columns.claimed - bindparam("amount"))
