"""Many at once: one decision per version, one reception per item, no circle of categories."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import attrs
import pytest

from mktcore.catalog import Category, Sku
from mktcore.catalog.category import CategoryCycle
from mktcore.errors import MktcoreError
from mktcore.marketplace import Marketplace
from mktcore.merchant_items import MERCHANT_ITEMS, Bind, Deny, ItemState, MerchantItem, NewProduct, Pend, StaleDecision
from persistence.opening import STORES

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("market", STORES, indirect=True)]  # threads race each other
MANY = 8
R = TypeVar("R")


def at_once(works: list[Callable[[], R]]) -> list[R | MktcoreError]:
    """Run all at the same moment, and return what each returned or refused with."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], R]) -> R | MktcoreError:
        barrier.wait()
        try:
            return work()
        except MktcoreError as error:
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_of_many_decisions_on_one_version_one_holds(market: Marketplace) -> None:
    operator = market.as_operator()
    market.catalog.save_sku(Sku("alpha", "Alpha"), scope=operator)
    item = market.items.receive(MerchantItem("acme", "A", "Alpha"), scope=operator)
    verdicts = [
        Bind("alpha"),
        Deny("a"),
        Deny("b"),
        Pend("a"),
        Pend("b"),
        NewProduct(),
        NewProduct("p"),
        NewProduct("q"),
    ]
    outcomes = at_once(
        [lambda v=v: market.items.decide(item.id, v, version=1, scope=operator) for v in verdicts]  # type: ignore[misc]  # a default binds the verdict
    )
    won = [found for found in outcomes if not isinstance(found, MktcoreError)]
    assert [type(found) for found in outcomes if isinstance(found, MktcoreError)] == [StaleDecision] * (MANY - 1)
    assert len(won) == 1
    assert market.items.get(item.id, scope=operator) == won[0]
    made = len(market.catalog.products.page(scope=operator).items)
    assert made == isinstance(won[0].decision and won[0].decision.verdict, NewProduct)
    assert len(market.catalog.page_history(MERCHANT_ITEMS, item.id, scope=operator).items) == 2


def test_the_same_decision_from_many_makes_one_product(market: Marketplace) -> None:
    operator = market.as_operator()
    item = market.items.receive(MerchantItem("acme", "A", "Alpha"), scope=operator)
    outcomes = at_once([lambda: market.items.decide(item.id, NewProduct(), version=1, scope=operator)] * MANY)
    assert outcomes == [outcomes[0]] * MANY
    assert len(market.catalog.products.page(scope=operator).items) == 1
    assert market.items.get(item.id, scope=operator).state is ItemState.BOUND


def test_an_item_that_many_send_is_received_once(market: Marketplace) -> None:
    acme = market.as_merchant("acme")
    item = MerchantItem("acme", "A", "Alpha")
    outcomes = at_once([lambda: market.items.receive(item, scope=acme)] * MANY)
    assert outcomes == [outcomes[0]] * MANY
    [received] = market.items.page(scope=acme).items
    assert received.version == 1


def test_categories_moved_at_once_stay_a_tree(market: Marketplace) -> None:
    operator = market.as_operator()
    names = [f"c{number}" for number in range(MANY)]
    stored = [market.catalog.save_category(Category(name, name), scope=operator) for name in names]
    moves = [attrs.evolve(one, parent=names[(number + 1) % MANY]) for number, one in enumerate(stored)]
    outcomes = at_once([lambda one=one: market.catalog.save_category(one, scope=operator) for one in moves])  # type: ignore[misc]  # as above
    assert [type(found) for found in outcomes if isinstance(found, MktcoreError)] == [CategoryCycle]
    assert len(market.catalog.get_tree().find_roots()) == 1
