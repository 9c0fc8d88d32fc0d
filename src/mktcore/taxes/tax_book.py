"""Choosing among tax rules: which rates apply to a category, at a destination, for a buyer, at an instant. Pure."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import attrs

from mktcore.addresses import Address, find_narrowness
from mktcore.taxes.tax_rule import BuyerStatus, TaxRule
from mktcore.totals import TaxRate

__all__ = ["NO_TAXES", "TaxBook", "TaxedSale"]


@attrs.frozen
class TaxedSale:
    """What taxes of a sale depend on beside its goods.

    Attributes:
        at: The instant of the order, UTC.
        destination: Where it goes; None where nobody knows yet.
        buyer: What the buyer is to the tax authority.
    """

    at: datetime
    destination: Address | None = attrs.field(default=None, kw_only=True)
    buyer: BuyerStatus = attrs.field(default=BuyerStatus.CONSUMER, kw_only=True)


@attrs.frozen
class TaxBook:
    """The tax rules of some categories.

    >>> from datetime import UTC
    >>> from decimal import Decimal
    >>> book = TaxBook.of(
    ...     [
    ...         TaxRule.of("books", "VAT", Decimal("0.07")),
    ...         TaxRule.of("books", "VAT", Decimal("0.055"), destinations=["FR"]),
    ...     ]
    ... )
    >>> sale = TaxedSale(datetime(2026, 7, 1, tzinfo=UTC), destination=Address("FR"))
    >>> [str(rate.rate) for rate in book.find_rates("books", sale)]
    ['0.055']

    Attributes:
        rules: By category, in the order of their names and ids.
    """

    rules: Mapping[str, tuple[TaxRule, ...]] = attrs.field(factory=dict)

    @classmethod
    def of(cls, rules: Iterable[TaxRule]) -> "TaxBook":
        """Return the book of these rules."""
        by_category: dict[str, tuple[TaxRule, ...]] = {}
        for rule in sorted(rules, key=lambda rule: (rule.name, rule.id)):
            by_category[rule.category] = (*by_category.get(rule.category, ()), rule)
        return cls(by_category)

    def find_rules(self, category: str, sale: TaxedSale) -> tuple[TaxRule, ...]:
        """Return the rules that apply to goods of a category, one for each name of a tax, in the order of names."""
        chosen: dict[str, tuple[tuple[int, bool, bool], TaxRule]] = {}
        for rule in self.rules.get(category, ()):
            rank = _rank(rule, sale)
            # Of two alike the first by id stays; a lint tells of them.
            if rank is not None and (rule.name not in chosen or rank > chosen[rule.name][0]):
                chosen[rule.name] = (rank, rule)
        return tuple(rule for _, rule in chosen.values())

    def find_rates(self, category: str, sale: TaxedSale) -> tuple[TaxRate, ...]:
        """Return the rates that apply to goods of a category; none where it is not taxed."""
        return tuple(rule.tax_rate for rule in self.find_rules(category, sale))

    def asks_for_buyers(self) -> bool:
        """Tell whether some rule depends on what the buyer is."""
        return any(rule.buyers for rules in self.rules.values() for rule in rules)

    def narrow(self, categories: Collection[str]) -> "TaxBook":
        """Return the book of some of its categories."""
        return TaxBook({category: rules for category, rules in self.rules.items() if category in categories})


NO_TAXES = TaxBook()
"""Nothing is taxed."""


def _rank(rule: TaxRule, sale: TaxedSale) -> tuple[int, bool, bool] | None:
    """Return how narrow a rule is; None where it does not apply."""
    if not rule.valid.contains(sale.at) or (rule.buyers and sale.buyer not in rule.buyers):
        return None
    narrowness = find_narrowness(rule.destinations, sale.destination)
    return None if narrowness is None else (narrowness, bool(rule.buyers), not rule.valid.is_always())
