"""Rates of delivery: so much for the first pieces, kilogrammes or litres, so much for each further step."""

from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction
from math import ceil

import attrs

from mktcore.addresses import Address, Area, find_narrowness
from mktcore.delivery.parcel_size import ParcelSize
from mktcore.errors import InvalidValue
from mktcore.money import CurrencyMismatch, Money

__all__ = ["DeliveryRate", "RateBasis", "find_rate"]

MAX_MEASURE = 10**12
"""Of a bound or a step: a million tons in grams."""


class RateBasis(StrEnum):
    """What rates go by."""

    PIECES = "pieces"
    WEIGHT = "weight"
    """Grams."""
    VOLUME = "volume"
    """Cubic centimetres."""
    VALUE = "value"
    """Minor units of what the goods cost before reductions."""

    def measure(self, size: ParcelSize) -> Fraction | None:
        """Return how much of it a parcel has; None where that is not known."""
        if self is RateBasis.WEIGHT:
            return size.grams
        if self is RateBasis.VOLUME:
            return size.cubic_centimetres
        return Fraction(size.pieces if self is RateBasis.PIECES else size.value.minor)


def _to_areas(areas: Iterable[Area]) -> tuple[Area, ...]:
    return tuple(areas)


@attrs.frozen
class DeliveryRate:
    """What parcels of some measure cost to some areas.

    >>> rate = DeliveryRate(Money.of("4.90", "EUR"), Money.of("1.20", "EUR"), included=2)
    >>> print(*[rate.charge(Fraction(pieces)) for pieces in (1, 2, 3, 5)])
    4.90 EUR 4.90 EUR 6.10 EUR 8.50 EUR

    Attributes:
        first: What is charged for the first `included` units, and for less than these.
        further: What is charged for each further `step`, begun ones too; None for nothing.
        included: Units in `first`: of the method's basis.
        step: Units in a step.
        above: It holds for parcels of more than this; 0 for those of nothing, too.
        most: It holds for parcels of up to this; None for any.
        areas: To where; none for everywhere.

    Raises:
        InvalidValue: An amount below zero, or a number of units that cannot be.
        CurrencyMismatch: The amounts are of different currencies.
    """

    first: Money
    further: Money | None = None
    included: int = attrs.field(default=1, kw_only=True)
    step: int = attrs.field(default=1, kw_only=True)
    above: int = attrs.field(default=0, kw_only=True)
    most: int | None = attrs.field(default=None, kw_only=True)
    areas: tuple[Area, ...] = attrs.field(default=(), kw_only=True, converter=_to_areas)

    def __attrs_post_init__(self) -> None:
        for field, amount in (("first", self.first), ("further", self.further)):
            if amount is not None and amount.is_negative():
                raise InvalidValue("DeliveryRate", field, amount, "zero or more")
        if self.further is not None and self.further.currency != self.first.currency:
            raise CurrencyMismatch(self.first.currency.code, self.further.currency.code)
        for field, least in (("included", 0), ("step", 1), ("above", 0), ("most", self.above + 1)):
            number = getattr(self, field)
            if number is not None and (type(number) is not int or not least <= number <= MAX_MEASURE):
                raise InvalidValue("DeliveryRate", field, number, f"a whole number from {least} to {MAX_MEASURE}")

    def holds(self, measure: Fraction) -> bool:
        """Tell whether it is for parcels of this measure."""
        return (measure > self.above or not self.above) and (self.most is None or measure <= self.most)

    def charge(self, measure: Fraction) -> Money:
        """Return what a parcel of this measure costs."""
        beyond = ceil((measure - self.included) / self.step)
        return self.first if self.further is None or beyond <= 0 else self.first + self.further * beyond


def find_rate(rates: Iterable[DeliveryRate], measure: Fraction, destination: Address | None) -> DeliveryRate | None:
    """Return the rate of a parcel: of those for its measure, the one of the narrowest area; the first of two alike."""
    found = [(find_narrowness(rate.areas, destination), rate) for rate in rates if rate.holds(measure)]
    reaching = [(narrowness, rate) for narrowness, rate in found if narrowness is not None]
    # `max` keeps the first of equals.
    return max(reaching, key=lambda one: one[0], default=(0, None))[1]
