"""Which tax rates a tax category has."""

from collections.abc import Iterable
from decimal import Decimal

import attrs

from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.totals import TaxRate
from mktcore.unit_of_work import Kind

__all__ = ["TAX_RULES", "TaxRule", "find_tax_rates"]


@attrs.frozen
class TaxRule:
    """One tax on one category; several on the same category add up.

    Attributes:
        id: Its id, such as `"standard:VAT"`.
        category: The tax category of SKUs and expenses it applies to.
        name: Name of the tax, as invoices show it.
        rate: As a fraction: `Decimal("0.19")` for 19 %.
        version: How often it was stored.
    """

    id: str
    category: str
    name: str
    rate: Decimal
    version: int = 0

    def __attrs_post_init__(self) -> None:
        check_id("tax rule", self.id)
        if not isinstance(self.rate, Decimal) or not self.rate.is_finite() or not 0 <= self.rate < 1:
            raise InvalidValue("TaxRule", "rate", self.rate, "a fraction from 0 to below 1, such as Decimal('0.19')")


TAX_RULES = Kind("tax_rule", TaxRule, columns={"category": lambda rule: rule.category}, public=True)


def find_tax_rates(rules: Iterable[TaxRule]) -> dict[str, tuple[TaxRate, ...]]:
    """Return the rates per tax category, in the order of the rules' names.

    >>> rates = find_tax_rates([TaxRule("standard:VAT", "standard", "VAT", Decimal("0.19"))])
    >>> [(rate.name, rate.rate) for rate in rates["standard"]]
    [('VAT', Decimal('0.19'))]
    """
    rates: dict[str, tuple[TaxRate, ...]] = {}
    for rule in sorted(rules, key=lambda rule: rule.id):
        rates[rule.category] = (*rates.get(rule.category, ()), TaxRate(rule.name, rule.rate))
    return rates
