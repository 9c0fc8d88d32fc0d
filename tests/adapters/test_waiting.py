"""Waiting is bounded, in line, and ends in `Busy` with nothing half-done."""

import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from markets import LAMPS
from mktcore.adapters.memory import MemoryStore
from mktcore.adapters.store_wait_limits import WaitLimits
from mktcore.adapters.turns import Turns
from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.orders import MARKETPLACE_ORDERS, MERCHANT_ORDERS
from mktcore.persistence import Retryable, Scope, StaleVersion, retry_unit
from mktcore.persistence.errors import Busy, Holder, TransactionLost
from mktcore.persistence.retry_policy import RetryPolicy
from mktcore.sql import DatabaseUnreachable, SqlStore
from mktcore.sql.engines import open_engine
from mktcore.stock import ReservationRequest, StockCount
from mktcore.testing import KINDS
from mktcore.testing.stores.samples import AT, PARCELS, Parcel
from persistence.opening import create_database

OPERATOR = Scope.operator()
CART = Cart.of("cart-1", buyer="buyer-1", lines=[CartLine("l1", sku="lamp", offer="acme-lamp", quantity=2)])
SLOW = pytest.mark.slow  # needs a server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=SLOW)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'market.db'}" if request.param == "sqlite" else create_database()


@contextmanager
def hold(url: str) -> Iterator[None]:
    """Hold what every placement needs, as another program does."""
    if url.startswith("sqlite"):
        other: Any = sqlite3.connect(make_url(url).database or "", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        other = psycopg.connect(plain, application_name="night-batch")
        other.execute("SELECT item FROM mktcore_stock FOR UPDATE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


def load_lamps(market: Marketplace, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, content in LAMPS.items():
        (folder / name).write_text(content, encoding="utf-8")
    market.load(folder)


def count_reserved(market: Marketplace) -> int:
    with market.store.begin(OPERATOR) as unit:
        return unit.stock.find_levels(["acme-lamp"])["acme-lamp"].reserved


def count_orders(market: Marketplace) -> int:
    with market.store.begin(OPERATOR) as unit:
        assert unit.repository(MERCHANT_ORDERS).count() == unit.repository(MARKETPLACE_ORDERS).count()
        return unit.repository(MARKETPLACE_ORDERS).count()


def start(*works: Callable[[], object]) -> list[threading.Thread]:
    threads = [threading.Thread(target=work, name=f"worker-{number}") for number, work in enumerate(works)]
    for thread in threads:
        thread.start()
    return threads


def test_a_placement_that_others_hold_up_is_busy_within_its_deadline_and_leaves_nothing(
    url: str, tmp_path: Path
) -> None:
    with Marketplace.open(url, "EUR", busy_seconds=0.1, retry=RetryPolicy(deadline=0.3)) as market:
        load_lamps(market, tmp_path)
        buyer = market.as_buyer("buyer-1")
        begun = time.monotonic()
        with hold(url), pytest.raises(Busy) as caught:
            market.place(CART, key="k1", scope=buyer)
        assert time.monotonic() - begun < 3
        assert caught.value.code == "store.busy"
        assert count_reserved(market) == 0
        assert count_orders(market) == 0
        market.place(CART, key="k1", scope=buyer)  # the key is not spent
        assert (count_reserved(market), count_orders(market)) == (2, 1)
        assert market.verify() == ()


def test_a_count_that_others_hold_up_is_busy_and_the_next_one_counts(url: str, tmp_path: Path) -> None:
    with Marketplace.open(url, "EUR", busy_seconds=0.1, retry=RetryPolicy(attempts=2)) as market:
        load_lamps(market, tmp_path)
        with hold(url), pytest.raises(Busy):
            market.stock.count("acme-lamp", 4, scope=OPERATOR)
        market.stock.count("acme-lamp", 4, scope=OPERATOR)
        with market.store.begin(OPERATOR) as unit:
            assert unit.stock.find_levels(["acme-lamp"])["acme-lamp"].on_hand == 4


@SLOW
def test_postgresql_tells_who_holds_what_it_waited_for(tmp_path: Path) -> None:
    url = create_database()
    with Marketplace.open(url, "EUR", busy_seconds=0.2, retry=RetryPolicy(attempts=1)) as market:
        load_lamps(market, tmp_path)
        with hold(url), pytest.raises(Busy) as caught:
            market.place(CART, key="k1", scope=market.as_buyer("buyer-1"))
    (holder,) = caught.value.holders
    assert holder.held == "mktcore_stock"
    assert "(night-batch), idle in transaction" in holder.name
    assert 0.2 <= holder.seconds < 30
    assert "night-batch" in str(caught.value)


@SLOW
def test_a_unit_that_ran_too_long_leaves_the_hosts_transaction_to_the_host() -> None:
    """Who holds what is asked on a connection that was rolled back: that of a host must not be."""
    url = create_database()
    engine = create_engine(url)
    with Marketplace.open(url, "EUR") as market, engine.connect() as connection:
        transaction = connection.begin()
        connection.execute(text("SET LOCAL statement_timeout = 50"))
        with pytest.raises(TransactionLost), market.joined(connection).store.begin(OPERATOR) as unit:
            unit._session.read(text("SELECT pg_sleep(5)"))  # type: ignore[attr-defined]  # what its ports run on
        assert transaction.is_active
        transaction.rollback()
    engine.dispose()


def test_a_connection_that_does_not_become_free_is_busy_and_names_the_thread(tmp_path: Path) -> None:
    limits = WaitLimits(pool_size=1, busy_seconds=0.1)
    store = SqlStore.open(f"sqlite:///{tmp_path / 'market.db'}", KINDS, limits=limits)
    told: list[Busy] = []

    def ask() -> None:
        try:
            with store.begin(OPERATOR):
                pass
        except Busy as busy:
            told.append(busy)

    with store.begin(OPERATOR):
        start(ask)[0].join()
    (busy,) = told
    assert [(holder.name, holder.held) for holder in busy.holders] == [("MainThread", "a connection")]
    assert busy.waited == pytest.approx(0.1)
    with store.begin(OPERATOR) as unit:
        assert unit.repository(PARCELS).count() == 0
    store.close()


def test_a_statement_that_runs_too_long_is_busy(url: str) -> None:
    endless = (
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
        if url.startswith("sqlite")
        else "SELECT pg_sleep(20)"
    )
    store = SqlStore.open(url, KINDS, limits=WaitLimits(statement_seconds=0.2))
    with store.begin(OPERATOR) as unit, pytest.raises(Busy):
        unit._session.read(text(endless))
    with store.begin(OPERATOR) as unit:  # the connection serves the next
        unit.repository(PARCELS).add(Parcel("p1", "acme"))
        unit.commit()
    store.close()


def test_an_audit_takes_as_long_as_it_must(url: str) -> None:
    long = (
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 400000) SELECT count(*) FROM n"
        if url.startswith("sqlite")
        else "SELECT pg_sleep(0.1)"
    )
    store = SqlStore.open(url, KINDS, limits=WaitLimits(statement_seconds=0.01))
    with store.inspect() as inspection:
        assert inspection._rows._connection.execute(text(long)).scalar() is not None
    with store.begin(OPERATOR) as unit, pytest.raises(Busy):
        unit._session.read(text(long))
    store.close()


@pytest.mark.parametrize("wrong", [{"pool_size": 0}, {"busy_seconds": 0}, {"statement_seconds": -1.0}])
def test_bounds_that_cannot_be_are_refused_before_anything_is_opened(wrong: Any, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue):
        Marketplace.open(f"sqlite:///{tmp_path / 'market.db'}", "EUR", **wrong)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", [{"attempts": 0}, {"attempts": True}, {"deadline": -1}, {"deadline": float("inf")}])
def test_a_policy_that_cannot_be_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidValue):
        RetryPolicy(**wrong)


def lose_for_ever(clock: list[float], seconds: float, error: Exception) -> Callable[[], None]:
    def work() -> None:
        clock[0] += seconds
        raise error

    return work


def test_no_attempt_begins_after_the_deadline() -> None:
    clock, noted = [100.0], list[int]()
    work = lose_for_ever(clock, 0.4, Retryable("a deadlock"))
    with pytest.raises(Busy, match="a deadlock, 3 times") as caught:
        retry_unit(
            work, attempts=10, deadline=1.0, timer=lambda: clock[0], note=lambda attempt, _: noted.append(attempt)
        )
    assert clock[0] == pytest.approx(101.2)
    assert caught.value.waited == pytest.approx(1.2)
    assert noted == [1, 2]


def test_a_stale_version_and_a_single_attempt_keep_their_names() -> None:
    with pytest.raises(StaleVersion):
        retry_unit(lose_for_ever([0.0], 0, StaleVersion("parcel", "p1", 1)), attempts=3)
    with pytest.raises(Retryable) as caught:
        retry_unit(lose_for_ever([0.0], 0, Retryable("a deadlock")), attempts=1)
    assert type(caught.value) is Retryable


def test_turns_come_in_the_order_of_asking() -> None:
    turns, order = Turns(1, "the chair"), list[int]()

    def sit(number: int) -> None:
        with turns.take(seconds=10):
            order.append(number)

    threads = []
    with turns.take(seconds=1):
        for number in range(12):
            threads += start(lambda number=number: sit(number))  # type: ignore[misc]  # mypy sees no default in a lambda
            while len(turns._waiting) <= number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(12))


def test_a_server_that_is_gone_is_told_by_name_and_without_its_password() -> None:
    store = SqlStore(open_engine("postgresql://shop:secret@127.0.0.1:1/market"), KINDS)
    with pytest.raises(DatabaseUnreachable) as caught, store.begin(OPERATOR):
        pass
    assert "127.0.0.1:1/market" in str(caught.value)
    assert "secret" not in str(caught.value)


@SLOW
def test_a_server_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"postgresql://shop@127.0.0.1:{silent.getsockname()[1]}/market"
        begun = time.monotonic()
        with pytest.raises(DatabaseUnreachable, match="timeout"):
            Marketplace.open(address, "EUR", busy_seconds=0.5)
        assert time.monotonic() - begun < 10


@SLOW
def test_units_of_postgresql_come_to_a_row_in_the_order_of_asking() -> None:
    """Of rows alone the order is lost: whoever comes when a new version of the row appears passes those who wait."""
    store, order = SqlStore.open(create_database(), KINDS, limits=WaitLimits(pool_size=12)), list[int]()
    with store.begin(OPERATOR) as unit:
        unit.stock.set_on_hand([StockCount("lamp", "acme", 100)], at=AT)
        unit.commit()

    def take(number: int) -> None:
        with store.begin(OPERATOR) as unit:
            unit.stock.reserve([ReservationRequest(f"r{number}", "lamp", 1)], expires_at=None, at=AT)
            order.append(number)
            unit.counters.claim("limit", 1, 100)
            unit.commit()

    def count_waiting() -> int:
        with store.engine.connect() as connection:
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
            return int(connection.execute(text(waiting)).scalar_one())

    threads = []
    with store.begin(OPERATOR) as unit:
        unit.stock.reserve([ReservationRequest("first", "lamp", 1)], expires_at=None, at=AT)
        for number in range(8):
            threads += start(lambda number=number: take(number))  # type: ignore[misc]  # as above
            while count_waiting() <= number:
                time.sleep(0.005)
        unit.commit()
    for thread in threads:
        thread.join()
    assert order == list(range(8))
    store.close()


@SLOW
def test_a_process_that_writes_much_leaves_others_their_chance(tmp_path: Path) -> None:
    """Two stores on one file are as two processes to SQLite: with its own waiting one of them got hardly a turn."""
    url, done = f"sqlite:///{tmp_path / 'market.db'}", dict.fromkeys(range(2), 0)
    stores = [SqlStore.open(url, KINDS) for _ in done]
    ends = time.monotonic() + 2

    def write(number: int) -> None:
        while time.monotonic() < ends:
            with stores[number].begin(OPERATOR) as unit:
                unit.counters.claim("count", 1, 1_000_000)
                unit.commit()
            done[number] += 1

    for thread in start(*(lambda number=number: write(number) for number in done)):
        thread.join()
    assert min(done.values()) * 4 > max(done.values()) > 4
    for store in stores:
        store.close()


def test_whoever_gives_up_leaves_the_line_and_nobody_behind_is_forgotten() -> None:
    turns, came = Turns(1, "the chair"), list[str]()

    def sit(name: str, seconds: float) -> None:
        try:
            with turns.take(seconds):
                came.append(name)
        except Busy:
            came.append(f"{name} gave up")

    with turns.take(seconds=1):
        threads = start(lambda: sit("hasty", 0.05))
        while not turns._waiting:
            time.sleep(0.001)
        threads += start(lambda: sit("patient", 10))
        threads[0].join()
    threads[1].join()
    assert came == ["hasty gave up", "patient"]
    with turns.take(seconds=0):  # the place is free again
        assert [holder.held for holder in turns.list_holders()] == ["the chair"]


def test_writers_in_memory_wait_in_line_too() -> None:
    store, order = MemoryStore(KINDS, wait_seconds=10), list[int]()
    waiting = store._state._writers._waiting

    def add(number: int) -> None:
        with store.begin(OPERATOR) as unit:
            unit.repository(PARCELS).add(Parcel(f"p{number}", "acme"))
            order.append(number)
            unit.commit()

    threads = []
    with store.begin(OPERATOR) as unit:
        unit.repository(PARCELS).add(Parcel("first", "acme"))
        for number in range(8):
            threads += start(lambda number=number: add(number))  # type: ignore[misc]  # as above
            while len(waiting) <= number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_a_holder_reads_as_a_sentence() -> None:
    assert str(Holder("worker-1", "a connection", 2.04)) == "worker-1 has a connection since 2.0 s"
