"""Transactions, entries and deltas in SQL: on PostgreSQL many rows in one statement, since each costs a round trip."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, JSON, Text, and_, bindparam, cast, delete, func, select

from mktcore.ledger.sum_changes import AccountChanges
from mktcore.sql.column_comparisons import insert_new
from mktcore.sql.driver_statements import Call
from mktcore.sql.given_rows import insert_given, to_given
from mktcore.sql.ledger_accounts import NOTHING_TAKEN, Taking, build_take
from mktcore.sql.ledger_rows import in_batches, list_entry_rows, to_transaction_row
from mktcore.sql.session import SqlSession
from mktcore.sql.store_tables import SystemTables

__all__ = ["SqlPostings"]

Rows = list[dict[str, Any]]
_TRANSACTIONS, _ENTRIES, _DELTAS = "ledger_transactions", "ledger_entries", "ledger_deltas"


class SqlPostings:
    """What is added to the books; nothing of it is changed once it is committed."""

    def __init__(self, session: SqlSession) -> None:
        """Work inside a unit's session."""
        self._session = session
        self._tables = session.tables

    def claim(self, changes: AccountChanges, *, at: datetime) -> set[str]:
        """Write transactions whose keys are new, and return those keys."""
        rows = [to_transaction_row(one, at) for one in changes.transactions]
        if self._session.is_postgresql:
            return set(self._write(_build_claim, {_TRANSACTIONS: rows}).scalars())
        claim = self._tables.prepare(_build_claim_sqlite)
        answers = self._session.write_together([Call(claim, row) for row in rows])
        return {key for answer in answers for (key,) in answer.rows}

    def claim_and_append(
        self, changes: AccountChanges, taking: Taking | None, *, at: datetime
    ) -> tuple[set[str], bool]:
        """Claim keys and, where all are new and the one account has the room that is asked, write all the rest too.

        One statement where `claim`, a taking and `append` are three, for what most calls are. Of several accounts it
        could not tell in which order they are locked.

        Returns:
            The keys that were new, and whether the rest was written; else nothing of it was.
        """
        rows = [to_transaction_row(one, at) for one in changes.transactions]
        given = {_TRANSACTIONS: rows, _ENTRIES: list_entry_rows(changes, at), _DELTAS: list_deltas(changes)}
        values = NOTHING_TAKEN if taking is None else taking.to_values()
        found = self._write(_build_claim_and_append, given, {**values, "takings": int(taking is not None)}).all()
        is_written = len(found) == len(rows) and found[0].taken == int(taking is not None)
        return {row.key for row in found}, is_written

    def append(self, changes: AccountChanges, *, at: datetime) -> None:
        """Write entries, and deltas of all that is raised."""
        entries, deltas = list_entry_rows(changes, at), list_deltas(changes)
        if self._session.is_postgresql:
            self._write(_build_append, {_ENTRIES: entries, _DELTAS: deltas})
            return
        calls = [Call(self._tables.prepare(_build_entries_sqlite), entries)]
        if deltas:
            calls.append(Call(self._tables.prepare(_build_deltas_sqlite), deltas))
        self._session.write_together(calls)

    def forget(self, keys: Iterable[str]) -> None:
        """Take back transactions that this unit claimed, and nobody else has seen."""
        transactions = self._tables.ledger_transactions
        for batch in in_batches(sorted(keys)):
            self._session.write(delete(transactions).where(transactions.c.key.in_(batch)))

    def _write(self, build: Any, rows: Mapping[str, Rows], values: Mapping[str, Any] | None = None) -> Any:
        texts = {name: to_given(given) for name, given in rows.items()}
        return self._session.write(self._tables.prepare(build), {**texts, **(values or {})})


def list_deltas(changes: AccountChanges) -> Rows:
    """Return the deltas of all that is raised. A new transaction of the call makes them unlike any other call's."""
    return [
        {"account": str(account), "key": changes.transactions[0].key, "amount": change}
        for account, change in changes.raised.items()
    ]


def _build_claim(tables: SystemTables) -> Any:
    table = tables.ledger_transactions
    return insert_given(_TRANSACTIONS, table).on_conflict_do_nothing().returning(table.c.key)


def _build_claim_sqlite(tables: SystemTables) -> Any:
    table = tables.ledger_transactions
    insert: Any = insert_new(table, is_postgresql=False)
    return insert.returning(table.c.key)


def _build_entries_sqlite(tables: SystemTables) -> Any:
    return tables.ledger_entries.insert()


def _build_deltas_sqlite(tables: SystemTables) -> Any:
    return tables.ledger_deltas.insert()


def _build_append(tables: SystemTables) -> Any:
    entries = insert_given(_ENTRIES, tables.ledger_entries).cte("entries")
    return insert_given(_DELTAS, tables.ledger_deltas).add_cte(entries)


def _build_claim_and_append(tables: SystemTables) -> Any:
    new = _build_claim(tables).cte("new")
    asked = func.json_array_length(cast(bindparam(_TRANSACTIONS, type_=Text), JSON))
    is_new = _count(new) == asked
    taken = build_take(tables).where(is_new).returning(tables.ledger_accounts.c.account).cte("taken")
    is_enough = and_(is_new, _count(taken) == bindparam("takings"))
    entries = (
        insert_given(_ENTRIES, tables.ledger_entries, is_enough).returning(tables.ledger_entries.c.id).cte("entries")
    )
    deltas = insert_given(_DELTAS, tables.ledger_deltas, is_enough).returning(tables.ledger_deltas.c.key).cte("deltas")
    return select(new.c.key, _count(taken).label("taken")).add_cte(entries, deltas)


def _count(rows: CTE) -> Any:
    return select(func.count()).select_from(rows).scalar_subquery()
