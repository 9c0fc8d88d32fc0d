"""The currencies that a promotion speaks of: one that is not the market's would silently never apply, or always."""

from collections.abc import Iterator

from mktcore.money import Currency, CurrencyMismatch, Money
from mktcore.promotions.conditions import Amount, list_conditions
from mktcore.promotions.promotion import Promotion

__all__ = ["check_promotion_currency", "list_currencies"]


def list_currencies(promotion: Promotion) -> set[str]:
    """Return the codes of the currencies that a promotion's own amounts are in, those of its conditions too."""
    return {amount.currency.code for amount in _list_amounts(promotion)}


def check_promotion_currency(promotion: Promotion, currency: Currency) -> None:
    """Refuse a promotion with an amount in another currency, in its effect, caps, limits or conditions.

    Raises:
        CurrencyMismatch: It names the first such currency.
    """
    for code in sorted(list_currencies(promotion) - {currency.code}):
        raise CurrencyMismatch(currency.code, code)


def _list_amounts(promotion: Promotion) -> Iterator[Money]:
    effect, caps = promotion.effect, promotion.caps
    amounts = [caps.order, caps.line, caps.floor, promotion.limits.budget]
    # What effects call their amounts; the others have none.
    amounts += [getattr(effect, name, None) for name in ("amount", "price", "every")]
    for condition in list_conditions(promotion.condition):
        if isinstance(condition, Amount):
            amounts += [condition.at_least, condition.at_most]
    yield from (amount for amount in amounts if isinstance(amount, Money))
