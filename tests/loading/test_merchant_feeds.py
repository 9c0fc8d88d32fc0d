"""Feeds that merchants send at once: accepted, gone through part by part, and read while they are."""

import csv
import io
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from markets import NOON, open_market
from mktcore.access import PermissionDenied
from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.feeds import FEEDS, Feed, FeedState, RowFate, RowOutcome
from mktcore.feeds.feed_chunk import FEED_CHUNKS, to_chunk_id
from mktcore.loading.csv_rows import EmptyCells
from mktcore.loading.merchant_feeds import FeedRefused, accept_feed, work_feed
from mktcore.loading.merchant_feeds.store_rows import store_rows
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.offers.price_guards import PriceGuard, Reference
from mktcore.persistence import NotFound
from mktcore.persistence.errors import IdempotencyConflict
from mktcore.testing.fakes import ManualClock
from mktcore.views import view

FILES = {
    "merchants.csv": "merchant,name\nacme,Acme\nbolt,Bolt\n",
    "skus.csv": "sku,name,tax_category\n" + "".join(f"sku-{n},Goods {n},\n" for n in range(9)),
    "offers.csv": (
        "offer,merchant,sku,price,stock\n"
        "a-0,acme,sku-0,10.00,5\na-1,acme,sku-1,11.00,5\na-2,acme,sku-2,12.00,5\na-3,acme,sku-3,13.00,5\n"
        "b-0,bolt,sku-0,9.00,5\n"
    ),
}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, clock, FILES) as market:
        yield market


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accept_feed, "CHUNK", 2)


def rows(text: str) -> list[Mapping[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def send(market: Marketplace, text: str, *, key: str = "k", **more: object) -> Feed:
    return market.feeds.accept("acme", rows(text), key=key, scope=market.as_merchant("acme"), **more)  # type: ignore[arg-type]  # of several types


def outcomes(market: Marketplace, feed: Feed) -> list[RowOutcome]:
    found: list[RowOutcome] = []
    after: str | None = None
    while True:
        page = market.feeds.page_outcomes(feed.id, scope=market.as_merchant("acme"), after=after)
        found += page.items
        after = page.next
        if after is None:
            return sorted(found, key=lambda one: one.line)


def get(market: Marketplace, feed: Feed) -> Feed:
    return market.feeds.get(feed.id, scope=market.as_merchant("acme"))


def price_of(market: Marketplace, offer: str) -> str:
    sku = market.offers.get(offer, scope=market.as_operator()).sku
    found = market.simulate(
        Cart.of("c", buyer="ann", lines=[CartLine("l", sku, offer=offer)]), scope=market.as_operator()
    )
    return found.issues[0].code if found.issues else str(found.totals.order.grand_total)


FIVE = (
    "offer,sku,price,stock\n"
    "a-1,sku-1,11.50,7\na-7,sku-7,17.00,1\na-0,sku-0,10.00,5\na-9,sku-99,1.00,1\na-2,sku-2,many,3\n"
)


def test_a_feed_is_gone_through_part_by_part_and_each_row_says_what_became_of_it(market: Marketplace) -> None:
    feed = send(market, FIVE)
    assert (feed.state, feed.rows, feed.done, feed.chunks) == (FeedState.WAITING, 5, 0, 3)
    assert outcomes(market, feed) == []
    progress = []
    while market.feeds.work(limit=1).chunks:
        progress.append((get(market, feed).done, get(market, feed).state.value))
    assert progress == [(2, "waiting"), (4, "waiting"), (5, "done")]
    told = [(one.line, one.offer, one.fate.value, [p.column for p in one.problems]) for one in outcomes(market, feed)]
    assert told == [
        (1, "a-1", "changed", []),
        (2, "a-7", "added", []),
        (3, "a-0", "unchanged", []),
        (4, "a-9", "refused", ["sku"]),
        (5, "a-2", "refused", ["price"]),
    ]
    ended = get(market, feed)
    counts = ended.counts
    assert (counts.added, counts.changed, counts.unchanged, counts.refused) == (1, 1, 1, 2)
    # The prices and stock of sound rows are sold at, what a faulty row names stays as it was.
    assert [price_of(market, one) for one in ("a-1", "a-7", "a-2")] == ["11.50 EUR", "17.00 EUR", "12.00 EUR"]
    assert market.verify() == ()
    assert view(ended, market.as_merchant("acme"))["done"] == 5


def test_the_same_key_is_the_same_feed(market: Marketplace) -> None:
    feed = send(market, FIVE)
    assert send(market, FIVE) == feed
    with pytest.raises(IdempotencyConflict):
        send(market, FIVE.replace("11.50", "11.60"))
    assert market.feeds.count(scope=market.as_merchant("acme")) == 1


class Killed(Exception):
    """A worker that dies."""


@pytest.mark.parametrize("dies_at", range(6))
def test_a_worker_may_die_anywhere(market: Marketplace, monkeypatch: pytest.MonkeyPatch, dies_at: int) -> None:
    feed = send(market, FIVE.replace("many", "12.50"))
    calls: list[int] = []

    def store(*given: object) -> object:
        calls.append(len(calls))
        if len(calls) == dies_at // 2 + 1 and dies_at % 2 == 0:
            raise Killed
        found = store_rows(*given)  # type: ignore[arg-type]  # as it was called
        if len(calls) == dies_at // 2 + 1 and dies_at % 2 == 1:
            raise Killed
        return found

    monkeypatch.setattr(work_feed, "store_rows", store)
    with pytest.raises(Killed):
        market.feeds.work()
    before = get(market, feed)
    assert (before.done, before.state) == (min(2 * (dies_at // 2), 4), FeedState.WAITING)
    market.feeds.work()
    assert get(market, feed).counts.changed == 2
    assert [one.fate.value for one in outcomes(market, feed)] == ["changed", "added", "unchanged", "refused", "changed"]
    assert market.feeds.work().chunks == 0


def test_feeds_of_a_merchant_follow_each_other_and_merchants_take_turns(
    market: Marketplace, clock: ManualClock
) -> None:
    first = send(market, "offer,sku,price,stock\na-0,sku-0,1.00,5\na-1,sku-1,1.00,5\na-2,sku-2,1.00,5\n", key="k1")
    clock.advance(timedelta(seconds=1))
    bolt = market.as_merchant("bolt")
    other = market.feeds.accept("bolt", rows("offer,sku,price,stock\nb-0,sku-0,8.00,5\n"), key="k", scope=bolt)
    clock.advance(timedelta(seconds=1))
    second = send(market, "offer,sku,price,stock\na-0,sku-0,2.00,5\n", key="k2")
    clock.advance(timedelta(seconds=1))
    ended = []
    while market.feeds.work(limit=1).chunks:
        found = {one.id: one for one in market.feeds.iterate(scope=market.as_operator())}
        ended += [name for name, one in found.items() if one.is_over() and name not in ended]
    assert ended == [other.id, first.id, second.id]
    assert price_of(market, "a-0") == "2.00 EUR"


def test_a_feed_of_everything_lets_vanish_what_it_does_not_name(market: Marketplace) -> None:
    feed = send(market, "offer,sku,price,stock\na-0,sku-0,10.00,5\na-3,sku-3,13.00,4\n", whole=Decimal("0.5"))
    market.feeds.work()
    assert (get(market, feed).counts.vanished, get(market, feed).counts.changed) == (2, 1)
    assert [price_of(market, one) for one in ("a-0", "a-1", "a-2", "a-3")] == [
        "10.00 EUR",
        "out-of-stock",
        "out-of-stock",
        "13.00 EUR",
    ]
    # Another merchant's are none of it.
    assert price_of(market, "b-0") == "9.00 EUR"
    assert market.verify() == ()


def test_more_than_may_vanish_is_refused_before_anything_is_kept(market: Marketplace) -> None:
    for text in ("offer,sku,price,stock\na-0,sku-0,10.00,5\n", "offer,sku,price,stock\n"):
        with pytest.raises(FeedRefused, match="of 4 offers of acme would vanish") as refused:
            send(market, text, whole=Decimal("0.5"))
        assert refused.value.problems[0].code == "feeds.would-vanish"
    assert market.feeds.count(scope=market.as_operator()) == 0
    # Nothing vanishes that a refused row names.
    kept = send(market, "offer,sku,price,stock\na-0,x,y,z\na-1,x,y,z\na-2,x,y,z\na-3,x,y,z\n", whole=Decimal(0))
    market.feeds.work()
    assert (get(market, kept).counts.vanished, get(market, kept).counts.refused) == (0, 4)


def test_absent_empty_and_cleared_are_three_things(market: Marketplace) -> None:
    send(market, "offer,sku,price,stock,multiple,least_price\na-0,sku-0,10.00,50,5,8.00\n")
    text = "offer,sku,price,stock,multiple,least_price\na-0,sku-0,10.00,50,<clear>,\n"
    send(market, text, key="k2", empty_cells=EmptyCells.KEEP)
    market.feeds.work()
    offer = market.offers.get("a-0", scope=market.as_operator())
    assert (offer.multiple, offer.least_price) == (1, Money.of("8.00", "EUR"))
    send(market, "offer,sku,price,stock,multiple\na-0,sku-0,10.00,50,3\n", key="k3")
    market.feeds.work()
    offer = market.offers.get("a-0", scope=market.as_operator())
    assert (offer.multiple, offer.least_price) == (3, Money.of("8.00", "EUR"))


def test_a_price_that_a_guard_does_not_let_pass_is_held_and_the_row_says_so(market: Marketplace) -> None:
    market.offers.guards.save(PriceGuard("g", Reference.PREVIOUS, below=Decimal("0.5")), scope=market.as_operator())
    feed = send(market, "offer,sku,price,stock\na-0,sku-0,1.00,3\na-1,sku-1,10.00,3\n")
    market.feeds.work()
    assert [one.fate for one in outcomes(market, feed)] == [RowFate.HELD, RowFate.CHANGED]
    assert price_of(market, "a-0") == "10.00 EUR"


def test_rows_are_the_merchants_whatever_they_say(market: Marketplace) -> None:
    feed = send(
        market, "offer,merchant,sku,price,stock\nb-0,bolt,sku-0,1.00,1\na-8,bolt,sku-8,2.00,1\na-8,acme,sku-8,3.00,1\n"
    )
    market.feeds.work()
    told = [(one.fate.value, [p.column for p in one.problems]) for one in outcomes(market, feed)]
    assert told[0] == ("refused", ["merchant"])
    # The same offer twice: the first stands.
    assert told[1:] == [("added", []), ("refused", ["offer"])]
    assert market.offers.get("a-8", scope=market.as_operator()).merchant == "acme"
    assert price_of(market, "b-0") == "9.00 EUR"


def test_who_may_do_what(market: Marketplace) -> None:
    feed = send(market, FIVE)
    bolt, ann = market.as_merchant("bolt"), market.as_buyer("ann")
    for call in (market.feeds.get, market.feeds.page_outcomes, market.feeds.stop, market.feeds.remove):
        with pytest.raises(NotFound):
            call(feed.id, scope=bolt)
    with pytest.raises(NotFound):
        market.feeds.accept("acme", [], key="k", scope=bolt)
    with pytest.raises((NotFound, PermissionDenied)):
        market.feeds.accept("acme", [], key="k", scope=ann)
    with market.store.begin(market.as_merchant("acme")) as unit, pytest.raises(NotFound):
        unit.repository(FEEDS).save(feed)


def test_a_feed_is_stopped_and_removed(market: Marketplace) -> None:
    feed, acme = send(market, FIVE), market.as_merchant("acme")
    market.feeds.work(limit=1)
    with pytest.raises(InvalidValue, match="stop it first"):
        market.feeds.remove(feed.id, scope=acme)
    stopped = market.feeds.stop(feed.id, scope=acme)
    assert (stopped.state, stopped.done, market.feeds.work().chunks) == (FeedState.STOPPED, 2, 0)
    assert market.feeds.stop(feed.id, scope=acme) == stopped
    assert len(outcomes(market, feed)) == 2
    market.feeds.remove(feed.id, scope=acme)
    with pytest.raises(NotFound):
        get(market, feed)


def test_a_feed_that_cannot_be_gone_on_with_holds_up_nobody(market: Marketplace) -> None:
    feed = send(market, FIVE)
    with market.store.begin(market.as_operator()) as unit:
        unit.repository(FEED_CHUNKS).remove(unit.repository(FEED_CHUNKS).get(to_chunk_id(feed.id, 0)))
        unit.commit()
    bolt = market.as_merchant("bolt")
    other = market.feeds.accept("bolt", rows("offer,sku,price,stock\nb-0,sku-0,8.00,5\n"), key="k", scope=bolt)
    market.feeds.work()
    assert market.feeds.get(other.id, scope=bolt).state is FeedState.DONE
    failed = get(market, feed)
    assert (failed.state, failed.problem) == (FeedState.FAILED, "part 0 of it is gone")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([{"offer": "a", "colour": "red"}], "feeds.unknown-column"),
        ([{"offer": 7}], "feeds.no-text"),
        ([{"offer": "a" * 5_000}], "feeds.long-cell"),
        (["offer"], "feeds.no-row"),
    ],
)
def test_what_is_no_feed_is_refused_at_once(market: Marketplace, given: list[object], code: str) -> None:
    with pytest.raises(FeedRefused) as refused:
        market.feeds.accept("acme", given, key="k", scope=market.as_merchant("acme"))  # type: ignore[arg-type]
    assert [one.code for one in refused.value.problems] == [code]


def test_what_one_merchant_sends_is_bounded(market: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accept_feed, "MAX_ROWS", 3)
    endless = ({"offer": f"a-{n}"} for n in range(10**9))
    with pytest.raises(FeedRefused, match="3 rows at most"):
        market.feeds.accept("acme", endless, key="k", scope=market.as_merchant("acme"))
    for number in range(20):
        send(market, "offer,sku,price,stock\n", key=f"k{number}")
    with pytest.raises(FeedRefused, match="20 feeds of acme wait"):
        send(market, "offer,sku,price,stock\n", key="one-more")


@pytest.mark.parametrize(("offer", "named"), [("a-0", "name the offer a-0"), ("", "name no offer")])
def test_rows_of_one_offer_are_no_more_than_one_transaction_stores(market: Marketplace, offer: str, named: str) -> None:
    rows = [{"offer": offer, "sku": "sku-0", "price": "1.00", "stock": "1"}] * (accept_feed.CHUNK + 1)
    with pytest.raises(FeedRefused, match=f"{len(rows)} rows {named}"):
        market.feeds.accept("acme", rows, key="k", scope=market.as_merchant("acme"))
    fits = market.feeds.accept("acme", rows[:-1], key="k", scope=market.as_merchant("acme"))
    assert fits.chunks == 1


def test_a_short_row_says_nothing_of_what_it_lacks(market: Marketplace) -> None:
    feed = send(market, "offer,sku,price,stock\na-0,sku-0,10.50\n")
    market.feeds.work()
    [row] = outcomes(market, feed)
    assert (row.fate, [one.column for one in row.problems]) == (RowFate.REFUSED, ["stock"])


@pytest.mark.parametrize("whole", [0.5, Decimal("NaN"), Decimal("1.1"), Decimal(-1), "0.5"])
def test_a_part_that_may_vanish_is_a_fraction(market: Marketplace, whole: object) -> None:
    with pytest.raises(InvalidValue, match="whole"):
        send(market, FIVE, whole=whole)


def test_workers_at_once_do_everything_once(market: Marketplace) -> None:
    text = "offer,sku,price,stock\n" + "".join(f"n-{n},sku-{n},{n + 1}.00,{n}\n" for n in range(9))
    feed = send(market, text)
    with ThreadPoolExecutor(3) as pool:
        reports = [one.result() for one in [pool.submit(market.feeds.work) for _ in range(3)]]
    assert (sum(one.chunks for one in reports), sum(one.rows for one in reports)) == (5, 9)
    assert (get(market, feed).state, get(market, feed).counts.added) == (FeedState.DONE, 9)
    assert market.verify() == ()


def test_a_feed_that_was_sent_by_a_clock_a_year_ahead_waits_for_no_year(
    market: Marketplace, clock: ManualClock
) -> None:
    clock.advance(timedelta(days=365))
    send(market, "offer,sku,price,stock\na-0,sku-0,10.10,5\n", key="ahead")
    clock.advance(timedelta(days=-365))
    assert market.feeds.work().ended == 1
    assert price_of(market, "a-0") == "10.10 EUR"


def test_feeds_are_gone_through_as_they_were_sent_whatever_clocks_said(market: Marketplace, clock: ManualClock) -> None:
    send(market, "offer,sku,price,stock\na-0,sku-0,10.10,5\n", key="first")
    clock.advance(timedelta(hours=-1))
    send(market, "offer,sku,price,stock\na-0,sku-0,10.20,5\n", key="second")
    clock.advance(timedelta(hours=1))
    assert market.feeds.work().ended == 2
    assert price_of(market, "a-0") == "10.20 EUR"
