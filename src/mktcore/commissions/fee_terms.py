"""What a commission rule takes: a percentage, a fixed amount, or tiers; and of which amount of a sale."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from math import lcm
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from mktcore.errors import InvalidValue
from mktcore.money import Currency, Money
from mktcore.money.rounding import to_ratio

__all__ = ["CommissionBase", "FeeTerms", "Fixed", "Per", "Percentage", "Tier", "TierBy", "Tiers", "VolumePeriod"]


class CommissionBase(StrEnum):
    """Which amount of a sale a percentage is taken of."""

    NET = "net"
    """After the reductions its merchant bears, tax excluded."""
    NET_BEFORE = "net-before-reductions"
    """Before any reduction, tax excluded."""
    NET_AFTER_ALL = "net-after-all-reductions"
    """After all reductions, tax excluded."""
    GROSS = "gross"
    """What the buyer pays: after all reductions, tax included."""
    GROSS_BEFORE = "gross-before-reductions"
    """Before any reduction, tax included."""
    GROSS_AFTER_OWN = "gross-after-merchant-borne"
    """After the reductions its merchant bears, tax included."""

    @property
    def is_gross(self) -> bool:
        """Whether it includes the tax."""
        return self in _GROSS


_GROSS = frozenset({CommissionBase.GROSS, CommissionBase.GROSS_BEFORE, CommissionBase.GROSS_AFTER_OWN})


class Per(StrEnum):
    """How often a fixed amount, a floor or a cap counts."""

    PIECE = "piece"
    LINE = "line"
    ORDER = "order"
    """Once for all that one merchant sells in the order."""


class TierBy(StrEnum):
    """What decides which tier applies."""

    UNIT_PRICE = "unit-price"
    """The base of one piece."""
    LINE = "line"
    """The base of the line, or of the whole for rules on the order."""
    VOLUME = "volume"
    """What the merchant sold in the period, this sale included."""


class VolumePeriod(StrEnum):
    """Over which period a merchant's volume is summed, by its calendar."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


def check_fee_rate(type_: str, rate: object) -> None:
    """Refuse a rate that is no fraction.

    Raises:
        InvalidValue: It is not a Decimal from 0 to 1.
    """
    if not isinstance(rate, Decimal) or not rate.is_finite() or not 0 <= rate <= 1:
        raise InvalidValue(type_, "rate", rate, "a fraction from 0 to 1, such as Decimal('0.12')")
    to_ratio(rate)


@lru_cache(maxsize=1024)
def _show_rate(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f} %"


@attrs.frozen
class Percentage:
    """A fraction of the base: `Decimal("0.12")` takes 12 %."""

    rate: Decimal

    def __attrs_post_init__(self) -> None:
        check_fee_rate("Percentage", self.rate)

    def __str__(self) -> str:
        return _show_rate(self.rate)


def _to_amounts(amounts: Iterable[Money]) -> tuple[Money, ...]:
    return tuple(amounts)


@attrs.frozen
class Fixed:
    """An amount for each piece, line or order, in one or more currencies; an order in another one is not matched.

    >>> fee = Fixed(Money.of("0.50", "EUR"), others=[Money.of("0.55", "USD")], per=Per.ORDER)
    >>> print(fee, fee.find(Currency.of("USD")), fee.find(Currency.of("CHF")))
    0.50 EUR an order 0.55 USD None

    Attributes:
        amount: The amount.
        others: The same in other currencies.
        per: How often it counts.
    """

    amount: Money
    others: tuple[Money, ...] = attrs.field(default=(), converter=_to_amounts, kw_only=True)
    per: Per = attrs.field(default=Per.PIECE, kw_only=True)

    def __attrs_post_init__(self) -> None:
        amounts = (self.amount, *self.others)
        if any(amount.is_negative() for amount in amounts):
            raise InvalidValue("Fixed", "amount", str(min(amounts, key=lambda one: one.minor)), "zero or more")
        codes = [amount.currency.code for amount in amounts]
        if len(set(codes)) < len(codes):
            raise InvalidValue("Fixed", "others", ", ".join(codes), "one amount for each currency")

    def find(self, currency: Currency) -> Money | None:
        """Return the amount in a currency, or None."""
        return next((one for one in (self.amount, *self.others) if one.currency == currency), None)

    def show(self, currency: Currency) -> str:
        """Say it in a currency, as a person reads it."""
        found = self.find(currency)
        return f"{self.amount if found is None else found} {'an' if self.per is Per.ORDER else 'a'} {self.per}"

    def __str__(self) -> str:
        return self.show(self.amount.currency)


@attrs.frozen
class Tier:
    """From an amount on, a fraction is taken.

    Attributes:
        start: The amount it starts at, itself inside.
        rate: The fraction.
    """

    start: Money
    rate: Decimal

    def __attrs_post_init__(self) -> None:
        check_fee_rate("Tier", self.rate)
        if self.start.is_negative():
            raise InvalidValue("Tier", "start", str(self.start), "zero or more")


def _to_tiers(tiers: Iterable[Tier]) -> tuple[Tier, ...]:
    return tuple(tiers)


@attrs.frozen
class Tiers:
    """Rates that change with the unit price, with the line, or with what the merchant sold in the period.

    Marginal tiers take each rate of the part that lies in its tier, so that no sale costs less by being larger; a slab
    takes the rate of the tier that the whole lies in. Below the first tier nothing is taken.

    >>> bands = [(0, "0.15"), (100, "0.10"), (500, "0.05")]
    >>> tiers = Tiers(Tier(Money.of(start, "EUR"), Decimal(rate)) for start, rate in bands)
    >>> tiers.take(58822)
    (118822, 20)

    Attributes:
        tiers: By ascending start, in one currency.
        by: What decides.
        is_slab: Whether the whole is taken at one rate.
        period: Where the volume decides, over which period it is summed.
        time_zone: In whose calendar: a name in the IANA data base.
    """

    tiers: tuple[Tier, ...] = attrs.field(converter=_to_tiers)
    by: TierBy = attrs.field(default=TierBy.LINE, kw_only=True)
    is_slab: bool = attrs.field(default=False, kw_only=True)
    period: VolumePeriod = attrs.field(default=VolumePeriod.MONTH, kw_only=True)
    time_zone: str = attrs.field(default="UTC", kw_only=True)
    _starts: Sequence[int] = attrs.field(init=False, eq=False, repr=False)
    _rates: Sequence[int] = attrs.field(init=False, eq=False, repr=False)
    _sums: Sequence[int] = attrs.field(init=False, eq=False, repr=False)
    _scale: int = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        starts = [tier.start for tier in self.tiers]
        if not starts or any(low.currency != high.currency or low >= high for low, high in pairwise(starts)):
            shown = ", ".join(map(str, starts[:10]))
            raise InvalidValue("Tiers", "tiers", shown, "at least one, in one currency, each starting above the last")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise InvalidValue("Tiers", "time_zone", self.time_zone, "a name of the IANA data base") from None
        self._count()

    def _count(self) -> None:
        """Count everything once, in whole minor units of one denominator, so that a sale costs a search and no sum."""
        ratios = [to_ratio(tier.rate) for tier in self.tiers]
        scale = lcm(*[denominator for _, denominator in ratios])
        starts = [tier.start.minor for tier in self.tiers]
        rates = [numerator * (scale // denominator) for numerator, denominator in ratios]
        sums = [0]
        for (low, high), rate in zip(pairwise(starts), rates, strict=False):
            sums.append(sums[-1] + (high - low) * rate)
        for name, value in (("_starts", starts), ("_rates", rates), ("_sums", sums), ("_scale", scale)):
            object.__setattr__(self, name, value)

    @property
    def currency(self) -> Currency:
        """Of its amounts."""
        return self.tiers[0].start.currency

    def name_period(self, at: datetime) -> str:
        """Return the name of the period that an instant (aware) lies in, such as `2026-05`."""
        local = at.astimezone(ZoneInfo(self.time_zone))
        names = {
            VolumePeriod.MONTH: f"{local.year}-{local.month:02}",
            VolumePeriod.QUARTER: f"{local.year}-q{(local.month + 2) // 3}",
            VolumePeriod.YEAR: f"{local.year}",
        }
        return names[self.period]

    def trim(self, amount: int) -> "Tiers":
        """Return the tiers that an amount of minor units reaches: all that counts for it."""
        reached = max(bisect_right(self._starts, amount), 1)
        return self if reached == len(self.tiers) else attrs.evolve(self, tiers=self.tiers[:reached])

    def take(self, amount: int, *, pieces: int = 1, before: int = 0) -> tuple[int, int]:
        """Return what is taken of an amount, unrounded, as a numerator and a denominator of minor units.

        Args:
            amount: Minor units, zero or more.
            pieces: Where the unit price decides, of how many pieces.
            before: Where the volume decides, what was sold before, in minor units.
        """
        if self.by is TierBy.UNIT_PRICE:
            return self._sum(amount, pieces), self._scale
        if self.by is TierBy.LINE:
            return self._sum(amount, 1), self._scale
        if self.is_slab:  # the tier that this sale reaches, for this sale alone: what was sold before stays as frozen
            place = bisect_right(self._starts, before + amount) - 1
            return (amount * self._rates[place] if place >= 0 else 0), self._scale
        return self._sum(before + amount, 1) - self._sum(before, 1), self._scale

    def _sum(self, amount: int, pieces: int) -> int:
        place = bisect_right(self._starts, amount // pieces) - 1
        if place < 0:
            return 0
        rate = self._rates[place]
        if self.is_slab:
            return amount * rate
        return self._sums[place] * pieces + (amount - self._starts[place] * pieces) * rate

    def __str__(self) -> str:
        kind = "slab" if self.is_slab else "marginal"
        shown = " / ".join(_show_rate(tier.rate) for tier in self.tiers[:_SHOWN_TIERS])
        more = " / ..." if len(self.tiers) > _SHOWN_TIERS else ""
        return f"{shown}{more} by {self.by} ({kind})"


_SHOWN_TIERS = 6
FeeTerms = Percentage | Fixed | Tiers
"""What a rule can take."""
