"""What a call changes, and what of it needs room: the pure half of every store's ledger."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import attrs

from mktcore.errors import InvalidValue
from mktcore.ledger.account import Account
from mktcore.ledger.chart import Guard, Side
from mktcore.ledger.check_transactions import check_same_hold, check_same_transaction
from mktcore.ledger.funds import Funds, Shortfall
from mktcore.ledger.hold import Hold
from mktcore.ledger.transaction import Transaction
from mktcore.money import Money

__all__ = [
    "AccountChanges",
    "AccountRow",
    "index_holds",
    "index_transactions",
    "measure_spending",
    "sum_changes",
    "sum_spending",
    "to_allowance",
]

T = TypeVar("T")


@attrs.frozen
class AccountRow:
    """What a store keeps of an account, in minor units.

    Attributes:
        account: Which.
        balance: Debits less credits.
        held: What live holds would take.
        allowance: How far past zero it may be taken: a ceiling, or a floor with the opposite sign.
    """

    account: Account
    balance: int = 0
    held: int = 0
    allowance: int = 0

    @property
    def room(self) -> int:
        """What may still be taken; below zero where a limit was lowered below what is used."""
        spending = self.account.type.spending
        return self.allowance - self.held - self.balance * (0 if spending is None else spending.sign)

    def find_shortfall(self, asked: int) -> Shortfall | None:
        """Return what it lacks of what is asked, in minor units; None where it has enough."""
        # A limit that was lowered below what is used leaves no room; that it is below zero is nobody's business here.
        room, currency = self.room, self.account.currency
        if asked <= room:
            return None
        return Shortfall(self.account, Money.from_minor(max(room, 0), currency), Money.from_minor(asked, currency))

    def to_funds(self) -> Funds:
        """Return it as parties read it."""
        guard, currency = self.account.type.guard, self.account.currency
        # An allowance is one number for both guards, so that a store compares in one way; parties read it as a balance.
        limit = self.allowance if guard is Guard.CEILING else -self.allowance
        return Funds(
            self.account,
            self.account.to_balance(self.balance),
            Money.from_minor(self.held, currency),
            limit=None if guard is None else Money.from_minor(limit, currency),
        )


def to_allowance(account: Account, limit: Money) -> int:
    """Return how far past zero an account may be taken under a limit, in minor units.

    >>> to_allowance(Account("buyer:b1", "buyer_debt", "EUR"), Money.of("500.00", "EUR"))
    50000

    Raises:
        InvalidValue: The account has no limit, or the amount is of another currency.
    """
    if account.type.guard is None:
        raise InvalidValue("Ledger", "limits", account, "an account with a floor or a ceiling")
    if limit.currency != account.currency:
        raise InvalidValue("Ledger", "limits", limit, f"in the account's currency, {account.currency}")
    return limit.minor if account.type.guard is Guard.CEILING else -limit.minor


def index_transactions(transactions: Iterable[Transaction]) -> dict[str, Transaction]:
    """Return transactions by key, in the order of keys, each once.

    Raises:
        TransactionConflict: Two different ones have one key.
    """
    return _index(transactions, lambda one: one.key, check_same_transaction)


def index_holds(holds: Iterable[Hold]) -> dict[str, Hold]:
    """Return holds by id, in the order of ids, each once.

    Raises:
        HoldConflict: Two different ones have one id.
        InvalidValue: One has ended.
    """
    given = tuple(holds)
    # A store makes every hold live: one that says otherwise would be kept as something else than was asked for.
    for one in given:
        if one != one.request:
            raise InvalidValue("Hold", "state", one.state, "live, with nothing settled, when it is asked for")
    return _index(given, lambda one: one.id, check_same_hold)


def _index(values: Iterable[T], to_key: Callable[[T], str], check: Callable[[T, T], None]) -> dict[str, T]:
    found: dict[str, T] = {}
    for value in values:
        known = found.setdefault(to_key(value), value)
        if known is not value:
            check(known, value)
    # Keys are claimed in this order: two units that post some of the same ones wait for each other in no circle.
    return {key: found[key] for key in sorted(found)}


def sum_changes(transactions: Iterable[Transaction]) -> dict[Account, int]:
    """Return debits less credits of each account that a call changes, in minor units, in the order of locks."""
    sums: dict[Account, int] = {}
    for transaction in transactions:
        for leg in transaction.legs:
            sums[leg.account] = sums.get(leg.account, 0) + leg.amount.minor
    # What a call brings and takes alike changes nothing: it needs neither a lock nor room.
    return {account: sums[account] for account in sorted(sums, key=str) if sums[account]}


def measure_spending(account: Account, change: int) -> int:
    """Return what a change of a balance, in minor units, takes of the room that its account has; 0 where it needs none.

    >>> available = Account("merchant:acme", "available", "EUR")
    >>> measure_spending(available, 500), measure_spending(available, -500)
    (500, 0)
    """
    spending: Side | None = account.type.spending
    return 0 if spending is None else max(change * spending.sign, 0)


@attrs.frozen
class AccountChanges:
    """What a call of several transactions changes, in minor units, debits positive; each in the order of locks.

    Attributes:
        transactions: By key.
        taken: Changes that need room.
        raised: All others, which need none.
    """

    transactions: tuple[Transaction, ...]
    taken: Mapping[Account, int]
    raised: Mapping[Account, int]

    @classmethod
    def of(cls, transactions: Iterable[Transaction]) -> "AccountChanges":
        """Sum up what transactions change."""
        given = tuple(transactions)
        sums = sum_changes(given)
        # By the sum of the call, not leg by leg: what one transaction brings, another of the same call may take.
        taken = {account: change for account, change in sums.items() if measure_spending(account, change)}
        return cls(given, taken, {account: change for account, change in sums.items() if account not in taken})


def sum_spending(holds: Iterable[Hold]) -> dict[Account, int]:
    """Return what holds would take of each account that has a limit, in minor units, in the order of locks."""
    sums: dict[Account, int] = {}
    for hold in holds:
        for leg in hold.legs:
            taken = measure_spending(leg.account, leg.amount.minor)
            if taken:
                sums[leg.account] = sums.get(leg.account, 0) + taken
    return {account: sums[account] for account in sorted(sums, key=str)}
