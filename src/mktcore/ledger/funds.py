"""What an account holds now, and what the books add up to."""

from collections.abc import Iterable, Mapping

import attrs

from mktcore.ledger.account import Account
from mktcore.ledger.chart import CHART, Guard
from mktcore.money import Money

__all__ = ["Funds", "Shortfall", "TrialBalance", "TrialRow", "sum_accounts"]


@attrs.frozen
class Funds:
    """What an account holds now.

    Attributes:
        account: Which.
        balance: Its balance, positive on the side on which it grows.
        held: What live holds would take it towards its limit.
        limit: The least balance, or the greatest, that it may have; None for an account without a limit.
    """

    account: Account
    balance: Money
    held: Money
    limit: Money | None

    @property
    def available(self) -> Money | None:
        """What may still be taken: never below zero; None for an account without a limit.

        A limit that was lowered below what is used leaves that, and lets nothing more be taken.
        """
        if self.limit is None:
            return None
        is_ceiling = self.account.type.guard is Guard.CEILING
        room = (self.limit - self.balance if is_ceiling else self.balance - self.limit) - self.held
        return max(room, Money.zero(room.currency))


@attrs.frozen
class Shortfall:
    """An account that does not have what was asked of it; nothing was posted.

    Attributes:
        account: Which.
        available: What it has, holds counted.
        asked: What was asked of it.
    """

    account: Account
    available: Money
    asked: Money

    @property
    def missing(self) -> Money:
        """What it lacks."""
        return self.asked - self.available

    def __str__(self) -> str:
        return f"{self.account} has {self.available}, not {self.asked}"


@attrs.frozen
class TrialRow:
    """All accounts of one name and currency together.

    Attributes:
        name: Of the chart.
        balance: Their sum, positive on the side on which they grow.
        debit: What stands on the debit side.
        credit: What stands on the credit side.
    """

    name: str
    balance: Money
    debit: Money
    credit: Money


@attrs.frozen
class TrialBalance:
    """The books in one table: every name of the chart with what its accounts hold, by currency.

    Attributes:
        rows: By currency, in the order of the chart; names without any account are left out.
    """

    rows: tuple[TrialRow, ...]

    @property
    def differences(self) -> Mapping[str, Money]:
        """Debits less credits, by currency: zero everywhere when the books balance."""
        currencies = dict.fromkeys(row.debit.currency for row in self.rows)
        return {
            currency.code: Money.sum(row.debit - row.credit for row in self.rows if row.debit.currency == currency)
            for currency in currencies
        }

    def find(self, name: str, currency: str) -> Money:
        """Return what the accounts of one name hold together: zero where there are none.

        Raises:
            UnknownCurrency: There is no such currency.
        """
        found = [row.balance for row in self.rows if (row.name, row.balance.currency.code) == (name, currency)]
        return found[0] if found else Money.zero(currency)


def sum_accounts(sums: Iterable[tuple[Account, int]]) -> TrialBalance:
    """Return the trial balance of accounts.

    Args:
        sums: Accounts, and their debits less credits in minor units; each once.
    """
    sides: dict[tuple[str, str], list[int]] = {}
    for account, minor in sums:
        both = sides.setdefault((account.currency.code, account.name), [0, 0])
        both[minor < 0] += abs(minor)
    order = {name: place for place, name in enumerate(CHART)}
    keys = sorted(sides, key=lambda key: (key[0], order[key[1]]))
    return TrialBalance(tuple(_to_row(name, currency, *sides[currency, name]) for currency, name in keys))


def _to_row(name: str, currency: str, debit: int, credit: int) -> TrialRow:
    balance = (debit - credit) * CHART[name].side.sign
    amounts = [Money.from_minor(minor, currency) for minor in (balance, debit, credit)]
    return TrialRow(name, *amounts)
