"""Tax on the marketplace's own service: what it adds to a commission, by where the merchant has its seat."""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

import attrs

from mktcore.errors import InvalidValue
from mktcore.money import Money, Rounding

__all__ = ["EU_MEMBERS", "NO_FEE_TAX", "FeeTax", "FeeTaxPolicy", "FeeTaxReason", "MerchantSeat"]

EU_MEMBERS = frozenset(
    {
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
        *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    }
)
"""The member states of the European Union, two letters each, as of 2026."""


class FeeTaxReason(StrEnum):
    """Why a fee bears the tax that it bears."""

    NONE = "none"
    """The marketplace states no tax on its fees, or the merchant sits outside of the tax's territory."""
    STANDARD = "standard"
    """The marketplace charges it."""
    REVERSE_CHARGE = "reverse-charge"
    """The merchant owes it where it sits: only the base is reported."""

    def describe(self, rate: Decimal) -> str:
        """Say it as a person reads it."""
        if self is FeeTaxReason.STANDARD:
            return f"{(rate * 100).normalize():f} % on the marketplace's service"
        return "reverse charge: the merchant owes it" if self is FeeTaxReason.REVERSE_CHARGE else "not taxed"


@attrs.frozen
class MerchantSeat:
    """Where a merchant has its seat, and whether it is registered there for the tax.

    Attributes:
        country: Two letters; empty where it is not known.
        is_registered: It has a VAT identifier that passed its check.
    """

    country: str = ""
    is_registered: bool = False


@attrs.frozen
class FeeTax:
    """The rate that a merchant's fees bear, and why.

    >>> print(FeeTax(Decimal("0.19"), FeeTaxReason.STANDARD).compute(Money.of("59.41", "EUR"), Rounding.HALF_UP))
    11.29 EUR
    """

    rate: Decimal = Decimal(0)
    reason: FeeTaxReason = FeeTaxReason.NONE

    def compute(self, amount: Money, mode: Rounding) -> Money:
        """Return the tax on a fee, rounded to minor units."""
        return (amount * self.rate).round(mode) if self.rate else Money.zero(amount.currency)


NO_FEE_TAX = FeeTax()
"""No tax on a fee."""


def _to_countries(countries: Iterable[str]) -> frozenset[str]:
    return frozenset(countries)


@attrs.frozen
class FeeTaxPolicy:
    """The tax on what the marketplace takes: a service between businesses, taxed at the merchant's seat.

    >>> policy = FeeTaxPolicy("DE", Decimal("0.19"))
    >>> str(policy.find(MerchantSeat("DE")).rate), str(policy.find(MerchantSeat("FR", is_registered=True)).reason)
    ('0.19', 'reverse-charge')

    Attributes:
        country: The marketplace's seat, two letters.
        rate: What it charges at home, a fraction.
        union: The states among which a registered merchant owes the tax itself; those of the European Union by default.
    """

    country: str
    rate: Decimal
    union: frozenset[str] = attrs.field(default=EU_MEMBERS, converter=_to_countries, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.rate, Decimal) or not self.rate.is_finite() or not 0 <= self.rate < 1:
            raise InvalidValue(
                "FeeTaxPolicy", "rate", self.rate, "a fraction from 0 to below 1, such as Decimal('0.19')"
            )

    def find(self, seat: MerchantSeat) -> FeeTax:
        """Return what a merchant's fees bear.

        A merchant whose seat is not known is taxed as one at home: what was not charged could not be asked for later.
        """
        at_home = FeeTax(self.rate, FeeTaxReason.STANDARD)
        if seat.country in {"", self.country}:
            return at_home
        if seat.country not in self.union or self.country not in self.union:
            return NO_FEE_TAX
        return FeeTax(reason=FeeTaxReason.REVERSE_CHARGE) if seat.is_registered else at_home
