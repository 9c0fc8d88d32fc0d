"""Values that no store can hold, or that are no text, are refused in our words, and nothing unreadable is kept."""

from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from markets import LAMPS, NOON, open_market
from mktcore.carts import Cart, CartLine
from mktcore.errors import MktcoreError
from mktcore.marketplace import Marketplace
from mktcore.testing.fakes import ManualClock


@pytest.fixture(scope="module", params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marketplace]:
    folder = tmp_path_factory.mktemp("odd")
    with open_market(request.param, folder, ManualClock(NOON), LAMPS) as market:
        cart = Cart.of("c1", buyer="ann", lines=[CartLine("l1", "lamp", 2, offer="acme-lamp")])
        market.place(cart, key="k1", scope=market.as_buyer("ann"))
        yield market


def _save_offer(market: Marketplace, **terms: Any) -> object:
    acme = market.as_merchant("acme")
    return market.offers.save(attrs.evolve(market.offers.get("acme-lamp", scope=acme), **terms), scope=acme)


def _ship(market: Marketplace, pieces: Any) -> object:
    return market.fire("order-1--acme", "ship", key="f1", scope=market.as_operator(), lines={"l1": pieces})


def _cancel(market: Marketplace, pieces: Any) -> object:
    return market.orders.cancel("order-1", key="c1", scope=market.as_buyer("ann"), lines={"l1": pieces})


def _recall(market: Marketplace, reason: str) -> object:
    return market.parties.recall("vase", reason=reason, scope=market.as_operator())


ODD: dict[str, Callable[[Marketplace], object]] = {
    "a pack of many": lambda market: _save_offer(market, multiple=10**400),
    "many at least": lambda market: _save_offer(market, minimum=10**5000),
    "many days": lambda market: _save_offer(market, handling_days=10**41),
    "many shipped": lambda market: _ship(market, 10**400),
    "too many to write out": lambda market: _ship(market, 10**5000),
    "many canceled": lambda market: _cancel(market, 10**5000),
    "many counted": lambda market: market.stock.count("acme-lamp", 10**5000, scope=market.as_merchant("acme")),
    "a code that is none": lambda market: market.pool_codes.add("spring", [7], scope=market.as_operator()),  # type: ignore[list-item]  # what a host may do
    "an id that is none": lambda market: market.order_thresholds.get(7, scope=market.as_operator()),  # type: ignore[arg-type]  # as above
    "a reason that is no text": lambda market: _recall(market, "\ud800"),
    "a reason without end": lambda market: _recall(market, "x" * 1001),
}


@pytest.mark.parametrize("what", ODD)
def test_what_no_store_can_hold_is_refused_in_our_words(market: Marketplace, what: str) -> None:
    with pytest.raises(MktcoreError) as refused:
        ODD[what](market)
    assert refused.value.describe()
    assert market.verify() == ()
