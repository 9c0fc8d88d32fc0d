"""Cancelling races shipping: one of them wins each time, the other is refused, and nothing is half done."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.carts import Cart, CartLine
from mktcore.errors import Refused
from mktcore.marketplace import Marketplace
from mktcore.persistence import Scope
from mktcore.testing.fakes import ManualClock

FILES = TWO_MERCHANTS | {
    "skus.csv": "sku,name,tax_category\nlens,Lens,\n",
    "offers.csv": "offer,merchant,sku,price,stock\nlens,acme,lens,10.00,99\n",
}
ACME, OPERATOR = Scope.merchant("acme"), Scope.operator()
ROUNDS = 6


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, ManualClock(NOON), FILES) as opened:
        yield opened


def test_of_a_cancellation_and_a_shipment_one_wins(market: Marketplace) -> None:
    ends = Counter(race(market, number) for number in range(ROUNDS))
    assert set(ends) <= {("canceled", "refused", "done"), ("shipped", "done", "refused")}
    assert ends.total() == ROUNDS
    assert market.verify() == ()


def race(market: Marketplace, number: int) -> tuple[str, str, str]:
    """Return where the piece ends, and what came of shipping and of cancelling it."""
    cart = Cart.of(f"cart-{number}", buyer="b1", lines=[CartLine("l1", "lens", 1, offer="lens")])
    order = market.place(cart, key=cart.id, scope=OPERATOR)
    part, start = order.merchant_orders[0].id, Barrier(2)

    def try_to(ask: Callable[[], object]) -> str:
        start.wait()
        try:
            ask()
        except Refused:
            return "refused"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        ship = pool.submit(try_to, lambda: market.shipments.ship(part, key=f"s{number}", scope=ACME))
        cancel = pool.submit(try_to, lambda: market.orders.cancel(order.id, key=f"c{number}", scope=OPERATOR))
        told = ship.result(), cancel.result()
    [state] = market.orders.get_merchant_order(part, scope=ACME).states["l1"]
    return state, *told
