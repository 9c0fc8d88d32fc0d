"""Closures: a merchant is on holiday. They lie over its offers for a while, and change none of them."""

from collections.abc import Iterable
from datetime import UTC, datetime

import attrs

from mktcore.access import Permission
from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.offers.offer import Offer
from mktcore.periods import Period
from mktcore.persistence import Kind

__all__ = ["CLOSURES", "Closure", "find_closed_until", "find_extra_days"]


_OPEN_START = datetime.min.replace(tzinfo=UTC)


def _to_offers(offers: Iterable[str] | None) -> frozenset[str] | None:
    return None if offers is None else frozenset(offers)


@attrs.frozen
class Closure:
    """A time in which a merchant's offers cannot be bought, or take longer.

    Attributes:
        id: Its id.
        merchant: Whose offers.
        period: When.
        extra_days: Days that handling takes longer; None when nothing can be bought meanwhile.
        offers: Ids of the offers; None for all of the merchant's.
        reason: Why, as buyers see it.
        version: How often it was stored.
    """

    id: str
    merchant: str
    period: Period
    extra_days: int | None = attrs.field(default=None, kw_only=True)
    offers: frozenset[str] | None = attrs.field(default=None, converter=_to_offers, kw_only=True)
    reason: str = attrs.field(default="", kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("closure", self.id)
        check_id("merchant", self.merchant)
        if self.extra_days is not None and (type(self.extra_days) is not int or self.extra_days < 0):
            raise InvalidValue("Closure", "extra_days", self.extra_days, "whole days, 0 or more, or None for closed")

    def covers(self, offer: Offer, now: datetime) -> bool:
        """Tell whether it lies over this offer now."""
        return self.names(offer) and self.period.contains(now)

    def names(self, offer: Offer) -> bool:
        """Tell whether it lies over this offer at some time."""
        return offer.merchant == self.merchant and (self.offers is None or offer.id in self.offers)


CLOSURES = Kind(
    "closure",
    Closure,
    columns={"merchant": lambda closure: closure.merchant},
    merchant="merchant",
    reads=Permission.OFFERS,
)
"""Closures are their merchant's; buyers learn of them by what they mean for an offer."""


def find_closed_until(
    offer: Offer, closures: Iterable[Closure], now: datetime
) -> tuple[Closure, datetime | None] | None:
    """Return the closure because of which the offer cannot be bought now, and when it can; None when it can be.

    Closures that overlap or follow each other without a gap are one; the end is None where nobody knows it.

    >>> from datetime import UTC
    >>> day = lambda number: datetime(2026, 8, number, tzinfo=UTC)
    >>> closures = [Closure("c1", "acme", Period(day(1), day(8))), Closure("c2", "acme", Period(day(8), day(15)))]
    >>> find_closed_until(Offer("o1", "acme", "lamp", schedule="o1"), closures, day(3))[1].day
    15
    """
    closing = [one for one in closures if one.extra_days is None and one.names(offer)]
    # Of several the least id, so that everybody is told of the same one.
    first = min((one for one in closing if one.period.contains(now)), key=lambda one: one.id, default=None)
    if first is None:
        return None
    until: datetime = now
    for period in sorted((one.period for one in closing), key=lambda one: one.start or _OPEN_START):
        # Periods are half-open: one that begins where another ends covers that very instant.
        if period.start is not None and period.start > until:
            break
        if period.end is None:
            return first, None
        until = max(until, period.end)
    return first, until


def find_extra_days(offer: Offer, closures: Iterable[Closure], now: datetime) -> int:
    """Return by how many days handling takes longer now: the most of what lies over the offer."""
    return max((one.extra_days or 0 for one in closures if one.covers(offer, now)), default=0)
