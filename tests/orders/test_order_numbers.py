"""Numbers that people read: one for each order, without gaps, by channel, kept, listed and told."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.carts import Cart, CartLine
from mktcore.checkout.errors import PlacementRefused
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.orders import Order
from mktcore.orders.effects import EFFECTS
from mktcore.orders.effects.changes import Changes
from mktcore.orders.effects.effect import Effect
from mktcore.orders.order_numbers import NumberRefused, StoredNumbers
from mktcore.orders.ports import NumberRequest
from mktcore.persistence import Scope
from mktcore.persistence.counters import Counting
from mktcore.testing.fakes import ManualClock

FILES = TWO_MERCHANTS | {
    "skus.csv": "sku,name,tax_category\nlens,Lens,\nbook,Book,\n",
    "offers.csv": "offer,merchant,sku,price,stock\nlens,acme,lens,20.00,999\nbook,bolt,book,10.00,1\n",
}
ACME, BUYER, OPERATOR = Scope.merchant("acme"), Scope.buyer("b1"), Scope.operator()


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, ManualClock(NOON), FILES) as market:
        yield market


def place(market: Marketplace, name: str, sku: str = "lens", channel: str | None = None) -> Order:
    cart = Cart.of(name, buyer="b1", lines=[CartLine("l1", sku)], channel=channel)
    return market.place(cart, key=name, scope=BUYER)


def test_orders_are_numbered_without_gaps(market: Marketplace) -> None:
    first = place(market, "c1")
    assert (first.marketplace_order.number, first.marketplace_order.reference) == ("100001", "100001")
    assert [part.reference for part in first.merchant_orders] == ["100001--acme"]
    assert place(market, "c2", "book").marketplace_order.number == "100002"
    with pytest.raises(PlacementRefused):  # the only book is sold
        place(market, "c3", "book")
    assert place(market, "c4").marketplace_order.number == "100003"
    # Its key answers it again, and takes none.
    assert place(market, "c1").marketplace_order.number == "100001"
    assert place(market, "c5").marketplace_order.number == "100004"


def test_an_order_is_found_by_its_number(market: Marketplace) -> None:
    placed = [place(market, f"c{n}") for n in range(3)]
    wanted = {"number": "100002"}
    assert [order.id for order in market.orders.marketplace_orders.page(scope=BUYER, where=wanted).items] == [
        placed[1].id
    ]
    assert [part.id for part in market.orders.merchant_orders.page(scope=ACME, where=wanted).items] == [
        f"{placed[1].id}--acme"
    ]
    assert market.orders.marketplace_orders.count(scope=Scope.buyer("b2"), where=wanted) == 0
    assert market.orders.get(placed[1].id, scope=BUYER).marketplace_order.number == "100002"


def test_events_tell_the_number(market: Marketplace) -> None:
    order = place(market, "c1")
    with market.store.begin(OPERATOR) as unit:
        told = [
            unit.find_events("marketplace_order", order.id)[0].event,
            unit.find_events("merchant_order", f"{order.id}--acme")[0].event,
        ]
    assert [getattr(event, "number", None) for event in told] == ["100001", "100001"]


def test_channels_may_have_series_of_their_own(market: Marketplace) -> None:
    numbers = StoredNumbers({"web": "W-", "b2b": "B"}, first=7)
    own = Marketplace(market.store, "EUR", numbers=numbers, clock=market.clock)
    drawn = [place(own, f"c{n}", channel=channel) for n, channel in enumerate(["web", "b2b", None, "shop", "web"])]
    assert [order.marketplace_order.number for order in drawn] == ["W-7", "B7", "7", "8", "W-8"]


def test_a_placement_that_fails_gives_its_number_back(market: Marketplace) -> None:
    def fail(*_: object) -> Changes:
        raise RuntimeError

    broken = Marketplace(
        market.store,
        "EUR",
        effects=(*EFFECTS, Effect("broken", fail)),
        clock=market.clock,
    )
    with pytest.raises(RuntimeError):
        place(broken, "c1")
    assert place(market, "c2").marketplace_order.number == "100001"


class Scripted:
    """A host's series that is told what to give."""

    def __init__(self, *numbers: str) -> None:
        self.numbers = list(numbers)
        self.asked: list[NumberRequest] = []

    def draw(self, unit: Counting, request: NumberRequest) -> str:
        del unit
        self.asked.append(request)
        return self.numbers.pop(0)


def test_a_host_brings_its_own_series(market: Marketplace) -> None:
    series = Scripted("26/07-1", "26/07-1", "", "a b", "x" * 61, "26/07-2")
    own = Marketplace(market.store, "EUR", numbers=series, clock=market.clock)
    assert place(own, "c1", channel="web").marketplace_order.number == "26/07-1"
    assert (series.asked[0].channel, series.asked[0].placed_at) == ("web", NOON)
    for name in ("c2", "c3", "c4", "c5"):
        with pytest.raises(NumberRefused):
            place(own, name)
    assert place(own, "c2").marketplace_order.number == "26/07-2"
    assert market.verify() == ()


@pytest.mark.parametrize("prefixes", [{"web": "W1"}, {"web": ""}, {"web": "W", "app": "W"}, {"web": "W "}])
def test_series_that_would_run_into_each_other_are_refused(prefixes: dict[str, str]) -> None:
    with pytest.raises(InvalidValue, match="prefixes"):
        StoredNumbers(prefixes)


@pytest.mark.slow
def test_placed_at_once_every_number_is_there_once(market: Marketplace) -> None:
    with ThreadPoolExecutor(6) as pool:
        orders = list(pool.map(lambda n: place(market, f"c{n}"), range(24)))
    assert sorted(order.marketplace_order.number for order in orders) == [str(n) for n in range(100_001, 100_025)]
