"""The trial balance: what every account holds, and that both sides agree."""

from collections.abc import Iterable, Mapping

import attrs

from mktcore.ledger.account import Account
from mktcore.ledger.chart import CHART
from mktcore.money import Money

__all__ = ["TrialBalance", "TrialRow", "sum_accounts"]


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
        both[minor < 0] += abs(minor)  # debits stand first; accounts of one name may stand on either side
    order = {name: place for place, name in enumerate(CHART)}
    keys = sorted(sides, key=lambda key: (key[0], order[key[1]]))
    return TrialBalance(tuple(_to_row(name, currency, *sides[currency, name]) for currency, name in keys))


# positional: a row of the table, column by column
def _to_row(name: str, currency: str, debit: int, credit: int) -> TrialRow:
    balance = (debit - credit) * CHART[name].side.sign
    amounts = [Money.from_minor(minor, currency) for minor in (balance, debit, credit)]
    return TrialRow(name, *amounts)
