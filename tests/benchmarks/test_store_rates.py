"""Rates of each store, and pages that cost the same whatever the size of the table.

python -m pytest tests/benchmarks/test_store_rates.py -s
MKTCORE_ROWS=1000000 python -m pytest tests/benchmarks/test_store_rates.py -s -k flat
"""
# ruff: noqa: T201 - figures are printed; code by hand is as plain as it would be

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from mktcore.persistence import Scope
from mktcore.stock import ReservationRequest, StockCount
from mktcore.testing.stores.samples import AT, PARCELS, Parcel
from persistence.opening import STORES, open_store

OPERATOR = Scope.operator()
ROWS = int(os.environ.get("MKTCORE_ROWS", "50000"))
FLOORS = {"memory": (2_000, 800, 500, 1_000), "sqlite": (150, 10, 50, 10), "postgresql": (80, 15, 40, 15)}
"""Loads, saves, pages of 20 and claims a second that any machine should reach, a busy one too."""
TIMES_A_BARE_COMMIT = 8.0
"""A save on SQLite against one row written and committed through sqlite3 alone, as safely."""


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    opened = open_store(request.param, tmp_path)
    opened.name = request.param
    yield opened
    if request.param != "memory":
        opened.close()


def do(store: Any, work: Callable[[Any], object]) -> None:
    with store.begin(OPERATOR) as unit:
        work(unit)
        unit.commit()


def rate(work: Callable[[int], object], count: int = 200) -> float:
    """Return how often a second, from the best of three runs."""
    best = 0.0
    for run in range(3):
        begun = time.perf_counter()
        for number in range(count):
            work(run * count + number)
        best = max(best, count / (time.perf_counter() - begun))
    return best


def fill(store: Any, count: int, first: int = 0) -> float:
    """Store parcels of 100 merchants in batches, and return rows a second."""
    begun = time.perf_counter()
    for start in range(first, first + count, 10_000):
        numbers = range(start, min(start + 10_000, first + count))
        batch = [Parcel(f"p{number:08}", f"m{number % 100}", lot=number, note="x" * 200) for number in numbers]
        do(store, lambda unit, batch=batch: unit.repository(PARCELS).add_many(batch))  # type: ignore[misc]  # bound early
    return count / (time.perf_counter() - begun)


def test_rates(store: Any) -> None:
    fill(store, 2_000)
    do(store, lambda unit: unit.stock.set_on_hand([StockCount("item", "acme", 10**6)], at=AT))

    def load(number: int) -> None:
        with store.begin(OPERATOR) as unit:
            unit.repository(PARCELS).get(f"p{number:08}")

    def save(number: int) -> None:
        with store.begin(OPERATOR) as unit:
            parcels = unit.repository(PARCELS)
            parcels.save(attrs.evolve(parcels.get(f"p{number:08}"), note="saved"))
            unit.commit()

    def page(_: int) -> None:
        with store.begin(Scope.merchant("m7")) as unit:
            unit.repository(PARCELS).page(limit=20)

    def claim(number: int) -> None:
        requests = [ReservationRequest(f"r{number}", "item", 1)]
        do(store, lambda unit: unit.stock.reserve(requests, expires_at=None, at=AT))

    found = [rate(work) for work in (load, save, page, claim)]
    print(
        f"\n{store.name}: "
        + ", ".join(
            f"{each:,.0f} {what}/s" for each, what in zip(found, ("loads", "saves", "pages", "claims"), strict=True)
        )
    )
    assert all(each >= floor for each, floor in zip(found, FLOORS[store.name], strict=True))


def test_a_save_on_sqlite_is_mostly_its_commit(tmp_path: Path) -> None:
    bare = sqlite3.connect(tmp_path / "bare.db", isolation_level=None)
    bare.execute("PRAGMA synchronous=FULL")
    bare.execute("CREATE TABLE parcel (id TEXT PRIMARY KEY, document TEXT)")
    store = open_store("sqlite", tmp_path)
    fill(store, 700)

    def save(number: int) -> None:
        def work(unit: Any) -> None:
            parcels = unit.repository(PARCELS)
            parcels.save(attrs.evolve(parcels.get(f"p{number:08}"), note="saved"))

        do(store, work)

    by_hand = rate(lambda number: bare.execute("INSERT INTO parcel VALUES (?, ?)", (str(number), "x" * 400)))
    ratio = by_hand / rate(save)
    print(f"\nsqlite: a save takes {ratio:.1f}x of a bare commit ({by_hand:,.0f}/s)")
    assert ratio <= TIMES_A_BARE_COMMIT
    bare.close()
    store.close()


def test_bulk_loads(store: Any) -> None:
    rows = fill(store, 100_000)
    begun = time.perf_counter()
    counts = [StockCount(f"i{number}", "acme", 5) for number in range(100_000)]
    do(store, lambda unit: unit.stock.set_on_hand(counts, at=AT))
    stock = 100_000 / (time.perf_counter() - begun)
    print(f"\n{store.name}: {rows:,.0f} records/s, {stock:,.0f} counts/s")
    assert min(rows, stock) > 1_000


def test_a_page_is_flat_in_the_size_of_the_table(store: Any) -> None:
    merchant = Scope.merchant("m7")

    def page(_: int) -> None:
        with store.begin(merchant) as unit:
            unit.repository(PARCELS).page(after="p00000500", limit=20)

    fill(store, 3_000)
    small = 1 / rate(page, 50)
    fill(store, ROWS - 3_000, 3_000)
    large = 1 / rate(page, 50)
    print(f"\n{store.name}: a page takes {small * 1e6:.0f} us of 3,000 records, {large * 1e6:.0f} us of {ROWS:,}")
    assert large < 2 * small
