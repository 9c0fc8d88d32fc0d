"""Payment methods as the operator keeps them: in which channels, to which countries, for which amounts."""

from collections.abc import Iterable
from datetime import datetime

import attrs

from mktcore.access import Permission
from mktcore.addresses import Area
from mktcore.errors import InvalidValue
from mktcore.goods.safe_text import MAX_NAME, check_text
from mktcore.ids import check_id
from mktcore.money import CurrencyMismatch, Money
from mktcore.periods import ALWAYS, Period
from mktcore.persistence import Kind

__all__ = ["PAYMENT_METHODS", "TO_EVERYBODY", "PaymentMethod"]

TO_EVERYBODY = frozenset({"to-all", "by-agreement"})
"""What the column `offered` may hold: together, all methods."""


def _to_channels(channels: Iterable[str] | None) -> frozenset[str] | None:
    return frozenset((channels,)) if isinstance(channels, str) else None if channels is None else frozenset(channels)


def _to_countries(countries: Iterable[str]) -> tuple[str, ...]:
    return (countries,) if isinstance(countries, str) else tuple(countries)


@attrs.frozen
class PaymentMethod:
    """A way to pay.

    Attributes:
        id: As payments name it: `"card"`.
        name: As buyers see it.
        channels: The sales channels that it is for; None for all.
        countries: To where goods may go that are paid with it, ISO 3166-1; none for everywhere.
        least: The least amount that is paid with it; None for any.
        most: The most; None for any.
        is_by_agreement: It is only for merchants whose agreement adds it.
        valid: When it can be used.
        version: How often it was stored.

    Raises:
        InvalidValue: A country that is none, or bounds that let nothing in.
        CurrencyMismatch: The bounds are of different currencies.
    """

    id: str
    name: str
    channels: frozenset[str] | None = attrs.field(default=None, kw_only=True, converter=_to_channels)
    countries: tuple[str, ...] = attrs.field(default=(), kw_only=True, converter=_to_countries)
    least: Money | None = attrs.field(default=None, kw_only=True)
    most: Money | None = attrs.field(default=None, kw_only=True)
    is_by_agreement: bool = attrs.field(default=False, kw_only=True)
    valid: Period = attrs.field(default=ALWAYS, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("payment method", self.id)
        check_text("PaymentMethod", "name", self.name, longest=MAX_NAME, required=True)
        for country in self.countries:
            Area(country)
        if self.least is None or self.most is None:
            return
        if self.least.currency != self.most.currency:
            raise CurrencyMismatch(self.least.currency.code, self.most.currency.code)
        if self.least > self.most:
            raise InvalidValue("PaymentMethod", "most", self.most, f"{self.least} or more")

    def is_offered(self, channel: str | None, now: datetime) -> bool:
        """Tell whether it can be used in a channel now."""
        return self.valid.contains(now) and (self.channels is None or channel in self.channels)


PAYMENT_METHODS = Kind(
    "payment_method",
    PaymentMethod,
    columns={"offered": lambda method: "by-agreement" if method.is_by_agreement else "to-all"},
    reads=Permission.MARKET,
)
"""The operator's; buyers are told in a simulation how they can pay."""
