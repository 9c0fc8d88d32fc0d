"""Tax rules: which taxes a tax category has, where, for whom and when."""

import re
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Self

import attrs

from mktcore.access import Permission
from mktcore.addresses import Area
from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.periods import ALWAYS, Period
from mktcore.persistence import Kind
from mktcore.totals import TaxRate, TaxTreatment
from mktcore.totals.inputs import TaxOwner

__all__ = ["TAX_RULES", "BuyerStatus", "TaxRule"]

MAX_AREAS = 200
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,60}")
_KEPT_OF_CATEGORY = 59
"""Characters of a category that an id keeps beside a name, or beside a digest, within the length of ids."""


class BuyerStatus(StrEnum):
    """What a buyer is to the tax authority."""

    CONSUMER = "consumer"
    """Anybody of whom nothing else is known."""
    COMPANY = "company"
    """A company with a tax number that was checked."""
    EXEMPT = "exempt"
    """An embassy, a charity with its certificate: whom a law exempts."""


def _to_areas(areas: Iterable[Area | str]) -> tuple[Area, ...]:
    given = (areas,) if isinstance(areas, str) else areas
    return tuple(Area.parse(one) if isinstance(one, str) else one for one in given)


def _to_statuses(statuses: Iterable[BuyerStatus]) -> tuple[BuyerStatus, ...]:
    return tuple(statuses)


@attrs.frozen
class TaxRule:
    """One tax on one category, where and when it applies; taxes of several names add up.

    Of one name the narrowest rule applies: by its destinations, then by its buyers, then by its period. So the general
    rate is one rule without conditions, and what differs from it are others of the same name.

    Attributes:
        id: Its id, such as `"standard:VAT"`.
        category: The tax category of SKUs and expenses it applies to.
        name: Name of the tax, as invoices show it.
        rate: As a fraction: `Decimal("0.19")` for 19 %. Of a reverse charge, and of an export, what a price that
            includes tax is stripped of.
        owner: Who owes it to the authority: the merchant, or the marketplace as a facilitator.
        version: How often it was stored.
        destinations: Where it applies, as areas or texts that `Area.parse` reads; nothing for everywhere, and then also
            where nobody knows yet.
        buyers: To whom it applies; nothing for everybody.
        valid: When it applies, by the instant of the order.
        treatment: Charged, exempt, or left to the buyer: a reverse charge, or an export whose tax is the importer's.

    Raises:
        InvalidValue: The rate is none, or an exemption has one.
    """

    id: str
    category: str
    name: str
    rate: Decimal = attrs.field(kw_only=True)
    owner: TaxOwner = attrs.field(default=TaxOwner.MERCHANT, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)
    destinations: tuple[Area, ...] = attrs.field(default=(), kw_only=True, converter=_to_areas)
    buyers: tuple[BuyerStatus, ...] = attrs.field(default=(), kw_only=True, converter=_to_statuses)
    valid: Period = attrs.field(default=ALWAYS, kw_only=True)
    treatment: TaxTreatment = attrs.field(default=TaxTreatment.STANDARD, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("tax rule", self.id)
        if not isinstance(self.rate, Decimal) or not self.rate.is_finite() or not 0 <= self.rate < 1:
            raise InvalidValue("TaxRule", "rate", self.rate, "a fraction from 0 to below 1, such as Decimal('0.19')")
        if self.treatment is TaxTreatment.EXEMPT and self.rate:
            raise InvalidValue("TaxRule", "rate", self.rate, "zero: what is exempt is taxed at no rate")
        if len(self.destinations) > MAX_AREAS:
            raise InvalidValue("TaxRule", "destinations", len(self.destinations), f"{MAX_AREAS} areas at most")

    @classmethod
    def of(
        cls,
        category: str,
        name: str,
        rate: Decimal,
        *,
        owner: TaxOwner = TaxOwner.MERCHANT,
        destinations: Iterable[Area | str] = (),
        buyers: Iterable[BuyerStatus] = (),
        valid: Period = ALWAYS,
        treatment: TaxTreatment = TaxTreatment.STANDARD,
    ) -> Self:
        """Return the rule for a tax, its id made from what tells it from others: category, name and conditions.

        >>> TaxRule.of("standard", "VAT", Decimal("0.19")).id
        'standard:VAT'
        >>> TaxRule.of("standard", "VAT 19%", Decimal("0.19")).id
        'standard:@83b0348938887b9c485ca18cb1ab4bdf'
        >>> TaxRule.of("standard", "VAT", Decimal("0.20"), destinations=["FR"]).id
        'standard:@d99b2dc3a2cc1b31677a231e7f652deb'
        """
        areas, statuses = _to_areas(destinations), tuple(buyers)
        told = [*(str(area) for area in areas), *sorted(statuses), *map(str, (valid.start, valid.end))]
        is_plain = not areas and not statuses and valid.is_always()
        if is_plain and len(category) <= _KEPT_OF_CATEGORY and _PLAIN.fullmatch(name):
            own_id = f"{category}:{name}"
        else:
            # A category has no white space, so the text is that of one pair only; "@" is in no plain name.
            text = f"{category} {name}" if is_plain else "\n".join((f"{category} {name}", *told))
            own_id = f"{category[:_KEPT_OF_CATEGORY]}:@{sha256(text.encode()).hexdigest()[:32]}"
        return cls(
            own_id,
            category,
            name,
            rate=rate,
            owner=owner,
            destinations=areas,
            buyers=statuses,
            valid=valid,
            treatment=treatment,
        )

    def is_general(self) -> bool:
        """Tell whether it applies everywhere, to everybody and always."""
        return not self.destinations and not self.buyers and self.valid.is_always()

    @property
    def tax_rate(self) -> TaxRate:
        """The rate as totals take it."""
        return TaxRate(self.name, self.rate, treatment=self.treatment, owner=self.owner)


TAX_RULES = Kind(
    "tax_rule",
    TaxRule,
    columns={"category": lambda rule: rule.category, "owner": lambda rule: rule.owner},
    together=(("category", "owner"),),
    reads=Permission.MARKET,
)
