"""Port calls are constant in the lines of a cart, and linear only in the merchants asked."""

from collections import Counter
from decimal import Decimal
from itertools import pairwise

import pytest

from counting_store import CountingStore
from markets import EXAMPLE
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.promotions import Limits, PercentOff, Promotion

ACME = ["battery", "charger", "reader", "filter-uv", "filter-nd", "filter-pol", "flash", "reflector", "bag-insert"]


@pytest.fixture
def store() -> CountingStore:
    return CountingStore()


def make_cart(lines: int) -> Cart:
    named = [CartLine(f"l{n}", sku, 1, offer=f"acme-{sku}") for n, sku in enumerate(ACME)]
    return Cart.of("cart-1", buyer="buyer-1", lines=tuple(named[:lines]))


def count_calls(store: CountingStore, lines: int, use: str) -> Counter[str]:
    market = Marketplace(store, "EUR")
    market.load(EXAMPLE)
    store.calls.clear()
    if use == "simulate":
        market.simulate(make_cart(lines), scope=market.as_operator())
    else:
        order = market.place(make_cart(lines), key="k1", scope=market.as_operator())
        if use == "fire":
            store.calls.clear()
            market.fire(order.merchant_orders[0].id, "ship", key="s1", scope=market.as_operator())
    return store.calls


@pytest.mark.parametrize(("use", "most"), [("simulate", 19), ("place", 51), ("fire", 24)])
def test_a_long_cart_takes_no_more_calls_than_a_short_one(use: str, most: int) -> None:
    short, long = count_calls(CountingStore(), 1, use), count_calls(CountingStore(), len(ACME), use)
    assert short == long
    assert 0 < sum(long.values()) <= most, long


def test_any_number_of_limited_promotions_takes_one_call_more_than_none(store: CountingStore) -> None:
    market = Marketplace(store, "EUR")
    market.load(EXAMPLE)
    owner, totals = market.as_operator(), []
    for wanted in (0, 1, 20):
        limits = Limits(uses=9, per_buyer=1, budget=Money.of("50.00", "EUR"))
        for number in range(wanted):
            market.promotions.save(
                Promotion(f"p{wanted}-{number}", PercentOff(Decimal("0.01")), limits=limits), scope=owner
            )
        store.calls.clear()
        simulation = market.simulate(make_cart(1), scope=owner)
        assert len(simulation.promotions.applied) == sum({0: [0], 1: [1], 20: [1, 20]}[wanted])
        totals.append(sum(store.calls.values()))
    assert totals == [totals[0], totals[0] + 1, totals[0] + 1]


def test_another_merchant_costs_the_same_few_calls_each_time(store: CountingStore) -> None:
    market = Marketplace(store, "EUR")
    market.load(EXAMPLE)
    named = ["acme-camera", "bolt-tripod", "kettle-dripper", "fern-notebook"]
    totals = []
    for count in range(1, len(named) + 1):
        lines = tuple(CartLine(f"l{n}", offer.split("-")[1], 1, offer=offer) for n, offer in enumerate(named[:count]))
        store.calls.clear()
        market.place(
            Cart.of(f"cart-{count}", buyer="buyer-1", lines=lines), key=f"k{count}", scope=market.as_operator()
        )
        totals.append(sum(store.calls.values()))
    assert len({after - before for before, after in pairwise(totals)}) == 1
