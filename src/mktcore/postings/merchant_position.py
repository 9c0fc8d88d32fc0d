"""What a merchant has in the books, and over which of its accounts an amount goes. Pure."""

from collections.abc import Iterable, Mapping

import attrs

from mktcore.ledger import Account, Funds, Transaction
from mktcore.money import Currency
from mktcore.persistence import Scope

__all__ = ["MerchantPosition", "list_position_accounts"]

_TAKEN_FROM = ("pending", "available", "reserve")
"""In this order: what the merchant can already be paid is touched after what it cannot, and what secures us last."""


def list_position_accounts(merchant: str, currency: Currency) -> tuple[Account, ...]:
    """Return the accounts that a merchant's position is read from."""
    owner = str(Scope.merchant(merchant))
    return tuple(Account(owner, name, currency) for name in (*_TAKEN_FROM, "merchant_debt"))


@attrs.frozen
class MerchantPosition:
    """What of a merchant's money is free to be taken, and what it owes, in minor units; what holds keep is left out.

    >>> acme = MerchantPosition("acme", Currency.of("EUR"), pending=300, available=50, reserve=20)
    >>> acme.take(400)
    {'pending': 300, 'available': 50, 'reserve': 20, 'merchant_debt': 30}
    >>> MerchantPosition("acme", Currency.of("EUR"), debt=71).give(200, into="pending")
    {'merchant_debt': 71, 'pending': 129}

    Attributes:
        merchant: Whose it is.
        currency: Of every amount.
        pending: Earned, and not released yet.
        available: Ready to be paid out.
        reserve: Kept back for a time.
        debt: What the merchant owes.
    """

    merchant: str
    currency: Currency
    pending: int = attrs.field(default=0, kw_only=True)
    available: int = attrs.field(default=0, kw_only=True)
    reserve: int = attrs.field(default=0, kw_only=True)
    debt: int = attrs.field(default=0, kw_only=True)

    @classmethod
    def of(cls, merchant: str, currency: Currency, funds: Mapping[Account, Funds]) -> "MerchantPosition":
        """Return the position that a merchant's funds come to; an account that is not among them is empty."""
        free = [_find_free(funds.get(account)) for account in list_position_accounts(merchant, currency)]
        pending, available, reserve, debt = free
        return cls(merchant, currency, pending=pending, available=available, reserve=reserve, debt=debt)

    def take(self, amount: int) -> dict[str, int]:
        """Return what each account is debited when an amount is taken: what there is first, then a debt.

        Args:
            amount: In minor units, zero or more.
        """
        parts: dict[str, int] = {}
        for name in _TAKEN_FROM:
            parts[name] = min(amount, getattr(self, name))
            amount -= parts[name]
        return {name: part for name, part in {**parts, "merchant_debt": amount}.items() if part}

    def give(self, amount: int, *, into: str) -> dict[str, int]:
        """Return what each account is credited when an amount is given: what the merchant owes is settled first.

        Args:
            amount: In minor units, zero or more.
            into: The account that the rest goes to.
        """
        settled = min(amount, self.debt)
        return {name: part for name, part in (("merchant_debt", settled), (into, amount - settled)) if part}

    def follow(self, transactions: Iterable[Transaction]) -> "MerchantPosition":
        """Return the position once these transactions are posted: those that follow in the same call build on it."""
        after = {name: getattr(self, name) for name in _TAKEN_FROM} | {"merchant_debt": self.debt}
        owner = str(Scope.merchant(self.merchant))
        for leg in (leg for transaction in transactions for leg in transaction.legs):
            if leg.account.owner == owner and leg.account.name in after and leg.account.currency == self.currency:
                after[leg.account.name] += leg.account.to_balance(leg.amount.minor).minor
        debt = after.pop("merchant_debt")
        return attrs.evolve(self, **after, debt=debt)


def _find_free(funds: Funds | None) -> int:
    return 0 if funds is None or funds.available is None else funds.available.minor
