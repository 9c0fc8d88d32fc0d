"""Feeds that are drawn go through a market: every row has an outcome, and what is refused changes nothing."""

from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from mktcore.feeds import FeedState, RowFate
from mktcore.marketplace import Marketplace
from mktcore.offers import OFFERS, Offer
from mktcore.testing.feed_strategies import feed_rows
from mktcore.testing.market_sample import MarketSample
from mktcore.testing.market_strategies import market_samples

FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
Rows = list[Mapping[str, str | None]]
OFFERED = [Offer("acme-lamp", "acme", "lamp", schedule="acme-lamp"), Offer("b", "bolt", "lamp", schedule="b")]


@st.composite
def sent(draw: st.DrawFn) -> tuple[MarketSample, Rows, bool]:
    sample = draw(market_samples(max_promotions=0))
    return sample, draw(feed_rows(offers=sample.offers)), draw(st.booleans())


def read_offers(market: Marketplace) -> dict[str, tuple[object, ...]]:
    """Tell what each offer is, what it costs, and what is in stock."""
    operator = market.as_operator()
    with market.store.begin(operator) as unit:
        offers = unit.repository(OFFERS).page(limit=100).items
        levels = unit.stock.find_levels([item for one in offers for item in one.stock_items])
    prices = {one.id: market.prices.get_schedule(one.schedule, scope=operator).breaks for one in offers}
    return {
        one.id: (one.sku, prices[one.id], [levels[item].on_hand for item in one.stock_items if item in levels])
        for one in offers
    }


@pytest.mark.slow
@FEW
@given(sent())
def test_each_row_has_an_outcome_and_what_is_refused_changes_nothing(case: tuple[MarketSample, Rows, bool]) -> None:
    sample, rows, is_whole = case
    with sample.open() as market:
        before, acme = read_offers(market), market.as_merchant("acme")
        feed = market.feeds.accept("acme", rows, key="k", scope=acme, whole=Decimal(1) if is_whole else None)
        while market.feeds.work(limit=1).chunks:
            pass
        ended, after = market.feeds.get(feed.id, scope=acme), read_offers(market)
        outcomes = sorted(market.feeds.page_outcomes(feed.id, scope=acme).items, key=lambda one: one.line)
        assert (ended.state, ended.done) == (FeedState.DONE, len(rows))
        assert [(one.line, one.offer) for one in outcomes] == [(n, row["offer"]) for n, row in enumerate(rows, 1)]
        assert [bool(one.problems) for one in outcomes] == [one.fate is RowFate.REFUSED for one in outcomes]
        for one in outcomes:
            if one.fate in {RowFate.REFUSED, RowFate.UNCHANGED}:
                assert after.get(one.offer) == before.get(one.offer)
            else:
                assert after[one.offer] != before.get(one.offer)
        # Other merchants' offers are none of its business.
        others = {one.id for one in sample.offers if one.merchant != "acme"}
        assert {name: after[name] for name in others} == {name: before[name] for name in others}
        assert market.verify() == ()


def test_they_shrink_to_one_row_that_tells_a_cent() -> None:
    found = find(feed_rows(offers=OFFERED), lambda rows: bool(rows[0].get("price")), settings=settings(database=None))
    assert found == [{"offer": "acme-lamp", "sku": "lamp", "price": "0.01"}]


@settings(max_examples=40, database=None)
@given(feed_rows(offers=OFFERED, faulty=False, currency="JPY"))
def test_without_faults_they_name_goods_that_are_there_and_amounts_of_the_currency(rows: Rows) -> None:
    for row in rows:
        assert (row["sku"], len({one["offer"] for one in rows})) == ("lamp", len(rows))
        assert (row.get("price") or "1").isdecimal()
        assert (row.get("stock") or "1").isdecimal()
