"""Engines, connections and drivers that a host set up its own way: units stay whole, and no hook is passed by."""

import logging
import sqlite3
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import psycopg
import pytest
from psycopg.rows import dict_row, namedtuple_row
from sqlalchemy import create_engine, event, make_url, text

from mktcore.adapters.store_wait_limits import WaitLimits
from mktcore.persistence import Scope
from mktcore.persistence.errors import Busy, NotJoinable
from mktcore.sql import SqlStore, engines
from mktcore.sql.driver_statements import Call
from mktcore.stock import StockCount
from mktcore.testing import KINDS
from mktcore.testing.stores.samples import AT, PARCELS, Parcel
from persistence.opening import create_database

OPERATOR = Scope.operator()
SLOW = pytest.mark.slow  # needs a server
NAMES = "100% of %(id)s, :where_0 and ?"
"""What would be a parameter, were it read as a part of a statement."""


numbers = count(1)


@pytest.fixture(scope="module")
def server() -> str:
    """A database with tables; each test has records of its own."""
    url = create_database()
    SqlStore.open(url, KINDS).close()
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=SLOW)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    here: str = request.getfixturevalue("server") if request.param == "postgresql" else f"sqlite:///{tmp_path / 'x.db'}"
    return here


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    opened = SqlStore.open(url, KINDS)
    yield opened
    opened.close()


def use(store: Any) -> str:
    """Read, write, count and look up, in the ways that a placement does; returns the id of a parcel."""
    name = f"used-{next(numbers)}"
    items = [f"{name}-item", f"{name}-other"]
    with store.begin(OPERATOR) as unit:
        parcels = unit.repository(PARCELS)
        assert parcels.find(name) is None
        unit.add_records([(PARCELS, [Parcel(name, "acme", label=f"{NAMES}, {name}"), Parcel(f"{name}-b", "bolt")])])
        assert parcels.save(attrs.evolve(parcels.find(name), lot=4)).version == 2
        unit.stock.set_on_hand([StockCount(items[0], "acme", 5), StockCount(items[1], "bolt", 3)], at=AT)
        unit.commit()
    check_used(store, name)
    return name


def check_used(store: Any, name: str) -> None:
    """See what `use` left."""
    with store.begin(OPERATOR) as unit:
        found = unit.repository(PARCELS).find_many([name, f"{name}-b"]).values()
        told = sorted((one.id, one.label, one.lot, one.version) for one in found)
        assert told == [(name, f"{NAMES}, {name}", 4, 2), (f"{name}-b", None, None, 1)]
        levels = unit.stock.find_levels([f"{name}-item", f"{name}-other"])
        assert sorted((item, level.on_hand) for item, level in levels.items()) == [
            (f"{name}-item", 5),
            (f"{name}-other", 3),
        ]


def leave(store: Any) -> None:
    """Write, leave without a commit, and see that nothing is there."""
    name = f"left-{next(numbers)}"
    with store.begin(OPERATOR) as unit:
        unit.add_records([(PARCELS, [Parcel(name, "acme")])])
        unit.stock.set_on_hand([StockCount(f"{name}-item", "acme", 5)], at=AT)
    with store.begin(OPERATOR) as unit:
        assert unit.repository(PARCELS).find(name) is None
        assert not unit.stock.find_levels([f"{name}-item"])


ENGINES: dict[str, dict[str, Any]] = {
    "as it comes": {},
    "commits every statement": {"isolation_level": "AUTOCOMMIT"},
    "commits every statement by an option": {"execution_options": {"isolation_level": "AUTOCOMMIT"}},
    "serializable": {"isolation_level": "SERIALIZABLE"},
    "puts tables elsewhere": {"execution_options": {"schema_translate_map": {None: "tenant"}}},
    "reads in pieces": {"execution_options": {"stream_results": True, "yield_per": 3}},
    "hides parameters": {"hide_parameters": True},
    "caches nothing": {"query_cache_size": 0},
}


@pytest.mark.parametrize("how", ENGINES)
def test_an_engine_of_the_hosts_makes_no_difference(how: str, url: str) -> None:
    engine = create_engine(url, **ENGINES[how])
    store = SqlStore(engine, KINDS, prefix=f"p{next(numbers)}_")
    store.create_tables()
    use(store)
    leave(store)
    assert store.engine is engine
    store.close()


def test_the_options_of_an_engine_are_passed_on(url: str) -> None:
    driver_options = {"cached_statements": 0} if url.startswith("sqlite") else {"prepare_threshold": None}
    store = SqlStore.open(url, KINDS, connect_args=driver_options, isolation_level="SERIALIZABLE")
    with store.engine.connect() as connection:
        assert connection.get_isolation_level() == "SERIALIZABLE"
    use(store)
    leave(store)
    store.close()


def test_connections_that_a_host_makes_are_used(url: str) -> None:
    def connect() -> Any:
        if url.startswith("sqlite"):
            return sqlite3.connect(make_url(url).database or "", check_same_thread=False, factory=Traced)
        return psycopg.connect(to_plain(url), autocommit=True, cursor_factory=psycopg.ClientCursor)

    store = SqlStore.open(url, KINDS, creator=connect)
    use(store)
    leave(store)
    store.close()


class Traced(sqlite3.Connection):
    """A host's own class of connections."""


@SLOW
def test_schemas_and_prefixes_stay_apart(server: str) -> None:
    apart: list[dict[str, Any]] = [{"schema": "tenant"}, {"schema": "other"}, {"schema": "other", "prefix": "second_"}]
    stores = [SqlStore.open(server, KINDS, **one) for one in apart]
    for store in stores:
        name = use(store)
        for other in stores:
            with other.begin(OPERATOR) as unit:
                assert (unit.repository(PARCELS).find(name) is None) is (other is not store)
    for store in stores:
        store.close()


@SLOW
@pytest.mark.parametrize("style", ["format", "pyformat"])
def test_parameters_of_postgresql_are_written_as_the_engine_has_them(style: Any, server: str) -> None:
    store = SqlStore.open(server, KINDS, paramstyle=style)
    use(store)
    leave(store)
    store.close()


def to_plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def make_driver(url: str, **options: Any) -> Any:
    if url.startswith("sqlite"):
        driver: Any = sqlite3.connect(make_url(url).database or "", isolation_level=None)
        for name, value in options.items():
            setattr(driver, name, value)
        driver.execute("BEGIN IMMEDIATE")
        return driver
    driver = psycopg.connect(to_plain(url), **options)
    driver.execute("SELECT 1")
    return driver


@attrs.frozen
class Lent:
    """A host that has a connection of the driver, and no SQLAlchemy."""

    driver: Any

    def get_driver_connection(self) -> Any:
        return self.driver

    def get_address(self) -> str:
        return "the host's"


def to_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


@pytest.mark.parametrize("make_row", [sqlite3.Row, to_dict, lambda _, row: row[0]], ids=["row", "dict", "scalar"])
def test_rows_of_sqlite_that_a_host_makes_its_own_way_stay_its_own(make_row: Any, tmp_path: Path) -> None:
    with_rows_of_a_host(f"sqlite:///{tmp_path / 'shop.db'}", row_factory=make_row)


@SLOW
@pytest.mark.parametrize(
    "options",
    [{"row_factory": dict_row}, {"row_factory": namedtuple_row}, {"cursor_factory": psycopg.ClientCursor}],
    ids=["dict", "named tuple", "client cursor"],
)
def test_rows_and_cursors_of_psycopg_that_a_host_chose_stay_its_own(options: Any, server: str) -> None:
    with_rows_of_a_host(server, **options)


def with_rows_of_a_host(url: str, **options: Any) -> None:
    store = SqlStore.open(url, KINDS)
    driver = make_driver(url, **options)
    name = use(store.join(Lent(driver)))
    leave(store.join(Lent(driver)))
    assert all(getattr(driver, name) is value for name, value in options.items())
    driver.rollback()
    driver.close()
    with store.begin(OPERATOR) as unit:
        assert unit.repository(PARCELS).find(name) is None  # the host undid it
    store.close()


def test_texts_that_are_none_are_refused_before_they_are_misread(tmp_path: Path) -> None:
    refuse_to_join(f"sqlite:///{tmp_path / 'shop.db'}", "text_factory", text_factory=bytes)


@SLOW
def test_cursors_without_names_are_refused_before_they_are_used(server: str) -> None:
    refuse_to_join(server, "by name", cursor_factory=psycopg.RawCursor)


def refuse_to_join(url: str, told: str, **options: Any) -> None:
    store = SqlStore.open(url, KINDS)
    plain = make_driver(url)
    store.join(Lent(plain))  # its tables were seen
    plain.close()
    driver = make_driver(url, **options)
    with pytest.raises(NotJoinable, match=told), store.join(Lent(driver)).begin(OPERATOR):
        pass
    driver.close()
    store.close()


def test_a_hosts_connection_that_puts_its_own_tables_elsewhere_is_joined(store: SqlStore, url: str) -> None:
    engine = create_engine(url, execution_options={"schema_translate_map": {None: "tenant"}})
    with engine.begin() as connection:
        name = use(store.join(connection))
    engine.dispose()
    check_used(store, name)


HOOKS: dict[tuple[str, ...], int] = {
    ("before_cursor_execute",): 2,
    ("after_cursor_execute",): 2,
    ("before_execute",): 1,
    ("do_execute", "do_executemany"): 1,
}
"""Events of an engine, with the place of the statement among what their listeners are given."""


@pytest.mark.parametrize("hooks", HOOKS, ids=" ".join)
def test_whoever_listens_to_statements_hears_all_of_them(hooks: tuple[str, ...], store: SqlStore) -> None:
    heard: list[str] = []

    def hear(*given: Any) -> None:
        heard.append(str(given[HOOKS[hooks]]))

    for hook in hooks:
        event.listen(store.engine, hook, hear)
    use(store)
    told = "\n".join(heard)
    assert told.count("INSERT INTO mktcore_testing_parcel ") == 1
    assert told.count("UPDATE mktcore_testing_parcel ") == 1
    assert told.count("INSERT INTO mktcore_stock ") == 1


def test_a_tracer_that_writes_into_statements_writes_into_all(store: SqlStore) -> None:
    written: list[str] = []

    @event.listens_for(store.engine, "before_cursor_execute", retval=True)
    def comment(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        written.append(statement)
        return f"{statement} -- shop", parameters

    use(store)
    leave(store)
    assert any("mktcore_testing_parcel" in statement for statement in written)


def test_a_log_of_statements_has_all_of_them(store: SqlStore, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "sqlalchemy.engine"):
        use(store)
    assert "INSERT INTO mktcore_testing_parcel" in caplog.text
    assert "UPDATE mktcore_testing_parcel" in caplog.text


def spend(number: int) -> Call:
    """Return a statement of SQLite's that takes so many thousand steps or more."""
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < :n) SELECT count(*) FROM n"
    return Call(text(endless), {"n": number * 100})


def test_each_statement_of_sqlite_that_goes_past_the_pool_has_the_time_of_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # A clock that only looks move, whatever else the machine has to do: one look in 50,000 steps.
    looks = count()
    monkeypatch.setattr(engines, "time", SimpleNamespace(monotonic=lambda: next(looks) / 100))
    store = SqlStore.open(f"sqlite:///{tmp_path / 'shop.db'}", KINDS, limits=WaitLimits(statement_seconds=0.2))
    with store.begin(OPERATOR) as unit, pytest.raises(Busy):
        unit._session.read_together([spend(10**6)])
    with store.begin(OPERATOR) as unit, pytest.raises(Busy):
        unit._session.write_together([spend(1), spend(10**6)])
    with store.begin(OPERATOR) as unit:
        before = next(looks)
        assert len(unit._session.read_together([spend(400)] * 6)) == 6
        assert next(looks) - before > 40  # in all, far more than the twenty of one
    use(store)
    store.close()


@SLOW
def test_each_statement_of_postgresql_that_goes_past_the_pool_has_the_time_of_one(server: str) -> None:
    store = SqlStore.open(server, KINDS, limits=WaitLimits(statement_seconds=0.5))
    sleep = text("SELECT pg_sleep(:seconds)")
    with store.begin(OPERATOR) as unit, pytest.raises(Busy):
        unit._session.read_together([Call(sleep, {"seconds": 20})])
    with store.begin(OPERATOR) as unit, pytest.raises(Busy):
        unit._session.write_together([Call(sleep, {"seconds": 0}), Call(sleep, {"seconds": 20})])
    with store.begin(OPERATOR) as unit:  # in all longer than one may
        assert len(unit._session.read_together([Call(sleep, {"seconds": 0.11})] * 6)) == 6
    use(store)
    store.close()


@SLOW
def test_a_lock_that_is_waited_for_past_the_pool_has_its_time(server: str) -> None:
    store = SqlStore.open(server, KINDS, limits=WaitLimits(busy_seconds=0.2))
    name = use(store)
    driver = make_driver(server)
    driver.execute("SELECT id FROM mktcore_testing_parcel FOR UPDATE")
    lock = Call(text("SELECT id FROM mktcore_testing_parcel WHERE id = :id FOR UPDATE"), {"id": name})
    with store.begin(OPERATOR) as unit, pytest.raises(Busy) as caught:
        unit._session.write_together([lock, lock])
    assert 0.2 <= caught.value.waited < 5
    assert [holder.held for holder in caught.value.holders] == ["mktcore_testing_parcel"]
    driver.close()
    leave(store)
    store.close()
