"""Kill the main job at random moments and look at what it left: `pytest tests/long/test_kill_the_first_sale.py`."""

import csv
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.orders import MARKETPLACE_ORDERS, MERCHANT_ORDERS
from mktcore.stock import StockLevel

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("MKTCORE_KILLS", "20"))


def start(database: Path) -> subprocess.Popen[bytes]:
    command: list[str | Path] = [sys.executable, ROOT / "examples" / "first_sale.py", database]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_for(database: Path) -> float:
    """Wait until the process has opened its database, which is when it can be killed to some effect."""
    while not database.exists():
        time.sleep(0.001)
    return time.perf_counter()


@pytest.fixture(scope="module")
def usual_seconds(tmp_path_factory: pytest.TempPathFactory) -> float:
    times = []
    for _ in range(3):
        database = tmp_path_factory.mktemp("whole") / "sale.db"
        process = start(database)
        begun = wait_for(database)
        assert process.wait() == 0
        times.append(time.perf_counter() - begun)
    return min(times)


def read_counts() -> dict[str, int]:
    with (ROOT / "examples" / "market" / "offers.csv").open() as file:
        return {row["offer"]: int(row["stock"]) for row in csv.DictReader(file)}


def look(database: Path) -> str:
    """Check that nothing is half-done, and say how far it came."""
    with Marketplace.open(f"sqlite:///{database}", currency="EUR") as market:
        operator = market.as_operator()
        with market.store.begin(operator) as unit:
            orders = list(unit.repository(MARKETPLACE_ORDERS).stream())
            parts = list(unit.repository(MERCHANT_ORDERS).stream())
            levels = unit.stock.find_levels(read_counts())
        assert {part.order for part in parts} == {order.id for order in orders}
        held: Counter[str] = Counter()
        gone: Counter[str] = Counter()
        for order in orders:
            whole = market.orders.get(order.id, scope=operator)
            assert Money.sum(part.totals.grand_total for part in whole.merchant_orders) == order.totals.grand_total
        for part in parts:
            for line in part.lines:
                held[line.offer] += part.states[line.key].get("new", 0)
                gone[line.offer] += part.states[line.key].get("shipped", 0)
        if not levels:
            return "empty"
        for offer, count in read_counts().items():
            assert levels[offer] == StockLevel(offer, levels[offer].merchant, count - gone[offer], reserved=held[offer])
    return "shipped" if gone else "placed" if orders else "loaded"


@pytest.mark.parametrize("number", range(KILLS))
def test_a_killed_sale_leaves_nothing_half_done(number: int, usual_seconds: float, tmp_path: Path) -> None:
    database = tmp_path / "sale.db"
    process = start(database)
    wait_for(database)
    time.sleep(random.Random(number).uniform(0, 1) * usual_seconds)  # noqa: S311 - a moment, not a secret
    process.send_signal(signal.SIGKILL)
    process.wait()
    reached = look(database)
    print(f"\nkill {number}: {reached}")
    assert start(database).wait() == 0
    assert look(database) == "shipped"
