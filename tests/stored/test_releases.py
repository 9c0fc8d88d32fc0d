"""The database of every release opens: each record is read, nothing is found wrong, and business goes on."""

import gzip
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import inspect, text

from mktcore.access import ROLES
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.offers.refresh.pending_refresh import PENDING_REFRESHES
from mktcore.orders import MARKETPLACE_ORDERS, MERCHANT_ORDERS, ORDER_STEPS
from mktcore.orders.order_migration import OrderMigration
from mktcore.orders.price_approvals.price_approval import PRICE_APPROVALS
from mktcore.persistence import Kind, Scope
from mktcore.persistence.ranges import AtLeast
from mktcore.ports import KINDS
from mktcore.processes.portions.subject import replay
from mktcore.processes.timeout_repository import TIMEOUTS
from mktcore.promotions import PROMOTIONS, PercentOff, Promotion, WithCode
from mktcore.promotions.promotion_marks import list_marks
from mktcore.sql import SchemaOutdated, SqlStore, build_metadata
from mktcore.sql.data_steps import STEPS, DataStep, Migrating
from mktcore.sql.engines import open_engine
from mktcore.sql.migrations.versions import mktcore_0002
from mktcore.testing.fakes import CountingIds, ManualClock
from persistence.opening import create_database
from stored.write_release import START, Answers

pytestmark = pytest.mark.slow(counted=True)  # each test migrates a database

HERE = Path(__file__).parent
RELEASES = sorted({path.name.removesuffix(".sqlite.sql.gz") for path in HERE.glob("*.sqlite.sql.gz")})
BACKENDS = ("sqlite", "postgresql")
LEFT_AT = START + timedelta(days=4, hours=18, seconds=5)
"""When the market of 0.1.0 was left."""
OPERATOR, BOLT = Scope.operator(), Scope.merchant("bolt")


def restore(release: str, backend: str, folder: Path) -> str:
    """Return the URL of a database as a release left it."""
    dump = gzip.decompress((HERE / f"{release}.{backend}.sql.gz").read_bytes()).decode()
    if backend == "sqlite":
        path = folder / "market.db"
        with sqlite3.connect(path) as connection:
            connection.executescript(dump)
        connection.close()
        return f"sqlite:///{path}"
    url = create_database()
    with psycopg.connect(url.replace("+psycopg", "")) as server:
        server.execute(dump.encode())
    return url


@pytest.fixture(params=[(release, backend) for release in RELEASES for backend in BACKENDS], ids="-".join)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    release, backend = request.param
    return restore(release, backend, tmp_path)


def open_market(url: str, clock: ManualClock | None = None) -> Marketplace:
    time = clock or ManualClock(LEFT_AT)
    return Marketplace.open(url, "EUR", clock=time, ids=CountingIds(), merchant_gateway=Answers(time))


def dump(url: str) -> dict[str, Any]:
    """Return every table with its columns, indexes and rows."""
    engine = open_engine(url)
    with engine.connect() as connection:
        inspector = inspect(connection)
        found = {}
        for name in sorted(inspector.get_table_names()):
            columns = sorted((one["name"], str(one["type"]), one["nullable"]) for one in inspector.get_columns(name))
            indexes = sorted((str(one["name"]), tuple(one["column_names"])) for one in inspector.get_indexes(name))
            rows = sorted(map(str, connection.execute(text(f'SELECT * FROM "{name}"'))))  # noqa: S608 - names of the database's own
            found[name] = (columns, indexes, rows)
    engine.dispose()
    return found


def test_every_release_is_kept_for_every_database() -> None:
    assert RELEASES == ["0.1.0"]
    assert all((HERE / f"{release}.{backend}.sql.gz").is_file() for release in RELEASES for backend in BACKENDS)


def test_every_record_of_every_kind_is_read_and_nothing_is_found_wrong(url: str) -> None:
    before = dump(url)
    with open_market(url) as market:
        with market.store.begin(OPERATOR) as unit:
            kinds: tuple[Kind[Any], ...] = KINDS
            for kind in kinds:
                records = list(unit.repository(kind).stream())
                if kind.name in before:
                    # Two prices waited for ever, and lapse now.
                    came = 2 if kind is TIMEOUTS else 0
                    assert len(records) == len(before[kind.name][2]) + came, kind.name
        assert market.verify() == ()
    assert not {kind.name for kind in KINDS} & dump(url).keys()


def test_its_open_orders_migrate_to_the_processes_of_today_and_go_on(url: str) -> None:
    with open_market(url) as market:
        [first] = market.orders.processes.earlier
        before = {one.id: one for one in market.orders.marketplace_orders.iterate(scope=OPERATOR)}
        done = market.orders.migrate(OrderMigration(first, reason="0.2"), scope=OPERATOR).items
        assert done
        assert not any(one.problems for one in done)
        for one in done:
            after = market.orders.get(one.order, scope=OPERATOR)
            assert {subject.version for subject in after.subjects().values()} == {2}
            assert after.totals == before[one.order].totals
        assert market.verify() == ()
        # What had left before there were shipments is in none; what leaves since is.
        market.fire("order-1--bolt", "undo shipment", key="u1", scope=BOLT)
        assert market.shipments.count(scope=OPERATOR) == 0
        assert market.shipments.ship("order-1--bolt", key="s2", scope=BOLT).lines == {"l1": 2}
        assert market.verify() == ()


def test_an_index_of_a_hosts_table_that_bears_an_old_name_of_ours_stays(url: str) -> None:
    engine = open_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("DROP INDEX offer_sku")
        connection.exec_driver_sql("CREATE TABLE theirs (sku text)")
        connection.exec_driver_sql("CREATE INDEX offer_sku ON theirs (sku)")
        connection.commit()
    with open_market(url) as market:
        assert market.verify() == ()
    with engine.connect() as connection:
        assert [one["name"] for one in inspect(connection).get_indexes("theirs")] == ["offer_sku"]
    engine.dispose()


def test_what_was_stored_is_found_by_when_it_was_placed_or_is_due(url: str) -> None:
    with open_market(url) as market, market.store.begin(OPERATOR) as unit:
        orders = unit.repository(MARKETPLACE_ORDERS).page(order="-placed_at", limit=2).items
        assert [one.id for one in orders] == ["order-6", "order-5"]
        late = unit.repository(MERCHANT_ORDERS).count({"placed_at": AtLeast(orders[1].placed_at)})
        assert late == 5
        timeouts = unit.repository(TIMEOUTS).page(order="due").items
        assert [len(one.id) for one in timeouts] == [40] * 6  # four, and those of two prices that waited for ever
        assert [one.timeout.due for one in timeouts] == sorted(one.timeout.due for one in timeouts)
        pending = unit.repository(PENDING_REFRESHES).page({"merchant": "acme"}, order="due").items
        assert sorted(one.item for one in pending) == ["A-2", "A-4", "A-5"]
        assert [one.due for one in pending] == sorted(one.due for one in pending)


def test_promotions_are_found_by_what_they_ask_for(url: str) -> None:
    with open_market(url) as market, market.store.begin(OPERATOR) as unit:
        stored = list(unit.repository(PROMOTIONS).stream())
        found = {one.id: unit.repository(PROMOTIONS).find_marked(_list_texts(one), LEFT_AT) for one in stored}
        assert len(found) >= 2
        # Of these none is over.
        assert all(one in found[one.id] for one in stored)


def _list_texts(promotion: Promotion) -> list[str]:
    return [mark.text for mark in list_marks(promotion)]


@pytest.mark.parametrize("backend", BACKENDS)
def test_marks_that_a_kind_gained_are_missed_and_written(backend: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}" if backend == "sqlite" else create_database()
    with open_market(url) as market, market.store.begin(OPERATOR) as unit:
        unit.repository(PROMOTIONS).add(Promotion("p", PercentOff(Decimal("0.1")), condition=WithCode(("SUN",))))
        unit.commit()
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM mktcore_mark")
        connection.exec_driver_sql("DELETE FROM mktcore_layout WHERE name LIKE 'promotion*%%'")
    engine.dispose()
    with pytest.raises(SchemaOutdated) as refused:
        SqlStore.open(url, KINDS, create=False)
    assert refused.value.missing == ("marks of promotion",)
    with open_market(url) as market, market.store.begin(OPERATOR) as unit:
        assert [one.id for one in unit.repository(PROMOTIONS).find_marked(["code  sun"], LEFT_AT)] == ["p"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_rewriting_writes_marks_anew(backend: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}" if backend == "sqlite" else create_database()
    store = SqlStore.open(url, KINDS)
    with store.begin(OPERATOR) as unit:
        unit.repository(PROMOTIONS).add(Promotion("p", PercentOff(Decimal("0.1"))))
        unit.commit()
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE mktcore_mark SET text = 'lost'")
    assert store.rewrite(PROMOTIONS) == 1
    with store.begin(OPERATOR) as unit:
        assert [one.id for one in unit.repository(PROMOTIONS).find_marked(["any  "], LEFT_AT)] == ["p"]
        assert unit.repository(PROMOTIONS).find_marked(["lost"], LEFT_AT) == ()
    store.close()


def test_orders_go_on(url: str) -> None:
    clock = ManualClock(LEFT_AT)
    with open_market(url, clock) as market:
        lines = [
            CartLine("l1", "tripod", 3, offer="bolt-tripod"),
            CartLine("l2", "camera", 1, offer="acme-camera"),
            CartLine("l3", "coffee-house", 2),
        ]
        cart = Cart.of("cart-2", buyer="buyer-1", lines=lines)
        assert market.place(cart, key="place-2", scope=Scope.buyer("buyer-1")).id == "order-2"  # not placed twice
        rest = market.orders.get_merchant_order("order-2--bolt", scope=BOLT)
        assert rest.states == {"l1": {"new": 1, "cancellation asked": 1, "canceled": 1}}
        market.fire("order-2--bolt", "refuse cancellation", key="refuse-2", scope=BOLT)
        shipped = market.fire("order-2--bolt", "ship", key="ship-2", scope=BOLT)
        assert shipped.states == {"l1": {"shipped": 2, "canceled": 1}}
        market.fire("order-2--bolt", "deliver", key="deliver-2", scope=BOLT)
        again = market.fire("order-1--acme", "deliver", key="deliver-1", scope=Scope.merchant("acme"))
        assert again.states == {"l2": {"delivered": 1}}
        clock.advance(timedelta(days=40))
        assert market.orders.expire() >= 4
        assert market.orders.get_merchant_order("order-1--acme", scope=OPERATOR).states == {"l2": {"closed": 1}}
        assert market.offers.refresh().asked == 3
        assert market.verify() == ()


def test_opening_twice_changes_nothing(url: str) -> None:
    open_market(url).close()
    once = dump(url)
    open_market(url).close()
    SqlStore.open(url, KINDS, create=False).close()
    assert dump(url) == once


def test_a_migrated_database_is_like_a_new_one(url: str, tmp_path: Path) -> None:
    open_market(url).close()
    new = f"sqlite:///{tmp_path / 'new.db'}" if url.startswith("sqlite") else create_database()
    SqlStore.open(new, KINDS).close()
    migrated, fresh = dump(url), dump(new)
    assert {name: parts[:2] for name, parts in migrated.items()} == {name: parts[:2] for name, parts in fresh.items()}
    assert all(name.startswith("mktcore_") for name in _list_names(url))


def _list_names(url: str) -> list[str]:
    """Return the name of every table, index, constraint and sequence."""
    engine = open_engine(url)
    with engine.connect() as connection:
        if url.startswith("sqlite"):
            found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_auto%'")
        else:
            names = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            names += " UNION SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
            found = connection.exec_driver_sql(names)
        listed = [str(name) for name in found.scalars()]
    engine.dispose()
    assert len(listed) > 50
    return listed


def test_a_host_that_migrates_itself_is_told_and_migrates_with_alembic(url: str) -> None:
    before = dump(url)
    with pytest.raises(SchemaOutdated, match="mktcore") as refused:
        SqlStore.open(url, KINDS, create=False)
    assert "mktcore_layout.version" in refused.value.missing
    assert dump(url) == before
    engine = open_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        with Operations.context(context):
            mktcore_0002.upgrade()
        assert compare_metadata(context, build_metadata(KINDS)) == []
    engine.dispose()
    SqlStore.open(url, KINDS, create=False).close()
    with open_market(url) as market:
        assert market.verify() == ()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_migration_that_fails_leaves_everything_as_it_was(
    backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = restore("0.1.0", backend, tmp_path)
    before = dump(url)

    def fail(migrating: Migrating) -> None:
        assert sum(1 for _ in migrating.iterate(TIMEOUTS)) == 6  # as above
        raise ZeroDivisionError

    steps = (*STEPS, DataStep(TIMEOUTS, fail))
    monkeypatch.setattr("mktcore.sql.change_layout.STEPS", steps)
    with pytest.raises(ZeroDivisionError):
        open_market(url)
    assert dump(url) == before
    monkeypatch.undo()
    with open_market(url) as market:
        assert market.verify() == ()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_step_reads_writes_and_adds_records(backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = restore("0.1.0", backend, tmp_path)

    def copy(migrating: Migrating) -> None:
        for row in list(migrating.iterate(ROLES)):
            stored = migrating.read(row)
            migrating.add(ROLES, [type(stored)(f"{stored.id}-copy", stored.party, stored.permissions)])

    monkeypatch.setattr("mktcore.sql.change_layout.STEPS", (*STEPS, DataStep(ROLES, copy)))
    with open_market(url) as market, market.store.begin(OPERATOR) as unit:
        assert [(one.id, one.version) for one in unit.repository(ROLES).stream()] == [("packer", 1), ("packer-copy", 1)]


@pytest.mark.parametrize("backend", BACKENDS)
def test_several_that_open_at_once_migrate_once(backend: str, tmp_path: Path) -> None:
    url = restore("0.1.0", backend, tmp_path)
    failed: list[Exception] = []

    def open_one() -> None:
        try:
            open_market(url).close()
        except Exception as error:  # noqa: BLE001 - reported below
            failed.append(error)

    threads = [threading.Thread(target=open_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with open_market(url) as market:
        assert market.verify() == ()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_migration_that_is_killed_is_run_again(backend: str, tmp_path: Path) -> None:
    url = restore("0.1.0", backend, tmp_path)
    before = dump(url)
    waiting = tmp_path / "waiting"
    code = f"""
import time
from pathlib import Path
from mktcore.sql import SqlStore, change_layout
from mktcore.sql.data_steps import DataStep
from mktcore.ports import KINDS
from mktcore.processes.portions.subject import replay
from mktcore.processes.timeout_repository import TIMEOUTS
from mktcore.promotions import PROMOTIONS, PercentOff, Promotion, WithCode
from mktcore.promotions.promotion_marks import list_marks

def wait(migrating):
    Path({str(waiting)!r}).touch()
    time.sleep(60)

change_layout.STEPS = (*change_layout.STEPS, DataStep(TIMEOUTS, wait))
SqlStore.open({url!r}, KINDS)
"""
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        for _ in range(600):
            if waiting.exists():
                break
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
    assert waiting.exists()
    assert dump(url) == before
    with open_market(url) as market:
        assert market.verify() == ()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_table_of_the_hosts_is_not_taken_for_one_of_an_old_market(backend: str, tmp_path: Path) -> None:
    url = restore("0.1.0", backend, tmp_path)
    engine = open_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("DROP TABLE product")
        connection.exec_driver_sql("DROP TABLE offer")
        columns = "id text PRIMARY KEY, version integer NOT NULL, type text NOT NULL, document text NOT NULL"
        connection.exec_driver_sql(
            f"CREATE TABLE product ({columns}, owner text, category text)"
        )  # ours, by its columns
        connection.exec_driver_sql("INSERT INTO product VALUES ('p1', 1, 'book', '{}', 'host', NULL)")
        connection.exec_driver_sql("CREATE TABLE offer (id integer PRIMARY KEY, price integer)")
        connection.commit()
    engine.dispose()
    before = dump(url)
    SqlStore.open(url, KINDS).close()
    after = dump(url)
    assert {name: after[name] for name in ("product", "offer")} == {name: before[name] for name in ("product", "offer")}
    assert after["mktcore_product"][2] == after["mktcore_offer"][2] == []


def test_an_orders_history_becomes_records_and_nothing_of_it_is_lost(url: str) -> None:
    with open_market(url) as market, market.store.begin(OPERATOR) as unit:
        kinds: tuple[Kind[Any], ...] = (MARKETPLACE_ORDERS, MERCHANT_ORDERS)
        orders = [order for kind in kinds for order in unit.repository(kind).stream()]
        assert orders
        for order in orders:
            steps = unit.repository(ORDER_STEPS).find_where("subject", [order.id])
            assert order.former_moves == ()
            assert replay(move for step in steps for move in step.moves) == order.fulfilment.states()


def test_what_a_release_canceled_has_figures_and_goes_on_with_them(url: str) -> None:
    with open_market(url) as market:
        part = market.orders.get_merchant_order("order-2--bolt", scope=BOLT).totals
        whole = market.orders.get("order-2", scope=Scope.buyer("buyer-1")).totals
        assert [str(one.canceled_total) for one in (part, whole)] == ["18.21 EUR", "18.21 EUR"]
        assert [str(one.canceled_tax_total) for one in (part, whole)] == ["2.91 EUR", "2.91 EUR"]
        assert [str(one.grand_total) for one in (part, whole)] == ["40.33 EUR", "235.85 EUR"]
        market.fire("order-2--bolt", "accept cancellation", key="accept-3", scope=BOLT, lines={"l1": 1})
        assert str(market.orders.get_merchant_order("order-2--bolt", scope=BOLT).totals.canceled_total) == "36.43 EUR"
        market.fire("order-2--bolt", "ship", key="ship-2", scope=BOLT)
        assert market.verify() == ()


def test_a_price_that_a_release_let_wait_for_ever_lapses_when_the_rules_time_is_up(url: str) -> None:
    opened = datetime.now(UTC)
    with open_market(url) as market, market.store.begin(OPERATOR) as unit:
        waiting = unit.repository(PRICE_APPROVALS).find_where("state", ["waiting"])
        assert {one.id for one in waiting} == {"order-4--bolt", "order-5--bolt"}
        for one in waiting:
            assert one.answer_by is not None
            assert timedelta(days=7) <= one.answer_by - opened < timedelta(days=7, hours=1)
    later = ManualClock(opened + timedelta(days=7, hours=1))
    with open_market(url, later) as market:
        while market.orders.expire():
            pass
        with market.store.begin(OPERATOR) as unit:
            found = unit.repository(PRICE_APPROVALS).find_many([one.id for one in waiting])
        assert {one.state.value for one in found.values()} == {"lapsed"}
        assert market.verify() == ()


def test_an_order_of_which_a_release_canceled_nothing_gets_figures_with_the_next_cancellation(url: str) -> None:
    with open_market(url) as market:
        market.fire("order-2--acme", "cancel by merchant", key="cancel-2", scope=OPERATOR)
        part = market.orders.get_merchant_order("order-2--acme", scope=OPERATOR)
        assert part.totals.grand_total.is_zero()
        assert market.verify() == ()
