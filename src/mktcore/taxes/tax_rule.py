"""Which tax rates a tax category has."""

import re
from collections.abc import Iterable
from decimal import Decimal
from hashlib import sha256
from typing import Self

import attrs

from mktcore.access import Permission
from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.persistence import Kind
from mktcore.totals import TaxRate
from mktcore.totals.inputs import TaxOwner

__all__ = ["TAX_RULES", "TaxRule", "find_tax_rates"]

_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,60}")
_KEPT_OF_CATEGORY = 59
"""Characters of a category that an id keeps beside a name, or beside a digest, within the length of ids."""


@attrs.frozen
class TaxRule:
    """One tax on one category; several on the same category add up.

    Attributes:
        id: Its id, such as `"standard:VAT"`.
        category: The tax category of SKUs and expenses it applies to.
        name: Name of the tax, as invoices show it.
        rate: As a fraction: `Decimal("0.19")` for 19 %.
        owner: Who owes it to the authority: the merchant, or the marketplace as a facilitator.
        version: How often it was stored.
    """

    id: str
    category: str
    name: str
    rate: Decimal = attrs.field(kw_only=True)
    owner: TaxOwner = attrs.field(default=TaxOwner.MERCHANT, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("tax rule", self.id)
        if not isinstance(self.rate, Decimal) or not self.rate.is_finite() or not 0 <= self.rate < 1:
            raise InvalidValue("TaxRule", "rate", self.rate, "a fraction from 0 to below 1, such as Decimal('0.19')")

    @classmethod
    def of(cls, category: str, name: str, rate: Decimal, *, owner: TaxOwner = TaxOwner.MERCHANT) -> Self:
        """Return the rule for a tax of any name, its id made from category and name; another pair has another id.

        >>> TaxRule.of("standard", "VAT", Decimal("0.19")).id
        'standard:VAT'
        >>> TaxRule.of("standard", "VAT 19%", Decimal("0.19")).id
        'standard:@83b0348938887b9c485ca18cb1ab4bdf'
        """
        if len(category) <= _KEPT_OF_CATEGORY and _PLAIN.fullmatch(name):
            return cls(f"{category}:{name}", category, name, rate=rate, owner=owner)
        # A category has no white space, so the text is that of one pair only; "@" is in no plain name.
        digest = sha256(f"{category} {name}".encode()).hexdigest()[:32]
        return cls(f"{category[:_KEPT_OF_CATEGORY]}:@{digest}", category, name, rate=rate, owner=owner)


TAX_RULES = Kind(
    "tax_rule",
    TaxRule,
    columns={"category": lambda rule: rule.category, "owner": lambda rule: rule.owner},
    together=(("category", "owner"),),
    reads=Permission.MARKET,
)


def find_tax_rates(rules: Iterable[TaxRule]) -> dict[str, tuple[TaxRate, ...]]:
    """Return the rates per tax category, in the order of the rules' names.

    >>> rates = find_tax_rates([TaxRule("standard:VAT", "standard", "VAT", rate=Decimal("0.19"))])
    >>> [(rate.name, rate.rate) for rate in rates["standard"]]
    [('VAT', Decimal('0.19'))]
    """
    rates: dict[str, tuple[TaxRate, ...]] = {}
    for rule in sorted(rules, key=lambda rule: (rule.name, rule.id)):
        rates[rule.category] = (*rates.get(rule.category, ()), TaxRate(rule.name, rule.rate, owner=rule.owner))
    return rates
