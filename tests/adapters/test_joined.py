"""A marketplace inside of a host's transaction: the host's commit or rollback decides about both."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from adapters.shops import ADD_INVOICE, BOLT, OPERATOR, Shop, make_cart, open_shop, place
from markets import EXAMPLE
from mktcore.adapters.event_publishers import InProcessPublisher
from mktcore.adapters.event_relay import Relay
from mktcore.adapters.system import SystemIds
from mktcore.checkout import PlacementRefused
from mktcore.marketplace import Marketplace
from mktcore.offers.refresh.ports import ItemAnswer
from mktcore.persistence import NotFound
from mktcore.persistence.errors import NotJoinable, NoTransaction
from mktcore.sql import SchemaOutdated
from persistence.hosting import begin_immediately
from persistence.opening import create_database

pytestmark = pytest.mark.slow(counted=True)  # a market on a database for each test


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def shop(store: str, tmp_path: Path) -> Iterator[Shop]:
    with open_shop(store, tmp_path) as shop:
        yield shop


@pytest.fixture(params=["connection", "session", "scoped session", "immediate"])
def begin(request: pytest.FixtureRequest, shop: Shop) -> Callable[[], Any]:
    """Begin a host's transaction, by each of SQLAlchemy's ways."""
    if request.param == "connection":
        return shop.engine.connect
    if request.param == "session":
        return lambda: Session(shop.engine)
    if request.param == "scoped session":
        return scoped_session(sessionmaker(shop.engine))
    if shop.engine.dialect.name == "sqlite":
        shop.engine.dispose()
        begin_immediately(shop.engine)
    return shop.engine.connect


def test_the_hosts_commit_keeps_both(shop: Shop, begin: Callable[[], Any]) -> None:
    with begin() as host:
        inside = shop.market.joined(host)
        order = place(inside)
        host.execute(ADD_INVOICE, {"id": order.id})
        inside.fire(order.merchant_orders[0].id, "ship", key="s1", scope=BOLT)
        assert shop.market.orders.merchant_orders.page(scope=OPERATOR).items == ()  # nobody else sees it yet
        host.commit()
    assert shop.count_invoices() == shop.count_orders() == 1
    assert place(shop.market).id == order.id  # the same key, on the market itself
    assert shop.market.verify() == ()


def test_the_hosts_rollback_undoes_both(shop: Shop, begin: Callable[[], Any]) -> None:
    with begin() as host:
        host.execute(ADD_INVOICE, {"id": "before"})
        order = place(shop.market.joined(host))
        host.execute(ADD_INVOICE, {"id": order.id})
        host.rollback()
    assert shop.count_invoices() == shop.count_orders() == shop.find_reserved() == 0
    with pytest.raises(NotFound):
        shop.market.orders.get(order.id, scope=OPERATOR)
    assert place(shop.market).id != order.id  # the key is free, and so is the cart
    assert shop.market.verify() == ()


def test_what_is_refused_leaves_the_hosts_rows_and_its_transaction_usable(shop: Shop, begin: Callable[[], Any]) -> None:
    with begin() as host:
        inside = shop.market.joined(host)
        host.execute(ADD_INVOICE, {"id": "mine"})
        with pytest.raises(PlacementRefused):
            place(inside, "too-many", make_cart("cart-2", 10_000))
        with pytest.raises(NotFound):
            inside.fire("no-such-order", "ship", key="s1", scope=BOLT)
        place(inside)
        host.commit()
    assert shop.count_invoices() == shop.count_orders() == 1
    assert shop.find_reserved() == 2


def test_a_unit_that_is_left_is_undone_alone(shop: Shop, begin: Callable[[], Any]) -> None:
    with begin() as host:
        host.execute(ADD_INVOICE, {"id": "mine"})
        inside = shop.market.joined(host)
        place(inside)
        with inside.store.begin(OPERATOR) as unit:
            unit.counters.claim("left", 3, 5)
            assert unit.counters.count("left") == 3
        with inside.store.begin(OPERATOR) as unit:
            assert unit.counters.count("left") == 0
        host.commit()
    assert shop.count_invoices() == shop.count_orders() == 1


def test_an_error_of_the_host_undoes_what_the_market_did(shop: Shop) -> None:
    def sell() -> None:
        with Session(shop.engine) as session, session.begin():
            place(shop.market.joined(session))
            session.execute(ADD_INVOICE, {"id": str(1 // 0)})

    with pytest.raises(ZeroDivisionError):
        sell()
    assert shop.count_invoices() == shop.count_orders() == shop.find_reserved() == 0


def test_a_hosts_own_savepoint_decides_too(shop: Shop) -> None:
    with Session(shop.engine) as session:
        session.execute(ADD_INVOICE, {"id": "kept"})
        inner = session.begin_nested()
        place(shop.market.joined(session))
        session.execute(ADD_INVOICE, {"id": "undone"})
        inner.rollback()
        place(shop.market.joined(session), "k2")
        session.commit()
    assert shop.count_invoices() == shop.count_orders() == 1


def test_a_session_is_joined_through_all_its_transactions(shop: Shop) -> None:
    with Session(shop.engine) as session:
        inside = shop.market.joined(session)
        for number in range(3):
            place(inside, f"k{number}", make_cart(f"cart-{number}", 1))
            (session.rollback if number == 1 else session.commit)()
    assert shop.count_orders() == 2


def test_events_leave_after_the_hosts_commit(shop: Shop) -> None:
    seen: list[str] = []
    relay = Relay(
        shop.market.store.queue,  # type: ignore[attr-defined]  # of every store in SQL
        InProcessPublisher(lambda envelope: seen.append(envelope.event.subject)),
        shop.market.clock,
        SystemIds(),
    )
    relay.run_until_empty()
    seen.clear()
    with shop.engine.connect() as host:
        place(shop.market.joined(host))
        waiting = shop.market.store.queue.count_pending()  # type: ignore[attr-defined]  # as above
        host.rollback()
        order = place(shop.market.joined(host))
        host.commit()
    assert waiting == 0
    relay.run_until_empty()
    assert order.id in seen
    assert shop.market.store.queue.count_pending() == 0  # type: ignore[attr-defined]  # as above


def test_two_markets_share_one_commit(shop: Shop) -> None:
    with Marketplace.open(shop.url, "EUR", prefix="second_") as second:
        second.load(EXAMPLE)
        for number, is_kept in enumerate((False, True)):
            with shop.engine.connect() as host:
                place(shop.market.joined(host))
                place(second.joined(host))
                host.execute(ADD_INVOICE, {"id": str(number)})
                (host.commit if is_kept else host.rollback)()
        assert shop.count_invoices() == shop.count_orders() == 1
        assert len(second.orders.merchant_orders.page(scope=OPERATOR).items) == 1
        assert (shop.market.verify(), second.verify()) == ((), ())


def test_many_joined_units_come_one_after_the_other(shop: Shop) -> None:
    with shop.engine.begin() as host:
        store = shop.market.joined(host).store
        with store.begin(OPERATOR) as first, store.begin(OPERATOR) as second:
            first.counters.claim("one", 1, 5)
            assert second.counters.count("one") == 1  # reading is no matter
            with pytest.raises(NotJoinable, match="another one is open"):
                second.counters.claim("two", 1, 5)
            first.commit()
            second.counters.claim("two", 1, 5)
            second.commit()


def test_what_calls_others_or_looks_at_all_stays_outside(shop: Shop) -> None:
    with shop.engine.begin() as host:
        with pytest.raises(NotJoinable, match="verify"):
            shop.market.joined(host).verify()
        shop.market.joined(host).close()  # which closes nothing of the host's
        place(shop.market.joined(host))
    assert shop.count_orders() == 1


def test_a_folder_is_loaded_in_the_hosts_transaction(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "merchants.csv").write_text("merchant,name\nnova,Nova\n", encoding="utf-8")
    for is_kept in (False, True):
        with shop.engine.connect() as host:
            shop.market.joined(host).load(tmp_path)
            (host.commit if is_kept else host.rollback)()
        if is_kept:
            assert shop.market.parties.get_merchant("nova", scope=OPERATOR).name == "Nova"
        else:
            with pytest.raises(NotFound, match="nova"):
                shop.market.parties.get_merchant("nova", scope=OPERATOR)


class Silent:
    """A merchant gateway that nobody may ask."""

    def fetch(self, merchant: str, items: Sequence[str], *, deadline: timedelta) -> Mapping[str, ItemAnswer]:
        raise AssertionError((merchant, items, deadline))


def test_nobody_is_asked_while_a_hosts_transaction_is_open(shop: Shop) -> None:
    with Marketplace.open(shop.url, "EUR", merchant_gateway=Silent()) as market:
        with shop.engine.begin() as host, pytest.raises(NotJoinable, match="refresh"):
            market.joined(host).offers.refresh()
        assert market.offers.refresh().asked == 0


def test_a_market_in_memory_joins_nothing(shop: Shop) -> None:
    with shop.engine.begin() as host, pytest.raises(NotJoinable, match="MemoryStore"):
        Marketplace.in_memory("EUR").joined(host)


@pytest.mark.parametrize("given", ["connection", None, 5, sqlite3.connect(":memory:")])
def test_what_is_no_connection_is_refused(given: object, shop: Shop) -> None:
    with pytest.raises(NotJoinable, match="neither SQLAlchemy's Connection nor Session"):
        shop.market.joined(given)


def test_another_database_is_refused(shop: Shop, tmp_path: Path) -> None:
    empty = create_engine(f"sqlite:///{tmp_path / 'other.db'}" if shop.engine.name == "sqlite" else create_database())
    with empty.begin() as host, pytest.raises(SchemaOutdated, match="mktcore_stock"):
        shop.market.joined(host)
    empty.dispose()
    wrong = create_engine(create_database() if shop.engine.name == "sqlite" else f"sqlite:///{tmp_path / 'other.db'}")
    with wrong.begin() as host, pytest.raises(NotJoinable, match="the marketplace is on"):
        shop.market.joined(host)
    wrong.dispose()


def test_a_connection_that_commits_by_itself_is_refused(shop: Shop) -> None:
    every_statement = shop.engine.execution_options(isolation_level="AUTOCOMMIT")
    with every_statement.connect() as host, pytest.raises(NoTransaction, match="is in no transaction"):
        place(shop.market.joined(host))
    assert shop.count_orders() == 0
    if shop.engine.name == "sqlite":
        own: Engine = shop.market.store.engine  # type: ignore[attr-defined]  # of every store in SQL
        with own.connect() as host:
            with pytest.raises(NoTransaction, match="connection of pysqlite"):
                place(shop.market.joined(host))
            host.exec_driver_sql("BEGIN IMMEDIATE")
            place(shop.market.joined(host))
            host.rollback()
        assert shop.count_orders() == 0
