"""A sales channel as it is kept: a storefront or segment with terms of its own."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from mktcore.addresses import Address, Area
from mktcore.errors import InvalidValue
from mktcore.goods.safe_text import MAX_NAME, check_text
from mktcore.ids import check_id
from mktcore.money import Currency
from mktcore.periods import ALWAYS, Period
from mktcore.persistence import Kind
from mktcore.persistence.kinds import EVERY_USER

__all__ = ["CHANNELS", "Channel"]

MAX_NAMED = 1_000
"""Merchants, catalogs or methods that one channel names: every cart in it reads all of them."""


def _to_names(names: Iterable[str] | None) -> frozenset[str] | None:
    # One text would be taken letter by letter.
    return frozenset((names,)) if isinstance(names, str) else None if names is None else frozenset(names)


def _to_tuple(names: Iterable[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


@attrs.frozen
class Channel:
    """A storefront or segment: carts name it, and offers, prices, promotions, thresholds and methods are for it.

    >>> shop = Channel("shop-at", "Shop Austria", Currency.of("EUR"), countries=["AT"], time_zone="Europe/Vienna")
    >>> shop.delivers_to(Address("AT")), shop.delivers_to(Address("DE")), shop.delivers_to(None)
    (True, False, True)

    Attributes:
        id: As carts name it.
        name: As people see it.
        currency: In which it sells.
        time_zone: On whose clocks its business days are, a name of the IANA data base.
        countries: Where its goods may go, ISO 3166-1; none for everywhere.
        languages: In which it is shown, the preferred first, as the host writes them.
        prices_include_tax: Whether it states prices with their tax; None for as the marketplace does.
        merchants: Who sells in it; None for everybody.
        catalogs: The catalogs whose products are sold in it; None for all goods.
        delivery_methods: How its goods may travel; None for every method that is for it.
        payment_methods: How its orders may be paid; None for every method that is for it.
        valid: When it is open.
        version: How often it was stored.

    Raises:
        InvalidValue: A code, a zone, or a number of names that cannot be.
        InvalidId: A name cannot be an id.
    """

    id: str
    name: str
    currency: Currency
    time_zone: str = attrs.field(default="UTC", kw_only=True)
    countries: tuple[str, ...] = attrs.field(default=(), kw_only=True, converter=_to_tuple)
    languages: tuple[str, ...] = attrs.field(default=(), kw_only=True, converter=_to_tuple)
    prices_include_tax: bool | None = attrs.field(default=None, kw_only=True)
    merchants: frozenset[str] | None = attrs.field(default=None, kw_only=True, converter=_to_names)
    catalogs: frozenset[str] | None = attrs.field(default=None, kw_only=True, converter=_to_names)
    delivery_methods: frozenset[str] | None = attrs.field(default=None, kw_only=True, converter=_to_names)
    payment_methods: frozenset[str] | None = attrs.field(default=None, kw_only=True, converter=_to_names)
    valid: Period = attrs.field(default=ALWAYS, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("channel", self.id)
        check_text("Channel", "name", self.name, longest=MAX_NAME, required=True)
        _check_zone(self.time_zone)
        for country in self.countries:
            Area(country)
        for field in ("countries", "languages", "merchants", "catalogs", "delivery_methods", "payment_methods"):
            _check_names(field, getattr(self, field) or ())

    @property
    def zone(self) -> ZoneInfo:
        """On whose clocks its business days are."""
        return ZoneInfo(self.time_zone)

    def delivers_to(self, destination: Address | None) -> bool:
        """Tell whether goods may go there; where they go is not known with None."""
        return destination is None or not self.countries or destination.country in self.countries


def _check_zone(name: object) -> None:
    try:
        ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidValue(
            "Channel", "time_zone", name, "a name of the IANA data base, such as Europe/Vienna"
        ) from None


def _check_names(field: str, names: Iterable[str]) -> None:
    found = tuple(names)
    if len(found) > MAX_NAMED:
        raise InvalidValue("Channel", field, len(found), f"{MAX_NAMED} at most")
    for name in found:
        check_id(f"channel's {field}", name)


CHANNELS = Kind("channel", Channel, public=True, reads=EVERY_USER)
"""The operator's to write; everybody shops in them."""
