"""Transactions, entries and deltas in SQL: on PostgreSQL many rows in one statement, since each costs a round trip."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, Table, Text, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from mktcore.adapters.sql.ledger_rows import in_batches, list_entry_rows, to_transaction_row
from mktcore.adapters.sql.schema import SystemTables
from mktcore.adapters.sql.session import SqlSession
from mktcore.adapters.sql.statements import insert_new
from mktcore.adapters.sql.types import Instant
from mktcore.ledger.sum_changes import Changes

__all__ = ["SqlPostings"]

Rows = list[dict[str, Any]]
_TRANSACTIONS, _ENTRIES, _DELTAS = "ledger_transactions", "ledger_entries", "ledger_deltas"


class SqlPostings:
    """What is added to the books; nothing of it is changed once it is committed."""

    def __init__(self, session: SqlSession) -> None:
        """Work inside a unit's session."""
        self._session = session
        self._tables = session.tables

    def claim(self, changes: Changes, *, at: datetime) -> set[str]:
        """Write transactions whose keys are new, and return those keys.

        Where nothing but a used key can stand in the way, and none is used, entries and deltas are written too.
        """
        rows = [to_transaction_row(one, at) for one in changes.transactions]
        if not self._session.is_postgresql:
            return self._claim_one_by_one(rows, changes, at)
        if not changes.is_free:
            return set(self._write(_build_claim, {_TRANSACTIONS: rows}).scalars())
        everything = {_TRANSACTIONS: rows, _ENTRIES: list_entry_rows(changes, at), _DELTAS: list_deltas(changes)}
        return set(self._write(_build_claim_and_append, everything).scalars())

    def _claim_one_by_one(self, rows: Rows, changes: Changes, at: datetime) -> set[str]:
        table = self._tables.ledger_transactions
        insert: Any = insert_new(table, is_postgresql=False)
        new = set(self._session.write(insert.returning(table.c.key), rows).scalars())
        if changes.is_free and len(new) == len(rows):
            self.append(changes, at=at)
        return new

    def append(self, changes: Changes, *, at: datetime) -> None:
        """Write entries, and deltas of all that is raised."""
        entries, deltas = list_entry_rows(changes, at), list_deltas(changes)
        if self._session.is_postgresql:
            self._write(_build_append, {_ENTRIES: entries, _DELTAS: deltas})
            return
        self._session.write(self._tables.ledger_entries.insert(), entries)
        if deltas:
            self._session.write(self._tables.ledger_deltas.insert(), deltas)

    def forget(self, keys: Iterable[str]) -> None:
        """Take back transactions that this unit claimed, and nobody else has seen."""
        transactions = self._tables.ledger_transactions
        for batch in in_batches(sorted(keys)):
            self._session.write(delete(transactions).where(transactions.c.key.in_(batch)))

    def _write(self, build: Any, rows: Mapping[str, Rows]) -> Any:
        values: dict[str, Any] = {}
        for table, given in rows.items():
            for name in getattr(self._tables, table).c.keys():  # noqa: SIM118 - a collection of columns is no dict
                values[f"{table}_{name}"] = [row[name] for row in given]
        return self._session.write(self._tables.prepare(build), values)


def list_deltas(changes: Changes) -> Rows:
    """Return the deltas of all that is raised. A new transaction of the call makes them unlike any other call's."""
    return [
        {"account": str(account), "key": changes.transactions[0].key, "amount": change}
        for account, change in changes.raised.items()
    ]


def _build_claim(tables: SystemTables) -> Any:
    table = tables.ledger_transactions
    return _insert(_TRANSACTIONS, table).on_conflict_do_nothing().returning(table.c.key)


def _build_append(tables: SystemTables) -> Any:
    entries = _insert(_ENTRIES, tables.ledger_entries).cte("entries")
    return _insert(_DELTAS, tables.ledger_deltas).add_cte(entries)


def _build_claim_and_append(tables: SystemTables) -> Any:
    new = _build_claim(tables).cte("new")
    keys = bindparam(f"{_TRANSACTIONS}_key", type_=ARRAY(Text))
    is_all = select(func.count()).select_from(new).scalar_subquery() == func.cardinality(keys)
    entries = _insert(_ENTRIES, tables.ledger_entries, is_all).returning(tables.ledger_entries.c.id).cte("entries")
    deltas = _insert(_DELTAS, tables.ledger_deltas, is_all).returning(tables.ledger_deltas.c.key).cte("deltas")
    return select(new.c.key).add_cte(entries, deltas)


def _insert(name: str, table: Table, condition: Any = None) -> Any:
    """Return an insertion of rows that are given as an array for each column."""
    arrays = [bindparam(f"{name}_{column.name}", type_=ARRAY(_to_plain(column.type))) for column in table.columns]
    given = func.unnest(*arrays).table_valued(*[column.name for column in table.columns]).render_derived("given")
    rows = select(*given.c) if condition is None else select(*given.c).where(condition)
    return postgresql.insert(table).from_select([column.name for column in table.columns], rows)


def _to_plain(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    if isinstance(kind, Instant):
        return DateTime(timezone=True)
    return kind if isinstance(kind, BigInteger | Integer) else Text()
