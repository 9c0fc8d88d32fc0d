"""On PostgreSQL a sale takes a few round trips, however many lines it has: each costs what the network takes."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from markets import EXAMPLE
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.persistence import Scope
from mktcore.sql import driver_statements, session
from persistence.opening import create_database

ACME = ["battery", "charger", "reader", "filter-uv", "filter-nd", "filter-pol", "flash", "reflector", "bag-insert"]
OPERATOR = Scope.operator()
SEND = driver_statements.send_together


@pytest.fixture(scope="module")
def market() -> Iterator[Marketplace]:
    with Marketplace.open(create_database(), "EUR") as market:
        market.load(EXAMPLE)
        yield market


@pytest.fixture
def trips(market: Marketplace, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Return what each round trip was for: SQLAlchemy waits for every statement, and we for those sent together."""
    found: list[str] = []

    def send(connection: Any, calls: Any) -> Any:
        found.append(" | ".join(str(call.statement)[:40] for call in calls))
        return SEND(connection, calls)

    def note(execute: Any) -> Any:
        def run(cursor: Any, statement: str, *rest: Any) -> Any:
            # The driver begins a transaction before its first statement, and waits for it; in a pipeline it does not.
            found.extend([statement] if found else ["BEGIN", statement])
            return execute(cursor, statement, *rest)

        return run

    def end(_connection: Any) -> None:
        found.append("the end")

    engine = market.store.engine  # type: ignore[attr-defined]
    monkeypatch.setattr(session, "send_together", send)
    # Not by listening to statements: of an engine that somebody listens to, all go through SQLAlchemy.
    for name in ("do_execute", "do_executemany", "do_execute_no_params"):
        monkeypatch.setattr(engine.dialect, name, note(getattr(engine.dialect, name)))
    for name in ("commit", "rollback"):
        event.listen(engine, name, end)
    yield found
    for name in ("commit", "rollback"):
        event.remove(engine, name, end)


def make_cart(name: str, lines: int) -> Cart:
    named = [CartLine(f"l{n}", sku, 1, offer=f"acme-{sku}") for n, sku in enumerate(ACME[:lines])]
    return Cart.of(name, buyer="buyer-1", lines=named)


@pytest.mark.parametrize("lines", [1, 4, 9])
def test_placing_takes_twelve_round_trips_at_most(market: Marketplace, trips: list[str], lines: int) -> None:
    market.place(make_cart(f"cart-{lines}", lines), key=f"k-{lines}", scope=OPERATOR)
    assert 1 < len(trips) <= 12, trips


def test_simulating_takes_five(market: Marketplace, trips: list[str]) -> None:
    market.simulate(make_cart("cart", 4), scope=OPERATOR)
    assert 1 < len(trips) <= 5, trips


def test_a_replay_takes_two(market: Marketplace, trips: list[str]) -> None:
    market.place(make_cart("again", 4), key="again", scope=OPERATOR)
    trips.clear()
    market.place(make_cart("again", 4), key="again", scope=OPERATOR)
    assert 1 <= len(trips) <= 2, trips
