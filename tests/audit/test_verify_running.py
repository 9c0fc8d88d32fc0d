"""What is kept of running orders from day to day: reviews, feeds, parcels and numbers, each told by another record."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest

from markets import EXAMPLE, NOON
from mktcore.carts import Cart, CartLine
from mktcore.feeds import FEED_CHUNKS, FEEDS
from mktcore.marketplace import Marketplace
from mktcore.orders import MERCHANT_ORDERS
from mktcore.orders.order_numbers import StoredNumbers
from mktcore.orders.ports import NumberRequest
from mktcore.orders.reviews import ORDER_REVIEWS
from mktcore.orders.shipments import SHIPMENTS
from mktcore.persistence import Kind
from mktcore.testing.fakes import ManualClock


@pytest.fixture
def market() -> Marketplace:
    market = Marketplace.in_memory("EUR")
    market.load(EXAMPLE)
    operator, bolt = market.as_operator(), market.as_merchant("bolt")
    order = place(market, "c1")
    market.orders.hold(order, "fraud", scope=operator)
    market.orders.hold(order, "address", scope=operator)
    market.orders.release(order, "fraud", scope=operator)
    market.shipments.ship(f"{place(market, 'c2')}--bolt", {"l1": 1}, key="s1", scope=bolt)
    rows = [{"offer": "bolt-tripod", "sku": "tripod", "price": price} for price in ("61.00", "none")]
    market.feeds.accept("bolt", rows, key="f1", scope=bolt)
    market.feeds.work()
    return market


def place(market: Marketplace, cart: str) -> str:
    lines = [CartLine("l1", "tripod", 3, offer="bolt-tripod")]
    return market.place(Cart.of(cart, buyer="buyer-1", lines=lines), key=cart, scope=market.as_operator()).id


def tamper(market: Marketplace, kind: Kind[Any], change: Callable[[Any], Any]) -> set[str]:
    """Change one record past all use cases, and return where an audit finds something."""
    with market.store.begin(market.as_operator()) as unit:
        found = next(iter(unit.repository(kind).stream()))
        changed = change(found)
        if changed is None:
            unit.repository(kind).remove(found)
        else:
            unit.repository(kind).save(changed)
        unit.commit()
    return {finding.where for finding in market.verify()}


def test_a_market_that_was_only_used_has_no_findings(market: Marketplace) -> None:
    assert market.verify() == ()


def test_an_order_is_held_for_its_open_reviews_and_no_others(market: Marketplace) -> None:
    order = next(iter(market.orders.reviews.iterate(scope=market.as_operator()))).order
    reopened = tamper(market, ORDER_REVIEWS, lambda review: attrs.evolve(review, closed_at=None, closed_by=None))
    assert reopened == {f"{order}.reviews"}


def test_a_part_is_held_as_its_order_is(market: Marketplace) -> None:
    found = tamper(market, MERCHANT_ORDERS, lambda part: attrs.evolve(part, is_held=not part.is_held))
    assert [where.rpartition(".")[2] for where in found] == ["is_held"]


@pytest.mark.parametrize(
    ("kind", "change", "field"),
    [
        (FEED_CHUNKS, lambda _: None, "chunks"),
        (FEED_CHUNKS, lambda part: attrs.evolve(part, outcomes=part.outcomes[:1]), "rows"),
        (FEEDS, lambda feed: attrs.evolve(feed, counts=attrs.evolve(feed.counts, refused=0)), "counts"),
        (FEEDS, lambda feed: attrs.evolve(feed, done=1), "done"),
        (FEEDS, lambda feed: attrs.evolve(feed, ended_at=None), "ended_at"),
    ],
)
def test_a_feed_counts_what_its_parts_tell(
    market: Marketplace, kind: Kind[Any], change: Callable[[Any], Any], field: str
) -> None:
    assert field in {where.rpartition(".")[2] for where in tamper(market, kind, change)}


def test_an_answered_shipment_is_the_one_that_left(market: Marketplace) -> None:
    later = timedelta(days=1)
    found = tamper(market, SHIPMENTS, lambda one: attrs.evolve(one, shipped_at=one.shipped_at + later))
    assert "key s1 of merchant:bolt" in found


def test_a_series_that_would_repeat_a_number_is_found(market: Marketplace) -> None:
    with market.store.begin(market.as_operator()) as unit:
        unit.counters.advance("order-number/")
        unit.commit()
    (finding,) = market.verify()
    assert str(finding) == "counter order-number/: it holds 3, orders have numbers up to its 2"


@attrs.frozen
class YearlyNumbers:
    """A host's own series, of which the store counts nothing."""

    def draw(self, unit: object, request: NumberRequest) -> str:
        """Return a number that resembles no series of the library."""
        del unit
        return f"2026-{request.order}"


@pytest.mark.parametrize("numbers", [YearlyNumbers(), StoredNumbers(first=500_000), StoredNumbers({"web": "W-"})])
def test_another_series_from_now_on_makes_no_findings(market: Marketplace, numbers: Any) -> None:
    own = Marketplace(market.store, "EUR", numbers=numbers, clock=market.clock)
    assert own.verify() == ()
    place(own, "c3")
    assert own.verify() == ()


class TickingClock(ManualClock):
    """A clock that goes on each time that somebody looks at it, as all real ones do."""

    def now(self) -> datetime:
        """Return an instant that was never told before."""
        return self.advance(timedelta(microseconds=1))


def test_the_first_step_of_a_life_follows_its_beginning() -> None:
    market = Marketplace.in_memory("EUR", clock=TickingClock(NOON))
    market.load(EXAMPLE)
    market.onboarding.move("bolt", "block", scope=market.as_operator(), reason="late")
    assert market.verify() == ()
