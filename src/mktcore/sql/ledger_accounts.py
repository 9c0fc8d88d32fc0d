"""The rows and deltas of accounts in SQL: who raises a balance waits for nobody, who takes from one locks its row."""

from collections.abc import Mapping
from typing import Any

import attrs
from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mktcore.ledger import Account, Shortfall
from mktcore.ledger.sum_changes import AccountRow
from mktcore.sql.driver_statements import Call
from mktcore.sql.ledger_rows import to_account_row
from mktcore.sql.session import SqlSession
from mktcore.sql.store_tables import SystemTables

__all__ = ["NOTHING_TAKEN", "SqlAccounts", "Taking", "build_take"]


@attrs.frozen
class Taking:
    """What is to be taken from an account with a limit, in minor units.

    Attributes:
        account: Which.
        asked: Room that it must have.
        change: Debits less credits.
        held: What is held more.
    """

    account: Account
    asked: int
    change: int = attrs.field(default=0, kw_only=True)
    held: int = attrs.field(default=0, kw_only=True)

    def to_values(self) -> dict[str, Any]:
        """Return what `build_take` is given."""
        spending = self.account.type.spending
        sign = 0 if spending is None else spending.sign
        return {
            "taken": str(self.account),
            "asked": self.asked,
            "sign": sign,
            "change": self.change,
            "more": self.held,
        }


NOTHING_TAKEN: Mapping[str, Any] = {"taken": "", "asked": 0, "sign": 0, "change": 0, "more": 0}
"""No account has an empty text."""


class SqlAccounts:
    """Balances, what is held of them, and how far they may go."""

    def __init__(self, session: SqlSession) -> None:
        """Work inside a unit's session."""
        self._session = session
        self._tables = session.tables

    def take(self, taking: Taking) -> Shortfall | None:
        """Change a row that has enough room, and return None; or what it lacks, with nothing changed.

        Callers go through accounts in the order of their texts.
        """
        if self._session.change(self._tables.prepare(build_take), taking.to_values()) == 1:
            return None
        return self.fold_and_take(taking)

    def fold_and_take(self, taking: Taking) -> Shortfall | None:
        """Do so after the row was found to lack it: it may lack what its deltas have.

        They are put in under its lock, which whoever else folds takes first too: else their sum could be on its way
        from the deltas to the row, and be seen in neither.
        """
        short = self._fold(taking.account).find_shortfall(taking.asked)
        if short is None:
            self.change(taking.account, change=taking.change, held=taking.held)
        return short

    def change(self, account: Account, *, change: int = 0, held: int = 0) -> None:
        """Change a row that is there."""
        values = {"changed": str(account), "change": change, "more": held}
        if self._session.change(self._tables.prepare(_build_change), values) != 1:
            raise self._session.lose(f"the row of {account} has gone")

    def set_allowances(self, allowances: Mapping[Account, int]) -> None:
        """Set how far past zero accounts may be taken."""
        if allowances:
            rows = [
                {"account": str(account), "balance": 0, "held": 0, "allowance": allowances[account]}
                for account in sorted(allowances, key=str)
            ]
            self._session.write(self._tables.prepare(self._choose(_build_allow_postgresql, _build_allow_sqlite)), rows)

    def fold_some(self, limit: int) -> int:
        """Put the deltas of up to `limit` accounts into their rows, those with most of them first."""
        deltas = self._tables.ledger_deltas.c
        most = select(deltas.account).group_by(deltas.account).order_by(func.count().desc(), deltas.account)
        found = sorted(self._session.read(most.limit(limit)).scalars())
        for text in found:
            self._fold(Account.parse(text))
        return len(found)

    def _fold(self, account: Account) -> AccountRow:
        """Lock a row, made when it is missing, put its deltas in, and return it."""
        text, is_postgresql = str(account), self._session.is_postgresql
        lock = self._tables.prepare(self._choose(_build_lock_postgresql, _build_lock_sqlite))
        self._session.change(lock, {"account": text, "balance": 0, "held": 0, "allowance": 0})
        # A statement of its own: one that waited for the lock would go by what it saw of the deltas before.
        if is_postgresql:
            found = self._session.write(self._tables.prepare(_build_fold), {"emptied": text, "folded": text}).one()
            return to_account_row(account, found)
        (gone,) = self._session.write_together([Call(self._tables.prepare(_build_empty), {"emptied": text})])
        self.change(account, change=sum([int(amount) for (amount,) in gone.rows]))
        return to_account_row(account, self._session.read(self._tables.prepare(_build_find), {"found": text}).one())

    def _choose(self, on_postgresql: Any, on_sqlite: Any) -> Any:
        return on_postgresql if self._session.is_postgresql else on_sqlite


def build_take(tables: SystemTables) -> Any:
    """Return the change of a row that has enough room."""
    columns = tables.ledger_accounts.c
    room = columns.allowance - columns.held - columns.balance * bindparam("sign")
    enough = room >= bindparam("asked")
    return _change(tables).where(columns.account == bindparam("taken"), enough)


def _build_change(tables: SystemTables) -> Any:
    return _change(tables).where(tables.ledger_accounts.c.account == bindparam("changed"))


def _change(tables: SystemTables) -> Any:
    columns = tables.ledger_accounts.c
    values: dict[str, Any] = {
        "balance": columns.balance + bindparam("change"),
        "held": columns.held + bindparam("more"),
    }
    return update(tables.ledger_accounts).values(values)


def _build_empty(tables: SystemTables) -> Any:
    deltas = tables.ledger_deltas
    return delete(deltas).where(deltas.c.account == bindparam("emptied")).returning(deltas.c.amount)


def _build_fold(tables: SystemTables) -> Any:
    gone = _build_empty(tables).cte("gone")
    total = select(func.coalesce(func.sum(gone.c.amount), 0)).scalar_subquery()
    rows = tables.ledger_accounts
    folded = update(rows).where(rows.c.account == bindparam("folded")).values(balance=rows.c.balance + total)
    return folded.returning(rows)


def _build_find(tables: SystemTables) -> Any:
    return select(tables.ledger_accounts).where(tables.ledger_accounts.c.account == bindparam("found"))


def _build_allow(tables: SystemTables, insert: Any) -> Any:
    del tables
    return insert.on_conflict_do_update(index_elements=["account"], set_={"allowance": insert.excluded.allowance})


def _build_allow_postgresql(tables: SystemTables) -> Any:
    return _build_allow(tables, postgresql.insert(tables.ledger_accounts))


def _build_allow_sqlite(tables: SystemTables) -> Any:
    return _build_allow(tables, sqlite.insert(tables.ledger_accounts))


def _build_lock(tables: SystemTables, insert: Any) -> Any:
    # An update that changes nothing: it makes the row or locks it, in one statement.
    return insert.on_conflict_do_update(index_elements=["account"], set_={"held": tables.ledger_accounts.c.held})


def _build_lock_postgresql(tables: SystemTables) -> Any:
    return _build_lock(tables, postgresql.insert(tables.ledger_accounts))


def _build_lock_sqlite(tables: SystemTables) -> Any:
    return _build_lock(tables, sqlite.insert(tables.ledger_accounts))
