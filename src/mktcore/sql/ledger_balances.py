"""The ledger in SQL: what reads it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs
from sqlalchemy import ColumnElement, Select, bindparam, func, literal, select, true, union_all

from mktcore.ledger import Account, Entry, Funds, Hold, PostedTransaction, TrialBalance
from mktcore.ledger.entry import ENTRIES, to_entry_id
from mktcore.ledger.sum_changes import AccountRow
from mktcore.ledger.trial_balance import sum_accounts
from mktcore.money import Money
from mktcore.persistence import Page, Party
from mktcore.persistence.kinds import Wanted
from mktcore.sql.kind_statements import KindStatements
from mktcore.sql.known_documents import KnownDocuments
from mktcore.sql.ledger_rows import in_batches, to_account_row, to_entry, to_hold, to_posted
from mktcore.sql.repository import SqlRepository
from mktcore.sql.session import SqlSession
from mktcore.sql.store_tables import SystemTables
from mktcore.wire import Codec

__all__ = ["SqlBalances", "build_sum_all"]


@attrs.frozen(eq=False)
class _EntryStatements(KindStatements):
    """Statements over entries, whose table has a column for everything and no documents."""

    def _select(self, match: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
        return select(self.table).where(match)


class _EntryPages(SqlRepository[Any]):
    """Pages of entries, as those of any kind."""

    def __init__(self, session: SqlSession, statements: KindStatements) -> None:
        super().__init__(session, statements, KnownDocuments(Codec()))
        scope = session.scope
        self._reads = {} if scope.party is Party.OPERATOR else {"owner": str(scope)}

    def _read(self, statement: Any, parameters: Mapping[str, Any], *, passing: bool = False) -> list[Any]:  # noqa: ARG002
        return [to_entry(row) for row in self._session.read(statement, parameters)]


class SqlBalances:
    """Balances, entries and transactions, as one unit may see them."""

    def __init__(self, session: SqlSession) -> None:
        """Work inside a unit's session."""
        self._session = session
        self._tables = session.tables

    def find_holds(self, ids: Iterable[str]) -> dict[str, Hold]:
        """Return the holds that exist, by id."""
        found = self._find_holds(ids)
        return {key: one for key, one in found.items() if one.debit.is_seen_by(self._session.scope)}

    def _find_holds(self, ids: Iterable[str]) -> dict[str, Hold]:
        holds = self._tables.ledger_holds
        found: dict[str, Hold] = {}
        for batch in in_batches(sorted(set(ids))):
            found |= {row.id: to_hold(row) for row in self._session.read(select(holds).where(holds.c.id.in_(batch)))}
        return found

    def balances(self, accounts: Iterable[Account], *, at: datetime | None = None) -> dict[Account, Money]:
        """Return balances, each positive on the side on which its account grows."""
        if at is None:
            return {account: account.to_balance(row.balance) for account, row in self._find_rows(accounts).items()}
        wanted = self._index(accounts)
        sums = dict.fromkeys(wanted, 0)
        for batch in in_batches(sorted(wanted)):
            for row in self._session.read(self._tables.prepare(_build_sum_at), {"accounts": batch, "at": at}):
                sums[row.account] = int(row.balance)
        return {account: account.to_balance(sums[text]) for text, account in wanted.items()}

    def find_funds(self, accounts: Iterable[Account]) -> dict[Account, Funds]:
        """Return balances with what is held of them and how far they may go."""
        return {account: row.to_funds() for account, row in self._find_rows(accounts).items()}

    def trial_balance(self, *, at: datetime | None = None) -> TrialBalance:
        """Return the trial balance of all accounts of this scope."""
        build = build_sum_all if at is None else _build_sum_all_at
        scope = self._session.scope
        statement = self._tables.prepare(build)
        if scope.party is not Party.OPERATOR:
            # The texts of an owner's accounts begin with the owner and a stroke; 0 is the character after it. So do
            # those of an owner whose id goes on with a stroke: they are left out below.
            text = statement.selected_columns.account
            statement = statement.where(text >= f"{scope}/", text < f"{scope}0")
        rows = self._session.read(statement, {} if at is None else {"at": at})
        sums = ((Account.parse(row.account), int(row.balance)) for row in rows)
        return sum_accounts((account, minor) for account, minor in sums if account.is_seen_by(scope))

    def page_entries(
        self,
        where: Mapping[str, Wanted] | None = None,
        *,
        order: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[Entry]:
        """Return up to `limit` entries of this scope's accounts."""
        build = _prepare_entries_postgresql if self._session.is_postgresql else _prepare_entries_sqlite
        statements = self._tables.prepare(build)
        return _EntryPages(self._session, statements).page(where, order=order, after=after, limit=limit)

    def find_transactions(self, keys: Iterable[str]) -> dict[str, PostedTransaction]:
        """Return the transactions that are posted, by key."""
        columns = self._tables.ledger_transactions.c
        return {one.transaction.key: one for one in self._find_posted(columns.key, keys)}

    def find_transactions_of(self, causes: Iterable[str]) -> dict[str, tuple[PostedTransaction, ...]]:
        """Return what follows from each cause, in the order of keys."""
        found: dict[str, tuple[PostedTransaction, ...]] = {}
        for one in self._find_posted(self._tables.ledger_transactions.c.cause, causes):
            cause = one.transaction.cause
            found[cause] = (*found.get(cause, ()), one)
        return found

    def _find_posted(self, column: ColumnElement[Any], wanted: Iterable[str]) -> Iterator[PostedTransaction]:
        if self._session.scope.party is not Party.OPERATOR:
            return
        posted, entries = self._tables.ledger_transactions, self._tables.ledger_entries
        for batch in in_batches(sorted(set(wanted))):
            rows = self._session.read(select(posted).where(column.in_(batch)).order_by(column, posted.c.key)).all()
            ids = [to_entry_id(row.key, position) for row in rows for position in range(row.legs)]
            legs = {
                row.id: row
                for part in in_batches(ids)
                for row in self._session.read(select(entries).where(entries.c.id.in_(part)))
            }
            for row in rows:
                yield to_posted(row, legs)

    def _find_rows(self, accounts: Iterable[Account]) -> dict[Account, AccountRow]:
        wanted = self._index(accounts)
        found: dict[Account, AccountRow] = {account: AccountRow(account) for account in wanted.values()}
        for batch in in_batches(sorted(wanted)):
            for row in self._session.read(self._tables.prepare(_build_sum), {"accounts": batch}):
                account = wanted[row.account]
                found[account] = to_account_row(account, row)
        return found

    def _index(self, accounts: Iterable[Account]) -> dict[str, Account]:
        return {str(one): one for one in accounts if one.is_seen_by(self._session.scope)}


def _prepare_entries_postgresql(tables: SystemTables) -> KindStatements:
    return _EntryStatements.of(ENTRIES, tables.ledger_entries, marks=tables.marks, is_postgresql=True)


def _prepare_entries_sqlite(tables: SystemTables) -> KindStatements:
    return _EntryStatements.of(ENTRIES, tables.ledger_entries, marks=tables.marks, is_postgresql=False)


def _build_sum(tables: SystemTables) -> Any:
    """Rows and deltas in one statement, which sees one moment: apart, what is folded between them would be missed."""
    return _sum_rows(tables, lambda column: column.in_(bindparam("accounts", expanding=True)))


def build_sum_all(tables: SystemTables) -> Any:
    """Return a statement for what is kept of every account: rows with what waits to be folded into them."""
    return _sum_rows(tables, lambda _: true())


def _sum_rows(tables: SystemTables, match: Callable[[ColumnElement[Any]], ColumnElement[bool]]) -> Any:
    rows, deltas = tables.ledger_accounts.c, tables.ledger_deltas.c
    # positional: columns, the same in both
    both = union_all(
        select(rows.account, rows.balance, rows.held, rows.allowance).where(match(rows.account)),
        select(deltas.account, deltas.amount, literal(0), literal(0)).where(match(deltas.account)),
    ).subquery()
    sums = [func.sum(both.c[name]).label(name) for name in ("balance", "held", "allowance")]
    return select(both.c.account, *sums).group_by(both.c.account)


def _build_sum_at(tables: SystemTables) -> Any:
    return _build_sum_all_at(tables).where(tables.ledger_entries.c.account.in_(bindparam("accounts", expanding=True)))


def _build_sum_all_at(tables: SystemTables) -> Any:
    columns = tables.ledger_entries.c
    total = func.sum(columns.amount).label("balance")
    return (
        select(columns.account, total)
        .where(columns.effective_at <= bindparam("at", type_=columns.effective_at.type))
        .group_by(columns.account)
    )
