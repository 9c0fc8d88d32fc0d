"""Delivery methods as they are kept: how goods travel, for whom, to where, at which rates, and for how long."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import attrs

from mktcore.access import Permission
from mktcore.addresses import Address
from mktcore.delivery.business_calendar import BusinessCalendar
from mktcore.delivery.delivery_rate import DeliveryRate, RateBasis
from mktcore.delivery.transit_time import TransitTime
from mktcore.errors import InvalidValue
from mktcore.goods.safe_text import MAX_NAME, check_text
from mktcore.ids import check_id
from mktcore.money import Currency
from mktcore.periods import ALWAYS, Period
from mktcore.persistence import Kind, Party

__all__ = ["DELIVERY_METHODS", "DeliveryKind", "DeliveryMethod", "PickUpPoint"]

MAX_RATES = 500
MAX_POINTS = 200


class DeliveryKind(StrEnum):
    """Where goods are handed to the buyer."""

    TO_ADDRESS = "to-address"
    PICK_UP = "pick-up"
    """At one of the method's points."""


@attrs.frozen
class PickUpPoint:
    """Where buyers fetch goods.

    Attributes:
        id: Names it within its method.
        name: As people see it.
        address: Where it is; goods that are fetched there are taxed as those that go there.
    """

    id: str
    name: str
    address: Address

    def __attrs_post_init__(self) -> None:
        check_id("pick-up point", self.id)
        check_text("PickUpPoint", "name", self.name, longest=MAX_NAME, required=True)


def _to_rates(rates: Iterable[DeliveryRate]) -> tuple[DeliveryRate, ...]:
    return tuple(rates)


def _to_points(points: Iterable[PickUpPoint]) -> tuple[PickUpPoint, ...]:
    return tuple(points)


def _to_channels(channels: Iterable[str] | None) -> frozenset[str] | None:
    return frozenset((channels,)) if isinstance(channels, str) else None if channels is None else frozenset(channels)


@attrs.frozen
class DeliveryMethod:
    """A way for goods to travel: the operator's, for goods of every merchant, or a merchant's for its own.

    Attributes:
        id: Its id.
        name: As buyers see it.
        merchant: Whose it is; None for the operator's. Set at creation only.
        kind: To an address, or to a pick-up point.
        basis: What its rates go by.
        rates: What it costs; none for what the shipping gateway quotes.
        channels: The sales channels that it is for; None for all.
        valid: When it can be chosen.
        transit: How long it takes; None where nobody says.
        calendar: Whose business days those are.
        points: Where goods are fetched, for a pick-up.
        tax_category: Names the tax rates on its cost; empty where it is not taxed.
        is_collected_by_operator: What it costs is the marketplace's own and not its merchants': who pays the carrier.
        version: How often it was stored.

    Raises:
        InvalidValue: Points without a pick-up or the other way round, twice the same, or too many of something.
    """

    id: str
    name: str
    merchant: str | None = None
    kind: DeliveryKind = attrs.field(default=DeliveryKind.TO_ADDRESS, kw_only=True)
    basis: RateBasis = attrs.field(default=RateBasis.PIECES, kw_only=True)
    rates: tuple[DeliveryRate, ...] = attrs.field(default=(), kw_only=True, converter=_to_rates)
    channels: frozenset[str] | None = attrs.field(default=None, kw_only=True, converter=_to_channels)
    valid: Period = attrs.field(default=ALWAYS, kw_only=True)
    transit: TransitTime | None = attrs.field(default=None, kw_only=True)
    calendar: BusinessCalendar = attrs.field(factory=BusinessCalendar, kw_only=True)
    points: tuple[PickUpPoint, ...] = attrs.field(default=(), kw_only=True, converter=_to_points)
    tax_category: str = attrs.field(default="", kw_only=True)
    is_collected_by_operator: bool = attrs.field(default=False, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("delivery method", self.id)
        check_text("DeliveryMethod", "name", self.name, longest=MAX_NAME, required=True)
        if self.merchant is not None:
            check_id("merchant", self.merchant)
        # By type: a word that only looks like one would break every cart that reads the method.
        for field, kind in (("kind", DeliveryKind), ("basis", RateBasis)):
            if not isinstance(getattr(self, field), kind):
                raise InvalidValue("DeliveryMethod", field, getattr(self, field), f"a {kind.__name__}")
        if not all(isinstance(rate, DeliveryRate) for rate in self.rates):
            raise InvalidValue("DeliveryMethod", "rates", len(self.rates), "delivery rates")
        for field, most in (("rates", MAX_RATES), ("points", MAX_POINTS)):
            if len(getattr(self, field)) > most:
                raise InvalidValue("DeliveryMethod", field, len(getattr(self, field)), f"{most} at most")
        if bool(self.points) is not (self.kind is DeliveryKind.PICK_UP):
            raise InvalidValue("DeliveryMethod", "points", len(self.points), "some for a pick-up, and none else")
        if len({point.id for point in self.points}) < len(self.points):
            raise InvalidValue("DeliveryMethod", "points", len(self.points), "each id once")
        if self.merchant is not None and self.is_collected_by_operator:
            raise InvalidValue("DeliveryMethod", "is_collected_by_operator", self.merchant, "an operator's method")

    @property
    def is_quoted(self) -> bool:
        """Whether a gateway says what it costs."""
        return not self.rates

    def list_currencies(self) -> set[Currency]:
        """Return the currencies of its rates."""
        return {rate.first.currency for rate in self.rates}

    def is_offered(self, channel: str | None, now: datetime) -> bool:
        """Tell whether it can be chosen in a channel now."""
        return self.valid.contains(now) and (self.channels is None or channel in self.channels)

    def carries(self, merchant: str) -> bool:
        """Tell whether it is for a merchant's goods."""
        return self.merchant in {None, merchant}

    def find_point(self, name: str) -> PickUpPoint | None:
        """Return one of its points; None where there is no such one."""
        return next((point for point in self.points if point.id == name), None)


DELIVERY_METHODS = Kind(
    "delivery_method",
    DeliveryMethod,
    # None: the operator's own.
    columns={"merchant": lambda method: method.merchant},
    merchant="merchant",
    writers=frozenset({Party.MERCHANT}),
    fixed=("merchant",),
    reads=Permission.OFFERS,
    writes=Permission.OFFERS,
)
