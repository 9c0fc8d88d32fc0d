"""The ledger in SQL: what writes it. Every guard is in the statement that writes, every lock in the order of texts."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from mktcore.clock import to_utc
from mktcore.ledger import Account, Hold, HoldEnded, HoldState, Shortfall, Transaction, TransactionConflict
from mktcore.ledger.check_transactions import check_links, check_same_hold, check_same_transaction, check_settlement
from mktcore.ledger.errors import HoldConflict, LinkMissing
from mktcore.ledger.sum_changes import (
    AccountChanges,
    index_holds,
    index_transactions,
    measure_spending,
    sum_spending,
    to_allowance,
)
from mktcore.money import Money
from mktcore.persistence import NotFound
from mktcore.persistence.queries import check_limit
from mktcore.sql.append_postings import SqlPostings
from mktcore.sql.column_comparisons import insert_new
from mktcore.sql.ledger_accounts import SqlAccounts, Taking
from mktcore.sql.ledger_balances import SqlBalances
from mktcore.sql.ledger_rows import in_batches, to_hold, to_hold_row
from mktcore.sql.session import SqlSession

__all__ = ["SqlLedger"]

_LIVE = HoldState.LIVE.value


class SqlLedger(SqlBalances):
    """The books, as one unit may see and change them.

    Whoever changes a hold locks it before any key, and keys before any account; each sort in the order of its texts. So
    two units that call once each wait for each other and cannot deadlock.
    """

    def __init__(self, session: SqlSession) -> None:
        """Work inside a unit's session."""
        super().__init__(session)
        self._accounts = SqlAccounts(session)
        self._postings = SqlPostings(session)

    def post(self, transactions: Iterable[Transaction], *, at: datetime) -> tuple[Shortfall, ...]:
        """Post every transaction that is not posted yet, or none of them."""
        self._check_authority()
        given = index_transactions(transactions)
        if not given:
            return ()
        changes, now = AccountChanges.of(given.values()), to_utc(at)
        is_quick = self._is_quick(changes)
        if is_quick:
            keys, is_done = self._postings.claim_and_append(changes, next(_to_takings(changes), None), at=now)
            if is_done:
                return ()
        else:
            keys = self._postings.claim(changes, at=now)
        if len(keys) < len(given):
            changes = AccountChanges.of(given[key] for key in sorted(keys))
        try:
            self._check_known(given, keys)
            check_links(changes.transactions, self.find_transactions)
        except (TransactionConflict, LinkMissing):
            self._postings.forget(keys)
            raise
        # What was tried once need not be tried again before the deltas are put in.
        take = self._accounts.fold_and_take if is_quick else self._accounts.take
        short = self._take_all(_to_takings(changes), take)
        if short:
            self._postings.forget(keys)
        elif keys:
            self._postings.append(changes, at=now)
        return short

    def _is_quick(self, changes: AccountChanges) -> bool:
        """Tell whether one statement can do it all: nothing to look up, and no order of locks to keep."""
        is_linked = any(one.linked for one in changes.transactions)
        return self._session.is_postgresql and not is_linked and len(changes.taken) <= 1

    def _check_known(self, given: Mapping[str, Transaction], new: set[str]) -> None:
        for key, posted in self.find_transactions(given.keys() - new).items():
            check_same_transaction(posted.transaction, given[key])

    def _take_all(self, takings: Iterable[Taking], take: Callable[[Taking], Shortfall | None]) -> tuple[Shortfall, ...]:
        """Take from every account, or from none of them; what was taken is given back, under the locks it was taken."""
        taken: list[Taking] = []
        short: list[Shortfall] = []
        for one in takings:
            lack = take(one)
            if lack is None:
                taken.append(one)
            else:
                short.append(lack)
        if short:
            for one in taken:
                self._accounts.change(one.account, change=-one.change, held=-one.held)
        return tuple(short)

    def set_limits(self, limits: Mapping[Account, Money]) -> None:
        """Set the least or the greatest balances that accounts may have."""
        self._check_authority()
        self._accounts.set_allowances({account: to_allowance(account, limit) for account, limit in limits.items()})

    def fold(self, *, limit: int = 100) -> int:
        """Put up to `limit` accounts in order, so that reading their balances stays quick."""
        self._check_authority()
        return self._accounts.fold_some(check_limit(limit))

    def hold(self, holds: Iterable[Hold], *, at: datetime) -> tuple[Shortfall, ...]:
        """Set aside the amount of every hold that is not there yet, or of none of them."""
        del at  # it is the present: nothing of a hold depends on it
        self._check_authority()
        given = index_holds(holds)
        if not given:
            return ()
        new = self._insert_holds(given)
        try:
            for key, known in self._find_holds(given.keys() - new).items():
                check_same_hold(known, given[key])
        except HoldConflict:
            self._forget_holds(new)
            raise
        spending = sum_spending(given[key] for key in sorted(new))
        takings = [Taking(account, asked, held=asked) for account, asked in spending.items()]
        short = self._take_all(takings, self._accounts.take)
        if short:
            self._forget_holds(new)
        return short

    def _insert_holds(self, given: Mapping[str, Hold]) -> set[str]:
        holds = self._tables.ledger_holds
        insert: Any = insert_new(holds, is_postgresql=self._session.is_postgresql)
        rows = [to_hold_row(one) for one in given.values()]
        return set(self._session.write(insert.returning(holds.c.id), rows).scalars())

    def _forget_holds(self, ids: Iterable[str]) -> None:
        holds = self._tables.ledger_holds
        for batch in in_batches(sorted(ids)):
            self._session.write(delete(holds).where(holds.c.id.in_(batch)))

    def settle(self, hold: str, transaction: Transaction, *, at: datetime) -> None:
        """End a hold by posting what it was for."""
        self._check_authority()
        found = self._lock_holds([hold]).get(hold)
        if found is None or found.state is not HoldState.LIVE:
            self._check_settled(hold, found, transaction)
            return
        check_settlement(found, transaction)
        check_links([transaction], self.find_transactions)
        changes, now = AccountChanges.of([transaction]), to_utc(at)
        keys = self._postings.claim(changes, at=now)
        if not keys:
            self._check_known({transaction.key: transaction}, keys)
            raise TransactionConflict(transaction.key, ("hold",))
        self._end([found], HoldState.SETTLED, transaction.total.minor)
        # What it takes was set aside, so nothing is asked of these accounts, whatever became of their limits.
        for account, freed in sum_spending([found]).items():
            self._accounts.change(account, change=changes.taken[account], held=-freed)
        self._postings.append(changes, at=now)

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
        check_limit(limit)
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

    def _check_authority(self) -> None:
        if not self._session.scope.is_authority:
            raise NotFound("ledger", str(self._session.scope))


def _to_takings(changes: AccountChanges) -> Iterator[Taking]:
    for account, change in changes.taken.items():
        yield Taking(account, measure_spending(account, change), change=change)
