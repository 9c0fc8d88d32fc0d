"""When what a SKU costs may change although nobody changes anything. Pure."""

from collections.abc import Iterable, Iterator
from datetime import MAXYEAR, UTC, datetime

from mktcore.carts.market_facts import MarketFacts
from mktcore.offers import Offer
from mktcore.periods import Period
from mktcore.pricing import PriceQuery, PriceSchedule, Recurrence

__all__ = ["find_next_change"]


def find_next_change(offers: Iterable[Offer], facts: MarketFacts, *, currency: str, now: datetime) -> datetime | None:
    """Return the first instant after now at which a price, a sale, an offer, a closure or the like begins or ends.

    It may be one at which another price applies that does not lead: what is computed then is what it was.

    Args:
        offers: All of a SKU.
        facts: What the marketplace has of them.
        currency: The market's.
        now: The present instant, UTC.
    """
    edges = (edge for offer in offers for edge in _list_edges(offer, facts, currency=currency, now=now))
    return min((edge for edge in edges if edge > now), default=None)


def _list_edges(offer: Offer, facts: MarketFacts, *, currency: str, now: datetime) -> Iterator[datetime]:
    yield from _list_ends(offer.valid)
    sku = facts.skus.get(offer.sku)
    product = None if sku is None else sku.product
    query = PriceQuery(offer.sku, offer.merchant, currency, offer=offer.id, product=product)
    for contender in facts.prices.list_for(query):
        yield from _list_price_edges(contender.schedule, now)
    for closure in facts.terms.closures.get(offer.merchant, ()):
        if closure.names(offer):
            yield from _list_ends(closure.period)
    for agreement in facts.terms.agreements.get(offer.merchant, ()):
        yield from _list_ends(agreement.valid)
    yield from _list_recalls(offer, facts)
    membership = facts.eligibility.memberships.get(offer.merchant)
    if membership is not None and membership.until is not None:
        yield membership.until


def _list_recalls(offer: Offer, facts: MarketFacts) -> Iterator[datetime]:
    stocked = facts.list_stocked()
    parts = [stocked[part.offer] for part in offer.stock.parts if part.offer in stocked]
    for one in (offer, *parts):
        rights = facts.eligibility.rights.get(one.sku)
        if rights is not None and rights.recall is not None:
            yield rights.recall.since


def _list_ends(period: Period) -> Iterator[datetime]:
    if period.start is not None:
        yield period.start
    if period.end is not None:
        yield period.end


def _list_price_edges(schedule: PriceSchedule, now: datetime) -> Iterator[datetime]:
    yield from _list_ends(schedule.valid)
    if any(entry.sale_price is not None for entry in schedule.breaks):
        yield from _list_ends(schedule.sale)
    # A window that comes back costs nothing while its schedule does not apply: its begin is an edge before.
    if schedule.recurs is not None and schedule.valid.contains(now):
        yield from _list_window_edges(schedule.recurs, now)
    elif schedule.recurs is not None and schedule.valid.start is not None and schedule.valid.start > now:
        yield schedule.valid.start


def _list_window_edges(recurs: Recurrence, now: datetime) -> Iterator[datetime]:
    """Yield where the windows of this year and the next begin and end; at the end of it one has to look again."""
    years = [year for year in (now.year, now.year + 1) if year <= MAXYEAR]
    for year in years:
        for start, end in recurs.list_windows(year):
            yield start
            yield end
    if years[-1] < MAXYEAR:
        yield datetime(years[-1] + 1, 1, 1, tzinfo=UTC)
