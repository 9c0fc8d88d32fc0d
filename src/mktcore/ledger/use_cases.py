"""The books as callers reach them: the operator writes them, and each party reads its own accounts."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

import attrs

from mktcore.access import Permission, check_granted
from mktcore.access.permissions import check_permission
from mktcore.clock import to_utc
from mktcore.ledger.account import Account
from mktcore.ledger.entry import Entry
from mktcore.ledger.funds import Funds, Shortfall
from mktcore.ledger.hold import Hold
from mktcore.ledger.ports import LedgerWritingUnit
from mktcore.ledger.transaction import PostedTransaction, Transaction
from mktcore.ledger.trial_balance import TrialBalance
from mktcore.money import Money
from mktcore.persistence import NotFound, Page, Scope
from mktcore.persistence.kinds import Wanted
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["MarketLedger"]

R = TypeVar("R")


@watched
@attrs.frozen
class MarketLedger:
    """The books of a marketplace. Every call takes the scope of who asks.

    What orders move is posted by their actions; these calls are for what happens elsewhere, and for reading.

    Attributes:
        runtime: Where the books are kept, and what time it is.
    """

    runtime: Runtime[LedgerWritingUnit]

    def post(self, *transactions: Transaction, scope: Scope) -> tuple[Shortfall, ...]:
        """Post transactions, all or none, each once however often it is asked for; see `Postings.post`.

        Returns:
            Every account that falls short; empty when all is posted.

        Raises:
            TransactionConflict: A key was used for another transaction.
            LinkMissing: One is linked to a transaction that is neither here nor posted.
            PermissionDenied: The caller may not write the books.
        """
        check_permission(scope, Permission.LEDGER)
        now = self.runtime.now()
        return self.runtime.run(scope.to_operator(), lambda unit: unit.ledger.post(transactions, at=now))

    def hold(self, *holds: Hold, scope: Scope) -> tuple[Shortfall, ...]:
        """Set amounts aside, all or none; see `Holds.hold`.

        Returns:
            Every account that falls short; empty when all is held.

        Raises:
            HoldConflict: An id was used for another hold.
            PermissionDenied: The caller may not write the books.
        """
        check_permission(scope, Permission.LEDGER)
        now = self.runtime.now()
        return self.runtime.run(scope.to_operator(), lambda unit: unit.ledger.hold(holds, at=now))

    def settle(self, hold: str, transaction: Transaction, *, scope: Scope) -> None:
        """End a hold by posting what it was for, at most its amount; the rest is free again; see `Holds.settle`.

        Raises:
            HoldEnded: It is not live, and the transaction did not settle it.
            HoldExceeded: The transaction is not between the hold's accounts, or moves more.
            TransactionConflict: The key was used for another transaction.
            LinkMissing: It is linked to a transaction that is not posted.
            PermissionDenied: The caller may not write the books.
        """
        check_permission(scope, Permission.LEDGER)
        now = self.runtime.now()
        self.runtime.run(scope.to_operator(), lambda unit: unit.ledger.settle(hold, transaction, at=now))

    def void(self, *holds: str, scope: Scope) -> tuple[str, ...]:
        """End holds without posting anything, and return the ids that this call ended.

        Raises:
            PermissionDenied: The caller may not write the books.
        """
        check_permission(scope, Permission.LEDGER)
        now = self.runtime.now()
        return self.runtime.run(scope.to_operator(), lambda unit: unit.ledger.void(holds, at=now))

    def expire(self, *, scope: Scope, limit: int = 100) -> tuple[str, ...]:
        """End up to `limit` holds whose time is over, and return their ids; a worker calls it now and then.

        Raises:
            PermissionDenied: The caller may not write the books.
        """
        check_permission(scope, Permission.LEDGER)
        now = self.runtime.now()
        return self.runtime.run(scope.to_operator(), lambda unit: unit.ledger.expire(now=now, limit=limit))

    def set_limits(self, limits: Mapping[Account, Money], *, scope: Scope) -> None:
        """Set the least balances of accounts with a floor, or the greatest of those with a ceiling.

        Raises:
            InvalidValue: An account has no limit, or the amount is of another currency.
            PermissionDenied: The caller may not write the books.
        """
        check_permission(scope, Permission.LEDGER)
        self.runtime.run(scope.to_operator(), lambda unit: unit.ledger.set_limits(limits))

    def fold(self, *, scope: Scope, limit: int = 100) -> int:
        """Put up to `limit` accounts in order, and return how many; a worker calls it every few minutes.

        Each is put in order in a transaction of its own, so that nobody waits for more than one.

        Raises:
            PermissionDenied: The caller may not write the books.
        """
        check_permission(scope, Permission.LEDGER)
        # One account a transaction: folding locks it, and whoever posts to several must not wait for all of them.
        folded = 0
        while folded < limit and self.runtime.run(scope.to_operator(), lambda unit: unit.ledger.fold(limit=1)):
            folded += 1
        return folded

    def balance(self, account: Account, *, scope: Scope, at: datetime | None = None) -> Money:
        """Return a balance, positive on the side on which the account grows.

        Args:
            account: Which; one that nothing was posted to is at zero.
            scope: Who asks.
            at: Counts what is effective at or before this instant (aware); None counts all that is posted.

        Raises:
            NotFound: There is no such account of this caller.
            PermissionDenied: The caller's user may not read the books.
        """
        found = self._read(scope, lambda unit: unit.ledger.balances([account], at=None if at is None else to_utc(at)))
        return _get(found, account)

    def find_funds(self, account: Account, *, scope: Scope) -> Funds:
        """Return what an account holds now, what of it is held, and what may still be taken.

        Raises:
            NotFound: There is no such account of this caller.
            PermissionDenied: The caller's user may not read the books.
        """
        return _get(self._read(scope, lambda unit: unit.ledger.find_funds([account])), account)

    def trial_balance(self, *, scope: Scope, at: datetime | None = None) -> TrialBalance:
        """Return what all accounts of the caller add up to, by name and currency; the operator's balance to zero.

        Args:
            scope: Who asks.
            at: As in `balance`.

        Raises:
            PermissionDenied: The caller's user may not read the books.
        """
        return self._read(scope, lambda unit: unit.ledger.trial_balance(at=None if at is None else to_utc(at)))

    def page_entries(
        self,
        where: Mapping[str, Wanted] | None = None,
        *,
        scope: Scope,
        order: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[Entry]:
        """Return up to `limit` entries of the caller's accounts; see `Balances.page_entries`.

        Args:
            where: By `account` (its text), `owner`, `kind`, `cause`, and ranges of `effective_at` and `posted_at`.
            scope: Who asks.
            order: `"effective_at"`, `"posted_at"`, or with `-` in front; by default the order of ids.
            after: The `next` of the page before.
            limit: Entries at most.

        Raises:
            InvalidColumn, InvalidOrder, InvalidCursor, InvalidLimit: As in `Repository.page`.
            PermissionDenied: The caller's user may not read the books.
        """
        return self._read(scope, lambda unit: unit.ledger.page_entries(where, order=order, after=after, limit=limit))

    def get_transaction(self, key: str, *, scope: Scope) -> PostedTransaction:
        """Return a whole transaction, which only the operator sees: its legs are of several parties.

        Raises:
            NotFound: Nothing was posted under this key, or the caller is not the operator.
            PermissionDenied: The caller's user may not read the books.
        """
        # The store finds nothing for a party, so that what is refused and what is not there look alike.
        found = self._read(scope, lambda unit: unit.ledger.find_transactions([key])).get(key)
        if found is None:
            raise NotFound("transaction", key)
        return found

    def get_hold(self, id: str, *, scope: Scope) -> Hold:  # noqa: A002 - the word of the field
        """Return a hold on an account of the caller, whatever became of it.

        Raises:
            NotFound: There is no such hold of this caller.
            PermissionDenied: The caller's user may not read the books.
        """
        found = self._read(scope, lambda unit: unit.ledger.find_holds([id])).get(id)
        if found is None:
            raise NotFound("hold", id)
        return found

    def _read(self, scope: Scope, work: Callable[[LedgerWritingUnit], R]) -> R:
        check_granted(scope, Permission.FINANCE)
        return self.runtime.read(scope, work)


def _get(found: Mapping[Account, R], account: Account) -> R:
    if account not in found:
        raise NotFound("account", str(account))
    return found[account]
