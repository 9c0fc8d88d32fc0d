"""The ledger in SQL: what writes it. Every guard is in the statement that writes, every lock in the order of texts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select, update

from mktcore.adapters.sql.ledger_accounts import SqlAccounts
from mktcore.adapters.sql.ledger_balances import SqlBalances
from mktcore.adapters.sql.ledger_rows import in_batches, to_entry_row, to_hold, to_hold_row, to_transaction_row
from mktcore.adapters.sql.session import SqlSession
from mktcore.adapters.sql.statements import insert_new
from mktcore.ledger import Account, Hold, HoldEnded, HoldState, Shortfall, Transaction, TransactionConflict
from mktcore.ledger.sum_changes import (
    check_links,
    check_same_hold,
    check_same_transaction,
    check_settlement,
    index_holds,
    index_transactions,
    measure_spending,
    sum_changes,
    sum_spending,
    to_allowance,
)
from mktcore.money import Money
from mktcore.persistence import NotFound, Party

__all__ = ["SqlLedger"]

_LIVE = HoldState.LIVE.value


class _FallenShortError(Exception):
    """Undoes what a call wrote before it found out."""

    def __init__(self, shortfalls: tuple[Shortfall, ...]) -> None:
        super().__init__()
        self.shortfalls = shortfalls


class SqlLedger(SqlBalances):
    """The books, as one unit may see and change them.

    Whoever changes a hold locks it before any key, and keys before any account; each sort in the order of its texts. So
    two units that call once each wait for each other and cannot deadlock.
    """

    def __init__(self, session: SqlSession) -> None:
        """Work inside a unit's session."""
        super().__init__(session)
        self._accounts = SqlAccounts(session)

    def post(self, transactions: Iterable[Transaction], *, at: datetime) -> tuple[Shortfall, ...]:
        """Post every transaction that is not posted yet, or none of them."""
        self._check_authority()
        given = index_transactions(transactions)
        if not given:
            return ()
        try:
            with self._session.undo_on_error():
                self._post(given, at)
        except _FallenShortError as fallen:
            return fallen.shortfalls
        return ()

    def _post(self, given: Mapping[str, Transaction], at: datetime) -> None:
        new = self._claim_keys(given, at)
        changes = sum_changes(new)
        spending = {account: measure_spending(account, change) for account, change in changes.items()}
        short = [
            self._accounts.take(account, asked, change=changes[account]) for account, asked in spending.items() if asked
        ]
        found = tuple(one for one in short if one is not None)
        if found:
            raise _FallenShortError(found)
        raised = {account: change for account, change in changes.items() if not spending[account]}
        self._append(new, raised, at)

    def set_limits(self, limits: Mapping[Account, Money]) -> None:
        """Set the least or the greatest balances that accounts may have."""
        self._check_authority()
        self._accounts.set_allowances({account: to_allowance(account, limit) for account, limit in limits.items()})

    def fold(self, *, limit: int = 100) -> int:
        """Put up to `limit` accounts in order, so that reading their balances stays quick."""
        self._check_authority()
        return self._accounts.fold_some(limit)

    def hold(self, holds: Iterable[Hold], *, at: datetime) -> tuple[Shortfall, ...]:
        """Set aside the amount of every hold that is not there yet, or of none of them."""
        del at  # it is the present: nothing of a hold depends on it
        self._check_authority()
        given = index_holds(holds)
        if not given:
            return ()
        try:
            with self._session.undo_on_error():
                self._hold(given)
        except _FallenShortError as fallen:
            return fallen.shortfalls
        return ()

    def _hold(self, given: Mapping[str, Hold]) -> None:
        new = self._insert("ledger_holds", "id", {key: to_hold_row(one) for key, one in given.items()})
        for key, known in self._find_holds(given.keys() - new).items():
            check_same_hold(known, given[key])
        spending = sum_spending(given[key] for key in sorted(new))
        short = [self._accounts.take(account, asked, held=asked) for account, asked in spending.items()]
        found = tuple(one for one in short if one is not None)
        if found:
            raise _FallenShortError(found)

    def settle(self, hold: str, transaction: Transaction, *, at: datetime) -> None:
        """End a hold by posting what it was for."""
        self._check_authority()
        with self._session.undo_on_error():
            found = self._lock_holds([hold]).get(hold)
            if found is None or found.state is not HoldState.LIVE:
                self._check_settled(hold, found, transaction)
                return
            check_settlement(found, transaction)
            if not self._claim_keys({transaction.key: transaction}, at):
                raise TransactionConflict(transaction.key, ("hold",))
            self._end([found], HoldState.SETTLED, transaction.total.minor)
            changes = sum_changes([transaction])
            freed = sum_spending([found])
            for account in freed:
                self._accounts.change(account, change=changes[account], held=-freed[account])
            raised = {account: change for account, change in changes.items() if account not in freed}
            self._append([transaction], raised, at)

    def _check_settled(self, key: str, hold: Hold | None, transaction: Transaction) -> None:
        """Let the transaction pass that settled a hold which has ended."""
        posted = self.find_transactions([transaction.key]).get(transaction.key)
        if hold is None or posted is None or hold.state is not HoldState.SETTLED:
            raise HoldEnded(key)
        check_settlement(hold, transaction)
        check_same_transaction(posted.transaction, transaction)

    def void(self, holds: Iterable[str], *, at: datetime) -> tuple[str, ...]:
        """End holds without posting anything."""
        del at  # as in hold
        self._check_authority()
        return self._void(sorted(set(holds)), HoldState.VOIDED)

    def expire(self, *, now: datetime, limit: int = 100) -> tuple[str, ...]:
        """End up to `limit` live holds that expire at or before `now`."""
        self._check_authority()
        columns = self._tables.ledger_holds.c
        due = select(columns.id).where(columns.state == _LIVE, columns.expires_at <= now)
        found = self._session.read(due.order_by(columns.expires_at, columns.id).limit(limit)).scalars()
        return self._void(list(found), HoldState.EXPIRED)

    def _void(self, ids: list[str], state: HoldState) -> tuple[str, ...]:
        locked = self._lock_holds(sorted(ids))
        live = [locked[key] for key in ids if key in locked and locked[key].state is HoldState.LIVE]
        self._end(live, state, None)
        for account, freed in sum_spending(live).items():
            self._accounts.change(account, held=-freed)
        return tuple(one.id for one in live)

    def _lock_holds(self, ids: Iterable[str]) -> dict[str, Hold]:
        self._session.begin_writing()
        holds = self._tables.ledger_holds
        found: dict[str, Hold] = {}
        for batch in in_batches(ids):
            statement = select(holds).where(holds.c.id.in_(batch)).order_by(holds.c.id).with_for_update()
            found |= {row.id: to_hold(row) for row in self._session.read(statement)}
        return found

    def _end(self, holds: Iterable[Hold], state: HoldState, settled: int | None) -> None:
        columns = self._tables.ledger_holds.c
        for batch in in_batches(one.id for one in holds):
            live = update(self._tables.ledger_holds).where(columns.id.in_(batch), columns.state == _LIVE)
            self._session.write(live.values(state=state.value, settled=settled))

    def _claim_keys(self, given: Mapping[str, Transaction], at: datetime) -> list[Transaction]:
        """Write the transactions whose keys are new, and return them; let the others pass if they are the same."""
        rows = {key: to_transaction_row(one, at) for key, one in given.items()}
        new = self._insert("ledger_transactions", "key", rows)
        for key, posted in self.find_transactions(given.keys() - new).items():
            check_same_transaction(posted.transaction, given[key])
        found = [given[key] for key in sorted(new)]
        check_links(found, lambda keys: [*self.find_transactions(keys), *(given.keys() & keys)])
        return found

    def _insert(self, table: str, key: str, rows: Mapping[str, Mapping[str, Any]]) -> set[str]:
        """Add rows that are not there yet, and return which were not."""
        target: Table = getattr(self._tables, table)
        insert: Any = insert_new(target, is_postgresql=self._session.is_postgresql)
        return set(self._session.write(insert.returning(target.c[key]), list(rows.values())).scalars())

    def _append(self, transactions: list[Transaction], raised: Mapping[Account, int], at: datetime) -> None:
        entries = [row for one in transactions for row in to_entry_row(one, at)]
        if entries:
            self._session.write(self._tables.ledger_entries.insert(), entries)
            self._accounts.raise_all(raised, transactions[0].key)

    def _check_authority(self) -> None:
        if self._session.scope.party is not Party.OPERATOR:
            raise NotFound("ledger", str(self._session.scope))
