"""Transactions: what moves between accounts, debits equal to credits."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import ClassVar

import attrs

from mktcore.clock import to_utc
from mktcore.errors import InvalidValue, Refused
from mktcore.ids import check_id
from mktcore.ledger.account import Account
from mktcore.ledger.chart import Side
from mktcore.money import Money
from mktcore.notice import Notice

__all__ = ["Leg", "PostedTransaction", "Transaction", "TransactionRefused", "check_minor_units"]

MAX_KEY_LENGTH = 116
"""An entry's id is its transaction's key and four characters more, and an id has 120 at most."""
MAX_LEGS = 999
MAX_MINOR = 10**16
"""Minor units of one leg at most: hundreds of such legs in one account still fit the 64 bits of a database."""
_KIND = re.compile(r"[a-z][a-z0-9.-]{0,59}")


@attrs.define(eq=False, slots=False)
class TransactionRefused(Refused):
    """A transaction that is none; every reason is listed."""

    code: ClassVar[str] = "ledger.transaction-refused"


def check_minor_units(type_: str, amount: Money) -> Money:
    """Return an amount that the ledger can move.

    Raises:
        InvalidValue: It is no money, or more than 10,000,000,000,000,000 minor units.
    """
    if type(amount) is not Money or abs(amount.minor) > MAX_MINOR:
        raise InvalidValue(type_, "amount", amount, f"Money of {MAX_MINOR} minor units at most")
    return amount


@attrs.frozen
class Leg:
    """An amount on one account: a debit is positive, a credit negative.

    >>> fund = Leg.credit(Account("buyer:b1", "order_funds", "EUR"), Money.of("119.00", "EUR"))
    >>> print(fund.side.value, fund.amount)
    credit -119.00 EUR

    Attributes:
        account: Where.
        amount: How much, never zero; in the account's currency.

    Raises:
        InvalidValue: The amount is zero, of another currency, or too large.
    """

    account: Account
    amount: Money

    def __attrs_post_init__(self) -> None:
        check_minor_units("Leg", self.amount)
        if not self.amount.minor:
            raise InvalidValue("Leg", "amount", self.amount, "above or below zero")
        if self.amount.currency != self.account.currency:
            raise InvalidValue("Leg", "amount", self.amount, f"in the account's currency, {self.account.currency}")

    @classmethod
    def debit(cls, account: Account, amount: Money) -> "Leg":
        """Return a debit of an amount above zero.

        Raises:
            InvalidValue: The amount is not above zero, of another currency, or too large.
        """
        return cls(account, _check_positive(amount))

    @classmethod
    def credit(cls, account: Account, amount: Money) -> "Leg":
        """Return a credit of an amount above zero.

        Raises:
            InvalidValue: The amount is not above zero, of another currency, or too large.
        """
        return cls(account, -_check_positive(amount))

    @property
    def side(self) -> Side:
        """The side that the amount stands on."""
        return Side.DEBIT if self.amount.minor > 0 else Side.CREDIT


def _check_positive(amount: Money) -> Money:
    check_minor_units("Leg", amount)
    if amount.minor <= 0:
        raise InvalidValue("Leg", "amount", amount, "above zero; the side says where it goes")
    return amount


def _to_legs(legs: Iterable[Leg]) -> tuple[Leg, ...]:
    return tuple(legs)


def _to_keys(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(keys)


@attrs.frozen
class Transaction:
    """What one event of the business moves: legs of one currency, whose debits equal their credits (invariant I3).

    >>> from datetime import UTC, datetime
    >>> money, now = Money.of("119.00", "EUR"), datetime(2026, 3, 1, tzinfo=UTC)
    >>> paid = Transaction(
    ...     "capture/p1",
    ...     "capture",
    ...     [
    ...         Leg.debit(Account("operator", "clearing", "EUR"), money),
    ...         Leg.credit(Account("buyer:b1", "order_funds", "EUR"), money),
    ...     ],
    ...     effective_at=now,
    ...     cause="order-1",
    ... )
    >>> print(paid.total)
    119.00 EUR

    An exchange is two of them, each linked to the other: no transaction mixes currencies.

    Attributes:
        key: What makes it one: the same key is posted once, whoever asks how often.
        kind: The event, a row of the posting table: `"capture"`.
        legs: At least two, 999 at most.
        effective_at: When it counts, UTC; it may lie before the instant of posting.
        cause: Id of what it follows from, such as an order.
        linked: Keys of transactions that belong to it and are posted with it or before.

    Raises:
        TransactionRefused: It does not balance, mixes currencies, lacks legs, or is linked to itself; all is told.
        InvalidId: The key, the cause or a linked key cannot be an id.
        InvalidValue: The key is longer than 116 characters, or the kind is no word in small letters.
    """

    key: str
    kind: str
    legs: tuple[Leg, ...] = attrs.field(converter=_to_legs)
    effective_at: datetime = attrs.field(converter=to_utc, kw_only=True)
    cause: str = attrs.field(kw_only=True)
    linked: tuple[str, ...] = attrs.field(default=(), converter=_to_keys, kw_only=True)

    def __attrs_post_init__(self) -> None:
        for key in (self.key, *self.linked):
            check_id("transaction", key)
            if len(key) > MAX_KEY_LENGTH:
                raise InvalidValue("Transaction", "key", key, f"{MAX_KEY_LENGTH} characters at most")
        check_id("cause", self.cause)
        if not isinstance(self.kind, str) or not _KIND.fullmatch(self.kind):
            raise InvalidValue("Transaction", "kind", self.kind, "a word in small letters: capture")
        TransactionRefused.raise_if(_find_problems(self))

    @property
    def total(self) -> Money:
        """What its debits add up to, and its credits."""
        return Money.sum(leg.amount for leg in self.legs if leg.amount.minor > 0)


def _find_problems(one: Transaction) -> Iterator[Notice]:
    if not 2 <= len(one.legs) <= MAX_LEGS:  # noqa: PLR2004 - a debit and a credit
        message = f"transaction {one.key!r} has {len(one.legs)} legs, not 2 to {MAX_LEGS}"
        yield Notice("ledger.legs", "legs", message, "give it a debit and a credit", operands={"key": one.key})
    currencies = sorted({leg.account.currency.code for leg in one.legs})
    if len(currencies) > 1:
        message = f"transaction {one.key!r} mixes {', '.join(currencies)}"
        yield Notice(
            "ledger.mixed-currencies", "legs", message, "post one for each, and link them", operands={"key": one.key}
        )
    for code in currencies:
        yield from _find_difference(one, code)
    if one.key in one.linked or len(set(one.linked)) < len(one.linked):
        message = f"transaction {one.key!r} is linked to itself, or to one key twice"
        yield Notice("ledger.linked", "linked", message, "name each of the others once", operands={"key": one.key})


def _find_difference(one: Transaction, code: str) -> Iterator[Notice]:
    difference = Money.sum(leg.amount for leg in one.legs if leg.account.currency.code == code)
    if difference.minor:
        message = f"the debits of transaction {one.key!r} exceed its credits by {difference}"
        operands = {"key": one.key, "difference": difference}
        yield Notice("ledger.unbalanced", "legs", message, "debit as much as is credited", operands=operands)


@attrs.frozen
class PostedTransaction:
    """A transaction in the books.

    Attributes:
        transaction: What was posted.
        posted_at: When, UTC.
    """

    transaction: Transaction
    posted_at: datetime
