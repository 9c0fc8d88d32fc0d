"""What placing costs on each store, beside a floor: the decision in memory, and one durable commit by hand.

python -m pytest tests/benchmarks/test_placing_speed.py -s
"""
# ruff: noqa: T201 - figures are printed

import sqlite3
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from markets import EXAMPLE, NOON
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.persistence import Scope
from mktcore.sql.session import SqlSession
from mktcore.stock import StockCount
from persistence.opening import create_database

ACME = ["battery", "charger", "reader", "filter-uv", "filter-nd", "filter-pol", "flash", "reflector", "bag-insert"]
OPERATOR = Scope.operator()
TIMES_THE_FLOOR = {"sqlite": 6.0, "postgresql": 8.0}
"""What a busy machine must reach, too; a quiet one has 2.5 and 3.5."""
ROUNDS = 25


def make_cart(name: str, lines: int) -> Cart:
    named = [CartLine(f"l{n}", sku, 1, offer=f"acme-{sku}") for n, sku in enumerate(ACME[:lines])]
    return Cart.of(name, buyer="buyer-1", lines=named)


def measure(work: Callable[[int], object], rounds: int = ROUNDS) -> float:
    """Return the median of some runs, in milliseconds."""
    taken = []
    for number in range(rounds):
        begun = time.perf_counter()
        work(number)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1e3


def measure_commit(store: str, url: str, folder: Path) -> float:
    """Return what one row costs, written and committed by hand."""
    if store == "sqlite":
        connection: Any = sqlite3.connect(folder / "floor.db", isolation_level=None)
        connection.execute("PRAGMA synchronous=FULL")
    else:
        connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    with closing(connection):
        connection.execute("CREATE TABLE floor (document text)")
        return measure(lambda _: connection.execute("INSERT INTO floor VALUES ('one row')"))


def measure_placing(market: Marketplace, lines: int) -> float:
    market.load(EXAMPLE)
    with market.store.begin(OPERATOR) as unit:
        levels = unit.stock.find_levels([f"acme-{sku}" for sku in ACME])
        unit.stock.set_on_hand([StockCount(one.item, one.merchant, 10_000) for one in levels.values()], at=NOON)
        unit.commit()
    for number in range(8):
        market.place(make_cart(f"warm-{number}", lines), key=f"warm-{number}", scope=OPERATOR)
    return measure(lambda one: market.place(make_cart(f"c-{one}", lines), key=f"k-{one}", scope=OPERATOR))


@pytest.mark.slow
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_placing_four_lines_beside_its_floor(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin, commit, begun, held = SqlSession.begin_writing, SqlSession.commit, [0.0], list[float]()

    def begin_writing(session: SqlSession) -> None:
        is_first = not session._is_writing
        begin(session)
        if is_first:
            begun[0] = time.perf_counter()

    def commit_all(session: SqlSession) -> None:
        commit(session)
        held.append(time.perf_counter() - begun[0])

    url = f"sqlite:///{tmp_path / 'market.db'}" if store == "sqlite" else create_database()
    floor = measure_placing(Marketplace.open("memory://", "EUR"), 4) + measure_commit(store, url, tmp_path)
    monkeypatch.setattr(SqlSession, "begin_writing", begin_writing)
    monkeypatch.setattr(SqlSession, "commit", commit_all)
    with Marketplace.open(url, "EUR") as market:
        placed = measure_placing(market, 4)
        locked = statistics.median(held[-ROUNDS:]) * 1e3
        simulated = measure(lambda number: market.simulate(make_cart(f"s-{number}", 4), scope=OPERATOR))
    print(f"\n{store}: place {placed:.1f} ms, {placed / floor:.1f} times its floor of {floor:.1f}; of it")
    print(f"  locked {locked:.1f} ms; simulate {simulated:.1f} ms")
    assert placed < TIMES_THE_FLOOR[store] * floor
    assert locked < placed
