"""The ledger's tables written with psycopg alone, by somebody who needs nothing else; `ledger.py` compares with it.

The same rows, indexes and guards, without values, scopes, conflicts and refusals.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import psycopg

__all__ = ["Books"]

Line = tuple[str, int]
"""An account's text, and debits less credits in minor units."""
_CREDIT_NORMAL = ("/available/", "/order_funds/", "/refund_due/")


class Books:
    """A connection, and what is posted through it; each call is one transaction."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url)
        self.cursor: psycopg.Cursor[Any] = self.connection.cursor()

    def post(self, key: str, kind: str, cause: str, lines: Sequence[Line], *, at: datetime) -> bool:
        """Post a transaction once, unless an account falls short."""
        done = self._insert(key, kind, cause, lines, at) and self._move(key, lines)
        (self.connection.commit if done else self.connection.rollback)()
        return done

    def hold(self, id_: str, account: str, other: str, amount: int) -> bool:
        """Set an amount aside, unless the account falls short."""
        self.cursor.execute(
            "INSERT INTO mktcore_ledger_hold (id, debit, credit, amount, state) VALUES (%s, %s, %s, %s, 'live')",
            (id_, account, other, amount),
        )
        done = self._take(account, amount, change=0, held=amount)
        (self.connection.commit if done else self.connection.rollback)()
        return done

    def settle(self, id_: str, key: str, lines: Sequence[Line], *, at: datetime) -> bool:
        """End a hold by a transaction of its whole amount."""
        self.cursor.execute(
            "UPDATE mktcore_ledger_hold SET state = 'settled', settled = amount WHERE id = %s AND state = 'live'"
            " RETURNING amount",
            (id_,),
        )
        (amount,) = self.cursor.fetchone() or (0,)
        self._insert(key, "paid", id_, lines, at)
        taken = [(account, change) for account, change in lines if _spends(account, change)]
        for account, change in taken:
            self.cursor.execute(
                "UPDATE mktcore_ledger_account SET balance = balance + %s, held = held - %s WHERE account = %s",
                (change, amount, account),
            )
        self._raise(key, [line for line in lines if line not in taken])
        self.connection.commit()
        return True

    def _insert(self, key: str, kind: str, cause: str, lines: Sequence[Line], at: datetime) -> bool:
        self.cursor.execute(
            "INSERT INTO mktcore_ledger_transaction (key, kind, cause, legs, linked, effective_at, posted_at)"
            " VALUES (%s, %s, %s, %s, '[]', %s, %s) ON CONFLICT DO NOTHING",
            (key, kind, cause, len(lines), at, at),
        )
        if self.cursor.rowcount != 1:
            return False
        rows = [
            (f"{key}@{number:03}", account, account.split("/")[0], change, kind, cause, at, at)
            for number, (account, change) in enumerate(lines)
        ]
        self._insert_many(
            "mktcore_ledger_entry (id, account, owner, amount, kind, cause, effective_at, posted_at)", rows
        )
        return True

    def _move(self, key: str, lines: Sequence[Line]) -> bool:
        for account, change in sorted(lines):
            if _spends(account, change) and not self._take(account, abs(change), change=change, held=0):
                return False
        self._raise(key, [line for line in lines if not _spends(*line)])
        return True

    def _raise(self, key: str, lines: Iterable[Line]) -> None:
        rows = [(account, key, change) for account, change in lines]
        self._insert_many("mktcore_ledger_delta (account, key, amount)", rows)

    def _take(self, account: str, asked: int, *, change: int, held: int) -> bool:
        # All guarded accounts of the run grow by credits, which are negative.
        take = (
            "UPDATE mktcore_ledger_account SET balance = balance + %s, held = held + %s"
            " WHERE account = %s AND allowance - held - balance >= %s"
        )
        values = (change, held, account, asked)
        self.cursor.execute(take, values)
        if self.cursor.rowcount == 1:
            return True
        self.cursor.execute(
            "INSERT INTO mktcore_ledger_account AS row (account, balance, held, allowance) VALUES (%s, 0, 0, 0)"
            " ON CONFLICT (account) DO UPDATE SET held = row.held",
            (account,),
        )
        self.cursor.execute(
            "WITH gone AS (DELETE FROM mktcore_ledger_delta WHERE account = %s RETURNING amount)"
            " UPDATE mktcore_ledger_account SET balance = balance + (SELECT coalesce(sum(amount), 0) FROM gone)"
            " WHERE account = %s",
            (account, account),
        )
        self.cursor.execute(take, values)
        return self.cursor.rowcount == 1

    def _insert_many(self, target: str, rows: Sequence[tuple[Any, ...]]) -> None:
        places = f"({', '.join(['%s'] * len(rows[0]))})"
        values = [value for row in rows for value in row]
        self.cursor.execute(f"INSERT INTO {target} VALUES {', '.join([places] * len(rows))}", values)  # noqa: S608 - own text


def _spends(account: str, change: int) -> bool:
    return change > 0 and any(name in account for name in _CREDIT_NORMAL)
