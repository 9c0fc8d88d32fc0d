"""Whether amounts are in the one currency in which they can ever apply."""

from mktcore.money.amount import Money
from mktcore.money.currency import Currency
from mktcore.money.errors import CurrencyMismatch

__all__ = ["check_currency"]


def check_currency(currency: Currency, *amounts: Money | None) -> None:
    """Refuse an amount in another currency before it is kept, where it would silently apply to nothing.

    Raises:
        CurrencyMismatch: It names the first such currency.
    """
    for amount in amounts:
        if amount is not None and amount.currency != currency:
            raise CurrencyMismatch(currency.code, amount.currency.code)
