"""On PostgreSQL a sale takes a few round trips, however many lines it has: each costs what the network takes."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from markets import EXAMPLE
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.persistence import Scope
from persistence.opening import create_database
from sql.counting_socket import CountingSocket, count_trips

ACME = ["battery", "charger", "reader", "filter-uv", "filter-nd", "filter-pol", "flash", "reflector", "bag-insert"]
OPERATOR = Scope.operator()


@pytest.fixture(scope="module")
def counted() -> Iterator[tuple[CountingSocket, Marketplace]]:
    # Not the folder of pytest: the path of a socket has 107 characters at most.
    with (
        tempfile.TemporaryDirectory() as folder,
        count_trips(create_database(), Path(folder)) as (counting, url),
        Marketplace.open(url, "EUR") as market,
    ):
        market.load(EXAMPLE)
        # The first sales on a connection pay for what is asked and prepared once.
        for number in range(7):
            market.place(make_cart(f"warm-{number}", 1), key=f"warm-{number}", scope=OPERATOR)
        yield counting, market


def make_cart(name: str, lines: int) -> Cart:
    named = [CartLine(f"l{n}", sku, 1, offer=f"acme-{sku}") for n, sku in enumerate(ACME[:lines])]
    return Cart.of(name, buyer="buyer-1", lines=named)


@pytest.mark.parametrize("lines", [1, 4, 9])
def test_placing_takes_twelve_round_trips_at_most(counted: tuple[CountingSocket, Marketplace], lines: int) -> None:
    counting, market = counted
    before = counting.trips
    market.place(make_cart(f"cart-{lines}", lines), key=f"k-{lines}", scope=OPERATOR)
    assert 0 < counting.trips - before <= 12


def test_simulating_takes_five_and_a_replay_two(counted: tuple[CountingSocket, Marketplace]) -> None:
    counting, market = counted
    before = counting.trips
    market.simulate(make_cart("cart", 4), scope=OPERATOR)
    simulated = counting.trips
    assert 0 < simulated - before <= 5
    market.place(make_cart("warm-0", 1), key="warm-0", scope=OPERATOR)
    assert 0 < counting.trips - simulated <= 2
