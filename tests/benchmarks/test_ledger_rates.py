"""Rates of the ledger on each store, and balances that cost the same however much was posted.

python -m pytest tests/benchmarks/test_ledger_rates.py -s
"""
# ruff: noqa: T201 - figures are printed

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.accounts import AVAILABLE, CLEARING, COMMISSION, NOON, euros
from mktcore.ledger import Hold, Leg, Transaction
from mktcore.persistence import Scope
from persistence.opening import STORES, open_store

OPERATOR = Scope.operator()
FLOORS = {"memory": (200, 400, 500), "sqlite": (3, 40, 20), "postgresql": (3, 40, 10)}
"""Transactions a second, one and a hundred to a commit, and balances read, that a busy machine should reach too."""


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    opened = open_store(request.param, tmp_path)
    opened.name = request.param
    yield opened
    if request.param != "memory":
        opened.close()


def make_sale(key: str) -> Transaction:
    legs = [Leg.debit(CLEARING, euros("100.00"))]
    legs += [Leg.credit(AVAILABLE, euros("88.00")), Leg.credit(COMMISSION, euros("12.00"))]
    return Transaction(key, "sale", legs, effective_at=NOON, cause=key)


def do(store: Any, work: Callable[[Any], object]) -> None:
    with store.begin(OPERATOR) as unit:
        work(unit.ledger)
        unit.commit()


def rate(work: Callable[[int], object], count: int) -> float:
    """Return how often a second, from the best of three runs."""
    best = 0.0
    for run in range(3):
        begun = time.perf_counter()
        for number in range(count):
            work(run * count + number)
        best = max(best, count / (time.perf_counter() - begun))
    return best


def test_rates(store: Any) -> None:
    def post_many(number: int) -> None:
        many = [make_sale(f"m{number}-{one}") for one in range(100)]
        do(store, lambda ledger: ledger.post(many, at=NOON))

    def read(_: int) -> None:
        with store.begin(Scope.merchant("acme")) as unit:
            assert unit.ledger.balances([AVAILABLE])[AVAILABLE].is_positive()

    single = rate(lambda number: do(store, lambda ledger: ledger.post([make_sale(f"s{number}")], at=NOON)), 50)
    many = 100 * rate(post_many, 5)
    do(store, lambda ledger: ledger.fold(limit=100))
    found = single, many, rate(read, 100)
    told = zip(found, ("commits of one", "transactions by hundreds", "balances"), strict=True)
    print(f"\n{store.name}: " + ", ".join(f"{each:,.0f} {what}/s" for each, what in told))
    assert all(each >= floor for each, floor in zip(found, FLOORS[store.name], strict=True))


def test_a_balance_costs_the_same_however_much_was_posted(store: Any) -> None:
    def read(_: int) -> None:
        with store.begin(OPERATOR) as unit:
            unit.ledger.find_funds([AVAILABLE])

    def post(first: int, count: int) -> None:
        do(store, lambda ledger: ledger.post([make_sale(f"t{first + one}") for one in range(count)], at=NOON))
        do(store, lambda ledger: ledger.hold([Hold(f"h{first}", AVAILABLE, CLEARING, amount=euros("1.00"))], at=NOON))
        do(store, lambda ledger: ledger.fold(limit=100))

    post(0, 100)
    small = 1 / rate(read, 100)
    post(100, 10_000)
    large = 1 / rate(read, 100)
    print(f"\n{store.name}: a balance takes {small * 1e6:.0f} us of 100 sales, {large * 1e6:.0f} us of 10,100")
    assert large < 10 * small  # a hundred times as much was posted; the rest is what else the machine does
