"""What a host's transaction loses against another is told at once, and leaves nothing half-done."""

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import DBAPIError

from adapters.shops import ADD_INVOICE, OPERATOR, Shop, make_cart, open_shop, place
from mktcore.orders import Order
from mktcore.persistence import StaleVersion
from mktcore.persistence.errors import TransactionLost
from persistence.hosting import begin_immediately

pytestmark = pytest.mark.slow  # hosts wait for each other


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with open_shop("postgresql", tmp_path) as shop:
        yield shop


@pytest.fixture
def sqlite_shop(tmp_path: Path) -> Iterator[Shop]:
    with open_shop("sqlite", tmp_path) as shop:
        yield shop


def place_in_transaction(shop: Shop, key: str = "k1", cart: str = "cart-1") -> Order:
    with shop.engine.begin() as host:
        return place(shop.market.joined(host), key, make_cart(cart))


def count_again(shop: Shop, pieces: int) -> None:
    shop.market.stock.count("bolt-tripod", pieces, scope=OPERATOR)


def watch_attempts(shop: Shop) -> list[str]:
    """Return a list that grows with each time that a placement asks for its key."""
    asked: list[str] = []

    @event.listens_for(shop.engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM mktcore_record" in statement:
            asked.append(statement)

    return asked


def test_a_host_that_waits_for_the_same_key_gets_the_same_order(shop: Shop) -> None:
    with ThreadPoolExecutor(1) as threads:
        with shop.engine.connect() as host:
            first = place(shop.market.joined(host))
            waiting = threads.submit(place_in_transaction, shop)
            time.sleep(0.3)
            assert not waiting.done()
            host.commit()
            assert waiting.result(20).id == first.id
        with shop.engine.connect() as host:
            undone = place(shop.market.joined(host), "k2", make_cart("cart-2"))
            waiting = threads.submit(place_in_transaction, shop, "k2", "cart-2")
            time.sleep(0.3)
            host.rollback()
            assert waiting.result(20).id != undone.id
    assert shop.count_orders() == 2
    assert shop.market.verify() == ()


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_moment_that_has_passed_is_told_at_once_and_run_again_by_the_host(level: str, shop: Shop) -> None:
    def sell(number: int) -> None:
        with shop.engine.connect().execution_options(isolation_level=level) as host:
            host.execute(ADD_INVOICE, {"id": f"i{number}"})
            host.execute(text("SELECT count(*) FROM mktcore_stock")).scalar_one()
            if number == 0:
                count_again(shop, 7)
            place(shop.market.joined(host))
            host.commit()

    attempts = watch_attempts(shop)
    with pytest.raises(TransactionLost, match="serialize"):
        sell(0)
    assert len(attempts) == 1
    assert shop.count_invoices() == shop.count_orders() == shop.find_reserved() == 0
    sell(1)
    assert shop.count_invoices() == shop.count_orders() == 1


def test_of_two_hosts_that_wait_for_each_other_one_goes_on(shop: Shop) -> None:
    items = ("bolt-tripod", "acme-camera")

    def claim(first: str, second: str) -> str:
        with shop.engine.connect() as host:
            store = shop.market.joined(host).store
            for name in (first, second):
                with store.begin(OPERATOR) as unit:
                    unit.counters.claim(name, 1, 100)
                    unit.commit()
                if name == first:
                    time.sleep(0.5)
            host.commit()
        return "committed"

    with shop.engine.begin() as host, shop.market.joined(host).store.begin(OPERATOR) as unit:
        for item in items:
            unit.counters.claim(item, 1, 100)
        unit.commit()
    begun = time.perf_counter()
    with ThreadPoolExecutor(2) as threads:
        found = [threads.submit(claim, *items), threads.submit(claim, *reversed(items))]
        errors = [one.exception(30) for one in found]
    assert sorted(type(error).__name__ for error in errors) == ["NoneType", "TransactionLost"]
    assert time.perf_counter() - begun < 5
    with shop.market.store.begin(OPERATOR) as unit:
        assert [unit.counters.count(item) for item in items] == [2, 2]


def test_a_version_that_another_took_is_read_again_inside_of_the_transaction(shop: Shop) -> None:
    with shop.engine.connect() as host:
        host.execute(ADD_INVOICE, {"id": "mine"})
        inside = shop.market.joined(host)
        tries = []

        def claim() -> None:
            with inside.store.begin(OPERATOR) as unit:
                tries.append(1)
                unit.counters.claim("tried", 1, 5)
                if len(tries) < 3:
                    raise StaleVersion("order", "o1", 1)
                unit.commit()

        inside.orders.runtime.retry(claim)
        host.commit()
    with shop.market.store.begin(OPERATOR) as unit:
        assert unit.counters.count("tried") == 1
    assert (len(tries), shop.count_invoices()) == (3, 1)


def test_a_connection_that_broke_is_told_at_once(shop: Shop) -> None:
    with shop.engine.connect() as host:
        host.execute(ADD_INVOICE, {"id": "mine"})
        inside = shop.market.joined(host)
        pid = host.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with shop.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        with pytest.raises(TransactionLost):
            place(inside)
    assert shop.count_invoices() == shop.count_orders() == 0
    place_in_transaction(shop)
    assert shop.count_orders() == 1


def test_a_read_that_waits_too_long_leaves_the_rollback_to_the_host(shop: Shop) -> None:
    with shop.engine.connect() as host, shop.engine.connect() as other:
        inside = shop.market.joined(host)
        host.execute(ADD_INVOICE, {"id": "before"})
        host.execute(text("SET LOCAL lock_timeout = '200ms'"))
        other.execute(text("LOCK TABLE mktcore_record, mktcore_user_account IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(TransactionLost, match="lock"):
            place(inside)
        with pytest.raises(DBAPIError, match="aborted"):  # it is not begun anew behind the host's back
            host.execute(ADD_INVOICE, {"id": "after"})
        other.rollback()
        host.commit()
    assert shop.count_invoices() == shop.count_orders() == 0


def begin_deferred(shop: Shop, seconds: float) -> sqlite3.Connection:
    """Return another host's connection that waits for so long."""
    return sqlite3.connect(shop.url.removeprefix("sqlite:///"), timeout=seconds, isolation_level=None)


def test_a_deferred_begin_that_is_stale_cannot_write(sqlite_shop: Shop) -> None:
    shop = sqlite_shop
    shop.market.close()
    other = begin_deferred(shop, 1)
    assert other.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)  # elsewhere a reader keeps writers out
    with shop.engine.connect() as host:
        host.exec_driver_sql("BEGIN")
        host.execute(text("SELECT count(*) FROM mktcore_stock")).scalar_one()
        other.execute("INSERT INTO invoice VALUES ('theirs', 1)")
        begun = time.perf_counter()
        with pytest.raises(TransactionLost, match="locked") as lost:
            place(shop.market.joined(host))
        assert time.perf_counter() - begun < 1
        assert "BEGIN IMMEDIATE" in str(lost.value)
        host.rollback()
        host.exec_driver_sql("BEGIN IMMEDIATE")
        place(shop.market.joined(host))
        host.commit()
    shop.engine.dispose()
    other.execute("PRAGMA journal_mode=DELETE")
    other.close()
    assert shop.count_orders() == shop.count_invoices() == 1


@pytest.mark.parametrize("begin", ["BEGIN", None])
def test_a_file_that_another_writes_to_is_waited_for_once(begin: str | None, sqlite_shop: Shop) -> None:
    shop = sqlite_shop
    shop.engine.dispose()
    engine = create_engine(shop.url, connect_args={"timeout": 0.3})
    other = begin_deferred(shop, 1)
    other.execute("BEGIN IMMEDIATE")
    with engine.connect() as host:
        if begin is not None:
            host.exec_driver_sql(begin)
        begun = time.perf_counter()
        with pytest.raises(TransactionLost, match="locked"):
            place(shop.market.joined(host))
        assert time.perf_counter() - begun < 2
        other.execute("ROLLBACK")
        host.rollback()
        place(shop.market.joined(host))
        host.commit()
    other.close()
    engine.dispose()
    assert shop.count_orders() == 1


def test_a_host_that_holds_the_file_places_inside_of_its_own_transaction(sqlite_shop: Shop) -> None:
    shop = sqlite_shop
    shop.engine.dispose()
    begin_immediately(shop.engine)
    begun = time.perf_counter()
    with shop.engine.begin() as host:
        host.execute(ADD_INVOICE, {"id": "mine"})
        place(shop.market.joined(host))
    assert time.perf_counter() - begun < 5
    assert shop.count_orders() == shop.count_invoices() == 1
