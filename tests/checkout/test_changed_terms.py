"""Whatever changes between reading and the lock: an order has the figures of one instant, and nothing is oversold."""

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest import mock

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from markets import LAMPS, NOON, open_market
from mktcore.carts import Cart, CartLine
from mktcore.checkout import PlacementRefused
from mktcore.checkout.use_cases import place_order
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.orders.split_order import split_order
from mktcore.persistence import Scope
from mktcore.pricing import PRICE_SCHEDULES, PriceBreak
from mktcore.promotions import PROMOTIONS, AmountOff, Promotion
from mktcore.stock import StockCount
from mktcore.testing.fakes import ManualClock

OPERATOR = Scope.operator()
SPLIT = split_order
NUMBERS = itertools.count(1)


@attrs.frozen
class Terms:
    """What bolt's lamp costs, how many pieces of it are free, and what every order is reduced by; cents."""

    price: int
    free: int
    reduction: int

    def find_total(self, quantity: int) -> int | None:
        """Return what pieces cost on these terms; None where there are too few."""
        return quantity * self.price - self.reduction if quantity <= self.free else None


TERMS = st.builds(
    Terms, price=st.sampled_from([1000, 2500]), free=st.sampled_from([1, 3]), reduction=st.sampled_from([0, 100])
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def market(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marketplace]:
    clock = ManualClock(NOON)
    with open_market(request.param, tmp_path_factory.mktemp("changed"), clock, LAMPS) as market:
        yield market
        assert market.verify() == ()


def set_terms(market: Marketplace, terms: Terms) -> None:
    """Let these terms hold, all from one instant."""
    with market.store.begin(OPERATOR) as unit:
        schedules, promotions = unit.repository(PRICE_SCHEDULES), unit.repository(PROMOTIONS)
        breaks = [PriceBreak(1, Money.from_minor(terms.price, "EUR"))]
        schedules.save(attrs.evolve(schedules.get("bolt-lamp"), breaks=breaks))
        # Removed and made anew: the version is the same, and the reduction is not.
        for one in promotions.find_many(["off"]).values():
            promotions.remove(one)
        if terms.reduction:
            promotions.add(Promotion("off", AmountOff(Money.from_minor(terms.reduction, "EUR"))))
        reserved = unit.stock.find_levels(["bolt-lamp"])["bolt-lamp"].reserved
        unit.stock.set_on_hand([StockCount("bolt-lamp", "bolt", reserved + terms.free)], at=NOON)
        unit.commit()


def place(market: Marketplace, quantity: int, meanwhile: Callable[[], None]) -> int | None:
    """Place while something happens between reading and reserving; return the order's cents, None where refused."""
    number, seen = next(NUMBERS), list[int]()

    def split_meanwhile(*args: Any, **options: Any) -> Any:
        seen.append(1)
        if len(seen) == 1:
            with ThreadPoolExecutor(1) as other:
                other.submit(meanwhile).result()
        return SPLIT(*args, **options)

    cart = Cart.of(f"c{number}", buyer="ann", lines=[CartLine("l1", "lamp", quantity, offer="bolt-lamp")])
    with mock.patch.object(place_order, "split_order", split_meanwhile):
        try:
            order = market.place(cart, key=f"k{number}", scope=OPERATOR)
        except PlacementRefused:
            return None
    return int(order.marketplace_order.totals.grand_total.minor)


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=TERMS, after=TERMS, quantity=st.integers(1, 3))
def test_an_order_is_of_one_instant(market: Marketplace, before: Terms, after: Terms, quantity: int) -> None:
    set_terms(market, before)
    found = place(market, quantity, lambda: set_terms(market, after))
    assert found in {before.find_total(quantity), after.find_total(quantity)}
    if after.find_total(quantity) is None:
        # Nothing that was free before is free at the instant of the lock.
        assert found is None
    with market.store.begin(OPERATOR) as unit:
        level = unit.stock.find_levels(["bolt-lamp"])["bolt-lamp"]
    sold = quantity if found is not None else 0
    assert level.available in {before.free - sold, after.free - sold}
    assert level.available >= 0


def test_pieces_that_came_with_another_price_are_sold_at_that_price(market: Marketplace) -> None:
    set_terms(market, Terms(1000, 3, 0))
    assert place(market, 3, lambda: set_terms(market, Terms(2500, 3, 100))) == 7400
