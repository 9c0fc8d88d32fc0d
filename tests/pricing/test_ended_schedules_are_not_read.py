"""What ended is not read, whoever asks for prices: a cart, the storefront, a page of a seller, a check of an order."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from counting_store import CountingStore
from markets import LAMPS
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.periods import Period
from mktcore.persistence import Scope
from mktcore.pricing import (
    ASSIGNMENTS,
    PRICE_SCHEDULES,
    Assignment,
    DivergenceRule,
    OnDivergence,
    PriceBreak,
    PriceSchedule,
)
from mktcore.pricing.price_divergence import Direction, DivergenceBand
from mktcore.storefront import ViewRequest
from mktcore.testing.fakes import ManualClock

NOW = datetime(2026, 5, 1, tzinfo=UTC)
OPERATOR, ACME, ANN = Scope.operator(), Scope.merchant("acme"), Scope.buyer("ann")
CART = Cart.of("c1", buyer="ann", lines=[CartLine("l1", "lamp", offer="acme-lamp")])


@pytest.fixture
def store() -> CountingStore:
    return CountingStore()


@pytest.fixture
def market(store: CountingStore, tmp_path: Path) -> Iterator[Marketplace]:
    """Sell a lamp whose price schedule of last week ended at this very instant."""
    for name, text in LAMPS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with Marketplace(store, "EUR", clock=ManualClock(NOW)) as market:
        market.load(tmp_path)
        with store.begin(OPERATOR) as unit:
            cheap, week = [PriceBreak(1, Money.of("7.00", "EUR"))], Period(NOW - timedelta(days=7), NOW)
            unit.repository(PRICE_SCHEDULES).add(PriceSchedule("last-week", "acme", cheap, valid=week))
            unit.repository(ASSIGNMENTS).add(Assignment("a", "lamp", "last-week", merchant="acme"))
            unit.commit()
        band = DivergenceBand(Direction.BELOW, Decimal(0), Decimal("0.9"), action=OnDivergence.DENY)
        market.orders.save_divergence_rule(
            DivergenceRule.of("acme", [band], otherwise=OnDivergence.AUTHORISE), scope=ACME
        )
        yield market


ASK: dict[str, Callable[[Marketplace, str], object]] = {
    "a cart": lambda market, _: market.simulate(CART, scope=ANN),
    "the storefront": lambda market, _: market.storefront.page(scope=ANN),
    "a page of a seller": lambda market, _: market.storefront.page_of_seller(ViewRequest("acme"), scope=OPERATOR),
    "a check of an order": lambda market, order: market.orders.check_price(order, scope=ACME),
}


@pytest.mark.parametrize("who", ASK)
def test_assignments_to_what_ended_are_left_to_the_store_to_leave_out(
    market: Marketplace, store: CountingStore, who: str
) -> None:
    placed = market.place(CART, key="k", scope=ANN).merchant_orders[0].id
    store.calls.clear()
    ASK[who](market, placed)
    assert store.calls["assignment.find_lasting"] >= 1
    assert store.calls["assignment.find_where"] == 0


def test_a_price_that_ended_is_neither_shown_nor_explained(market: Marketplace) -> None:
    (lamp, *_) = market.storefront.page_of_seller(ViewRequest("acme"), scope=OPERATOR).items
    price = lamp.price
    assert price is not None
    assert str(price.unit_price) == "30.00 EUR"
    assert "last-week" not in price.explain().to_text()
