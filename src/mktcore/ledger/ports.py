"""The port of the ledger: guarded verbs and reads in one unit of work, so that an order and its books commit together.

Only the operator's authority (`scope.to_operator()`) posts and holds; the operator reads all accounts, a merchant and a
buyer their own, and what is another's is told like what does not exist.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from mktcore.ledger.account import Account
from mktcore.ledger.entry import Entry
from mktcore.ledger.funds import Funds, Shortfall
from mktcore.ledger.hold import Hold
from mktcore.ledger.transaction import PostedTransaction, Transaction
from mktcore.ledger.trial_balance import TrialBalance
from mktcore.money import Money
from mktcore.persistence import Page
from mktcore.persistence.kinds import Wanted
from mktcore.persistence.unit import Committing

__all__ = ["Balances", "Holds", "Ledger", "LedgerUnit", "LedgerWritingUnit", "Postings"]


class Postings(Protocol):
    """What writes the books. Entries are added, never changed (I4); accounts are locked in the order of their texts.

    A unit posts all it has to in one call: two calls lock in two orders, and two such units may wait for each other.
    """

    def post(self, transactions: Iterable[Transaction], *, at: datetime) -> tuple[Shortfall, ...]:
        """Post every transaction that is not posted yet, or none of them.

        A key that was posted before with the same body is passed over. Limits are kept by what the call leaves of each
        account, holds counted: what one transaction brings, another of the same call may take.

        Args:
            transactions: What to post.
            at: The present instant; it is kept as the time of posting.

        Returns:
            Every account that falls short, in the order of their texts; empty when all is posted.

        Raises:
            TransactionConflict: A key was used for another transaction, in this call or ever.
            LinkMissing: One is linked to a transaction that is neither here nor posted.
            NotFound: The scope has no authority to post.
        """
        ...

    def set_limits(self, limits: Mapping[Account, Money]) -> None:
        """Set the least balances (of accounts with a floor) or the greatest (with a ceiling) that accounts may have.

        A limit that what is used is past already leaves it so: nothing more is taken until there is room again.

        Raises:
            InvalidValue: An account has no limit, or the amount is of another currency.
            NotFound: The scope has no authority to post.
        """
        ...

    def fold(self, *, limit: int = 100) -> int:
        """Put up to `limit` accounts in order, so that reading their balances stays quick; returns how many.

        It changes no balance, and may run beside everything else as often as one likes.

        Raises:
            NotFound: The scope has no authority to post.
        """
        ...


class Holds(Protocol):
    """Amounts set aside. Each ends once: whoever settles, voids or expires one is alone with it."""

    def hold(self, holds: Iterable[Hold], *, at: datetime) -> tuple[Shortfall, ...]:
        """Set aside the amount of every hold that is not there yet, or of none of them.

        An id that was used before for the same hold is passed over, whatever became of it.

        Args:
            holds: What to set aside; live ones.
            at: The present instant.

        Returns:
            Every account that falls short, in the order of their texts; empty when all is held.

        Raises:
            HoldConflict: An id was used for another hold, in this call or ever.
            NotFound: The scope has no authority to post.
        """
        ...

    def settle(self, hold: str, transaction: Transaction, *, at: datetime) -> None:
        """End a hold by posting what it was for: at most its amount, from its debit to its credit; the rest is free.

        It cannot fall short, even when a limit was lowered meanwhile. Settling it again by the same transaction does
        nothing.

        Raises:
            HoldEnded: It is not live, or does not exist; and the transaction did not settle it.
            HoldExceeded: The transaction is not between the hold's accounts, or moves more.
            TransactionConflict: The key was used for another transaction.
            LinkMissing: It is linked to a transaction that is not posted.
            NotFound: The scope has no authority to post.
        """
        ...

    def void(self, holds: Iterable[str], *, at: datetime) -> tuple[str, ...]:
        """End holds without posting anything, and return the ids that this call ended.

        Those that ended before, or do not exist, are left as they are: voiding twice is harmless.

        Raises:
            NotFound: The scope has no authority to post.
        """
        ...

    def expire(self, *, now: datetime, limit: int = 100) -> tuple[str, ...]:
        """End up to `limit` live holds that expire at or before `now`, soonest first, and return their ids.

        Raises:
            NotFound: The scope has no authority to post.
        """
        ...

    def find_holds(self, ids: Iterable[str]) -> dict[str, Hold]:
        """Return the holds that exist, by id, ended ones included; a party sees those that debit its accounts."""
        ...


class Balances(Protocol):
    """What reads the books."""

    def balances(self, accounts: Iterable[Account], *, at: datetime | None = None) -> dict[Account, Money]:
        """Return balances, each positive on the side on which its account grows, in one statement.

        Args:
            accounts: Which; one that nothing was posted to is at zero, another party's is left out.
            at: Counts what is effective at or before this instant; None counts all that is posted.
        """
        ...

    def find_funds(self, accounts: Iterable[Account]) -> dict[Account, Funds]:
        """Return balances with what is held of them and how far they may go; another party's are left out."""
        ...

    def trial_balance(self, *, at: datetime | None = None) -> TrialBalance:
        """Return the trial balance of all accounts of this scope; `at` as in `balances`."""
        ...

    def page_entries(
        self,
        where: Mapping[str, Wanted] | None = None,
        *,
        order: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[Entry]:
        """Return up to `limit` entries of this scope's accounts, as `Repository.page` does.

        Args:
            where: By `account` (its text), `owner`, `kind`, `cause`, and ranges of `effective_at` and `posted_at`.
            order: `"effective_at"`, `"posted_at"`, or with `-` in front; by default the order of ids.
            after: The `next` of the page before.
            limit: Entries at most.

        Raises:
            InvalidColumn, InvalidOrder, InvalidCursor, InvalidLimit: As there.
        """
        ...

    def find_transactions(self, keys: Iterable[str]) -> dict[str, PostedTransaction]:
        """Return the transactions that are posted, by key; only the operator sees whole transactions."""
        ...

    def find_transactions_of(self, causes: Iterable[str]) -> dict[str, tuple[PostedTransaction, ...]]:
        """Return what follows from each cause, in the order of keys; those of which nothing does are left out."""
        ...


class Ledger(Postings, Holds, Balances, Protocol):
    """The books of a marketplace."""


class LedgerUnit(Protocol):
    """A unit that has the books."""

    @property
    def ledger(self) -> Ledger:
        """The books."""
        ...


class LedgerWritingUnit(LedgerUnit, Committing, Protocol):
    """What the use cases of the ledger need of a unit of work."""
