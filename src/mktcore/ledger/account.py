"""Accounts: an owner, a name of the chart, a currency."""

from typing import ClassVar

import attrs

from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.ledger.chart import CHART, AccountType
from mktcore.money import Currency, Money
from mktcore.persistence import Party, Scope

__all__ = ["Account"]


def _to_currency(code: str | Currency) -> Currency:
    return Currency.of(code)


@attrs.frozen(cache_hash=True)
class Account:
    """One account of the books: whose it is, which of the chart, in which currency. It exists by being named.

    >>> account = Account("merchant:acme", "available", "EUR")
    >>> str(account), account.type.code, account.type.side.value
    ('merchant:acme/available/EUR', 'AV', 'credit')

    Attributes:
        owner: Whose it is, as a scope is written: `"operator"`, `"merchant:acme"`, `"buyer:b1"`.
        name: Of the chart: `"available"`.
        currency: Of its amounts; a code is taken too.

    Raises:
        InvalidValue: The chart has no such name, or not for this kind of owner.
        UnknownCurrency: There is no such currency.
    """

    owner: str
    name: str
    currency: Currency = attrs.field(converter=_to_currency)

    OPERATOR: ClassVar[str] = str(Scope.operator())
    """The owner of the marketplace's own accounts."""

    def __attrs_post_init__(self) -> None:
        known = CHART.get(self.name) if isinstance(self.name, str) else None
        if known is None:
            raise InvalidValue("Account", "name", self.name, f"one of the chart: {', '.join(CHART)}")
        party, _, id_ = str(self.owner).partition(":")
        if party != known.party:
            example = self.OPERATOR if known.party is Party.OPERATOR else f"{known.party}:ID"
            raise InvalidValue("Account", "owner", self.owner, f"the owner of {self.name} is {example}")
        if known.party is not Party.OPERATOR:
            check_id(party, id_)
        elif self.owner != self.OPERATOR:
            raise InvalidValue("Account", "owner", self.owner, f"the owner of {self.name} is {self.OPERATOR}")

    @classmethod
    def parse(cls, text: str) -> "Account":
        """Return the account that is written so.

        >>> Account.parse("merchant:acme/available/EUR") == Account("merchant:acme", "available", "EUR")
        True

        Raises:
            InvalidValue: No account is written so.
            UnknownCurrency: There is no such currency.
        """
        parts = text.rsplit("/", 2)  # the id of an owner may hold strokes, a name and a currency do not
        if len(parts) != 3:  # noqa: PLR2004 - owner, name, currency
            raise InvalidValue("Account", "text", text, "owner/name/currency")
        owner, name, currency = parts
        return cls(owner, name, currency)

    @property
    def type(self) -> AccountType:
        """What all accounts of this name have in common."""
        return CHART[self.name]

    def to_balance(self, minor: int) -> Money:
        """Return a sum of debits (positive) and credits (negative), in minor units, as this account tells it.

        >>> print(Account("merchant:acme", "available", "EUR").to_balance(-7149))
        71.49 EUR
        """
        return Money.from_minor(minor * self.type.side.sign, self.currency)

    def is_seen_by(self, scope: Scope) -> bool:
        """Tell whether it exists for a scope: the operator sees every account, a party its own."""
        return scope.party is Party.OPERATOR or self.owner == str(scope)

    def __str__(self) -> str:
        return f"{self.owner}/{self.name}/{self.currency.code}"
