"""The ledger over tables, for stores where one unit writes at a time: there a guard may be a comparison in Python."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import attrs

from mktcore.access import Permission
from mktcore.access.unit_checks import check_part
from mktcore.adapters.stock_over_tables import TableUnit
from mktcore.clock import to_utc
from mktcore.ledger import (
    Account,
    Entry,
    Funds,
    Hold,
    HoldEnded,
    HoldState,
    PostedTransaction,
    Shortfall,
    Transaction,
    TransactionConflict,
    TrialBalance,
)
from mktcore.ledger.check_transactions import check_links, check_same_hold, check_same_transaction, check_settlement
from mktcore.ledger.entry import ENTRIES, list_entries
from mktcore.ledger.sum_changes import (
    AccountChanges,
    AccountRow,
    index_holds,
    index_transactions,
    measure_spending,
    sum_changes,
    sum_spending,
    to_allowance,
)
from mktcore.ledger.trial_balance import sum_accounts
from mktcore.money import Money
from mktcore.persistence import NotFound, Page, Party
from mktcore.persistence.kinds import Wanted
from mktcore.persistence.queries import Query, build_query, check_limit, select_page

__all__ = [
    "LEDGER_ACCOUNTS",
    "LEDGER_ENTRIES",
    "LEDGER_HOLDS",
    "LEDGER_TABLES",
    "LEDGER_TRANSACTIONS",
    "LedgerBook",
]

LEDGER_TRANSACTIONS, LEDGER_ENTRIES = "mktcore_ledger_transaction", "mktcore_ledger_entry"
LEDGER_ACCOUNTS, LEDGER_HOLDS = "mktcore_ledger_account", "mktcore_ledger_hold"
LEDGER_TABLES = (LEDGER_TRANSACTIONS, LEDGER_ENTRIES, LEDGER_ACCOUNTS, LEDGER_HOLDS)


class LedgerBook:
    """The port `mktcore.ledger.Ledger` over tables of posted transactions, entries, account rows and holds.

    Its balances are always in order, so there is nothing to fold.
    """

    def __init__(self, unit: TableUnit) -> None:
        """Work inside a unit."""
        self._opened = unit

    @property
    def _unit(self) -> TableUnit:
        # Asked at each use: a unit has books from the start, and a user may never come near them.
        check_part(self._opened.scope, Permission.FINANCE)
        return self._opened

    def post(self, transactions: Iterable[Transaction], *, at: datetime) -> tuple[Shortfall, ...]:
        """Post every transaction that is not posted yet, or none of them."""
        self._check_authority()
        given = index_transactions(transactions)
        known = self._unit.change(LEDGER_TRANSACTIONS)
        for key, one in given.items():
            if (posted := known.get(key)) is not None:
                check_same_transaction(posted.transaction, one)
        new = [one for key, one in given.items() if known.get(key) is None]
        check_links(new, lambda keys: [key for key in keys if known.get(key) is not None])
        changes = AccountChanges.of(new)
        taken = {account: measure_spending(account, change) for account, change in changes.taken.items()}
        short = self._find_short(taken)
        if not short:
            self._write(new, at)
            self._change_rows({**changes.taken, **changes.raised})
        return short

    def set_limits(self, limits: Mapping[Account, Money]) -> None:
        """Set the least or the greatest balances that accounts may have."""
        self._check_authority()
        allowances = {account: to_allowance(account, limit) for account, limit in limits.items()}
        rows = self._unit.change(LEDGER_ACCOUNTS)
        for account, allowance in allowances.items():
            rows[str(account)] = attrs.evolve(self._get_row(rows, account), allowance=allowance)

    def fold(self, *, limit: int = 100) -> int:
        """Do nothing: a store where one unit writes at a time changes balances at once."""
        self._check_authority()
        check_limit(limit)
        return 0

    def hold(self, holds: Iterable[Hold], *, at: datetime) -> tuple[Shortfall, ...]:
        """Set aside the amount of every hold that is not there yet, or of none of them."""
        del at  # as in posting, it is the present: nothing of a hold depends on it
        self._check_authority()
        given = index_holds(holds)
        known = self._unit.change(LEDGER_HOLDS)
        for key, one in given.items():
            if (held := known.get(key)) is not None:
                check_same_hold(held, one)
        new = {key: one for key, one in given.items() if known.get(key) is None}
        spending = sum_spending(new.values())
        short = self._find_short(spending)
        if not short:
            known.update(new)
            self._change_rows({}, spending)
        return short

    def settle(self, hold: str, transaction: Transaction, *, at: datetime) -> None:
        """End a hold by posting what it was for."""
        self._check_authority()
        holds, posted = self._unit.change(LEDGER_HOLDS), self._unit.change(LEDGER_TRANSACTIONS)
        found: Hold | None = holds.get(hold)
        known: PostedTransaction | None = posted.get(transaction.key)
        if found is None or found.state is not HoldState.LIVE:
            if found is None or known is None or found.state is not HoldState.SETTLED:
                raise HoldEnded(hold)
            check_settlement(found, transaction)
            check_same_transaction(known.transaction, transaction)
            return
        check_settlement(found, transaction)
        if known is not None:
            check_same_transaction(known.transaction, transaction)
            raise TransactionConflict(transaction.key, ("hold",))
        check_links([transaction], lambda keys: [key for key in keys if posted.get(key) is not None])
        holds[hold] = attrs.evolve(found, state=HoldState.SETTLED, settled=transaction.total)
        self._write([transaction], at)
        self._change_rows(sum_changes([transaction]), _free([found]))

    def void(self, holds: Iterable[str], *, at: datetime) -> tuple[str, ...]:
        """End holds without posting anything."""
        del at  # as in hold
        self._check_authority()
        rows = self._unit.change(LEDGER_HOLDS)
        return self._end([rows[key] for key in sorted(set(holds)) if rows.get(key) is not None], HoldState.VOIDED)

    def expire(self, *, now: datetime, limit: int = 100) -> tuple[str, ...]:
        """End up to `limit` live holds that expire at or before `now`."""
        self._check_authority()
        check_limit(limit)
        due = [one for one in self._find_live() if one.expires_at is not None and one.expires_at <= now]
        return self._end(sorted(due, key=lambda one: (one.expires_at or now, one.id))[:limit], HoldState.EXPIRED)

    def find_holds(self, ids: Iterable[str]) -> dict[str, Hold]:
        """Return the holds that exist, by id."""
        rows = self._unit.read(LEDGER_HOLDS)
        found = {key: rows.get(key) for key in sorted(set(ids))}
        return {key: one for key, one in found.items() if one is not None and one.debit.is_seen_by(self._unit.scope)}

    def balances(self, accounts: Iterable[Account], *, at: datetime | None = None) -> dict[Account, Money]:
        """Return balances, each positive on the side on which its account grows."""
        wanted = [account for account in dict.fromkeys(accounts) if account.is_seen_by(self._unit.scope)]
        if at is None:
            return {account: account.to_balance(row.balance) for account, row in self._find_rows(wanted).items()}
        sums = dict.fromkeys(wanted, 0)
        for account in wanted:
            sums[account] = sum(entry.amount.minor for entry in self._find_entries(account) if entry.effective_at <= at)
        return {account: account.to_balance(minor) for account, minor in sums.items()}

    def find_funds(self, accounts: Iterable[Account]) -> dict[Account, Funds]:
        """Return balances with what is held of them and how far they may go."""
        wanted = [account for account in dict.fromkeys(accounts) if account.is_seen_by(self._unit.scope)]
        return {account: row.to_funds() for account, row in self._find_rows(wanted).items()}

    def trial_balance(self, *, at: datetime | None = None) -> TrialBalance:
        """Return the trial balance of all accounts of this scope."""
        if at is None:
            rows = self._unit.read(LEDGER_ACCOUNTS).values()
            return sum_accounts((row.account, row.balance) for row in rows if row.account.is_seen_by(self._unit.scope))
        sums: dict[Account, int] = {}
        for entry in self._list_entries():
            if entry.effective_at <= at:
                sums[entry.account] = sums.get(entry.account, 0) + entry.amount.minor
        return sum_accounts(sums.items())

    def page_entries(
        self,
        where: Mapping[str, Wanted] | None = None,
        *,
        order: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[Entry]:
        """Return up to `limit` entries of this scope's accounts."""
        return self._page(build_query(ENTRIES, where, order=order, after=after, limit=limit))

    def find_transactions(self, keys: Iterable[str]) -> dict[str, PostedTransaction]:
        """Return the transactions that are posted, by key."""
        if self._unit.scope.party is not Party.OPERATOR:
            return {}
        rows = self._unit.read(LEDGER_TRANSACTIONS)
        found = {key: rows.get(key) for key in sorted(set(keys))}
        return {key: one for key, one in found.items() if one is not None}

    def find_transactions_of(self, causes: Iterable[str]) -> dict[str, tuple[PostedTransaction, ...]]:
        """Return what follows from each cause, in the order of keys."""
        if self._unit.scope.party is not Party.OPERATOR:
            return {}
        found = {cause: tuple(self._find_caused(cause)) for cause in sorted(set(causes))}
        return {cause: posted for cause, posted in found.items() if posted}

    # What a store with indexes overrides:

    def _page(self, query: Query) -> Page[Entry]:
        return select_page(query, self._list_entries())

    def _list_entries(self) -> list[Entry]:
        scope = self._unit.scope
        return [entry for entry in self._unit.read(LEDGER_ENTRIES).values() if entry.account.is_seen_by(scope)]

    def _find_entries(self, account: Account) -> list[Entry]:
        return [entry for entry in self._list_entries() if entry.account == account]

    def _find_caused(self, cause: str) -> Iterable[PostedTransaction]:
        rows = self._unit.read(LEDGER_TRANSACTIONS)
        return [rows[key] for key in sorted(rows) if rows[key].transaction.cause == cause]

    def _find_live(self) -> Iterable[Hold]:
        return [one for one in self._unit.change(LEDGER_HOLDS).values() if one.state is HoldState.LIVE]

    def _write(self, transactions: Iterable[Transaction], at: datetime) -> None:
        posted = [PostedTransaction(one, to_utc(at)) for one in transactions]
        self._unit.change(LEDGER_TRANSACTIONS).update({one.transaction.key: one for one in posted})
        self._unit.change(LEDGER_ENTRIES).update({entry.id: entry for one in posted for entry in list_entries(one)})

    def _end(self, holds: Iterable[Hold], state: HoldState) -> tuple[str, ...]:
        live = [one for one in holds if one.state is HoldState.LIVE]
        self._unit.change(LEDGER_HOLDS).update({one.id: attrs.evolve(one, state=state) for one in live})
        self._change_rows({}, _free(live))
        return tuple(one.id for one in live)

    def _find_short(self, spending: Mapping[Account, int]) -> tuple[Shortfall, ...]:
        rows = self._unit.change(LEDGER_ACCOUNTS)
        found = [self._get_row(rows, account).find_shortfall(asked) for account, asked in spending.items()]
        return tuple(one for one in found if one is not None)

    def _change_rows(self, changes: Mapping[Account, int], held: Mapping[Account, int] | None = None) -> None:
        rows = self._unit.change(LEDGER_ACCOUNTS)
        for account in dict.fromkeys((*changes, *(held or {}))):
            row = self._get_row(rows, account)
            balance = row.balance + changes.get(account, 0)
            rows[str(account)] = attrs.evolve(row, balance=balance, held=row.held + (held or {}).get(account, 0))

    def _find_rows(self, accounts: Iterable[Account]) -> dict[Account, AccountRow]:
        rows = self._unit.read(LEDGER_ACCOUNTS)
        return {account: self._get_row(rows, account) for account in accounts}

    def _get_row(self, rows: Mapping[Any, Any], account: Account) -> AccountRow:
        found: AccountRow | None = rows.get(str(account))
        return AccountRow(account) if found is None else found

    def _check_authority(self) -> None:
        if not self._unit.scope.is_authority:
            raise NotFound("ledger", str(self._unit.scope))


def _free(holds: Iterable[Hold]) -> dict[Account, int]:
    return {account: -taken for account, taken in sum_spending(holds).items()}
