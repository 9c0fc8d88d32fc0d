"""What is particular to SQL: which databases, how they are set up, what their errors mean, tables of other releases."""

import sqlite3
import sys
import threading
import tracemalloc
from pathlib import Path
from typing import Any

import attrs
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, MetaData, Table, Text, exc, text

from mktcore.adapters.store_wait_limits import WaitLimits
from mktcore.audit import verify_store
from mktcore.errors import MissingExtra
from mktcore.marketplace import Marketplace
from mktcore.persistence import Kind, Retryable, Scope, column, retry_unit
from mktcore.persistence.errors import Busy, CommitUnknown, StoreError
from mktcore.persistence.kinds import Several
from mktcore.sql import (
    DatabaseUnreachable,
    SchemaOutdated,
    SqlStore,
    UnsupportedDatabase,
    build_metadata,
    pause_with_jitter,
)
from mktcore.sql.database_names import Naming
from mktcore.sql.engines import open_engine
from mktcore.sql.errors import translate_errors
from mktcore.sql.migrations import VERSIONS, IrreversibleMigration
from mktcore.sql.migrations.versions import mktcore_0001, mktcore_0002
from mktcore.sql.store_tables import share_tables
from mktcore.testing import KINDS
from mktcore.testing.stores.samples import AT, PARCELS, Parcel
from mktcore.wire import UnregisteredType
from persistence.opening import create_database

OPERATOR = Scope.operator()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://user:secret@host/db",
        "postgresql+psycopg2://user:secret@host/db",
        "market.db",
        "postgresql//user:secret@host/db",
        "",
    ],
)
def test_other_databases_are_refused_without_their_password(url: str) -> None:
    with pytest.raises(UnsupportedDatabase) as caught:
        SqlStore.open(url, KINDS)
    assert "secret" not in str(caught.value)


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    with pytest.raises(DatabaseUnreachable, match="refused") as caught:
        SqlStore.open("postgresql://user:secret@127.0.0.1:9/market", KINDS)
    assert "secret" not in str(caught.value)


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachable, match="unable to open"):
        SqlStore.open(f"sqlite:///{tmp_path}", KINDS)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("mktcore.sql")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(MissingExtra, match=r"sqlalchemy.*mktcore\[sql\]"):
        Marketplace.open("sqlite:///market.db", "EUR")


def test_a_missing_driver_of_postgresql_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra, match=r"psycopg.*mktcore\[postgresql\]"):
        Marketplace.open("postgresql://user:secret@localhost/market", "EUR")


def test_a_sqlite_file_is_created_with_its_folder_and_set_up_to_keep_commits(tmp_path: Path) -> None:
    store = SqlStore.open(f"sqlite:///{tmp_path / 'new' / 'folder' / 'market.db'}", KINDS)
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        safe = sqlite3.sqlite_version_info >= (3, 51, 3)
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == ("wal" if safe else "delete")
    store.close()


def test_what_was_committed_is_there_after_reopening(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}"
    for turn in range(3):
        store = SqlStore.open(url, KINDS)
        with store.begin(OPERATOR) as unit:
            assert unit.repository(PARCELS).count() == turn
            unit.repository(PARCELS).add(Parcel(f"p{turn}", "acme"))
            unit.commit()
        store.close()


@pytest.mark.slow  # needs a server
def test_a_url_of_postgresql_needs_no_driver() -> None:
    store = SqlStore.open(create_database().replace("postgresql+psycopg://", "postgresql://"), KINDS)
    with store.begin(OPERATOR) as unit:
        assert unit.repository(PARCELS).count() == 0
    store.close()


def test_a_kind_whose_type_has_no_tag_is_refused(tmp_path: Path) -> None:
    @attrs.frozen
    class Untagged:
        id: str
        version: int = 0

    with pytest.raises(UnregisteredType, match="Untagged"):
        SqlStore.open(f"sqlite:///{tmp_path / 'market.db'}", [Kind("untagged", Untagged)])


def test_tables_of_another_release_are_named_column_by_column(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}"
    older: Kind[Parcel] = Kind("testing_parcel", Parcel, {"merchant": column("merchant")})
    SqlStore.open(url, [older]).close()
    with pytest.raises(SchemaOutdated) as caught:
        SqlStore.open(url, KINDS, create=False)
    assert "mktcore_testing_parcel.label" in caught.value.missing
    empty = f"sqlite:///{tmp_path / 'empty.db'}"
    (tmp_path / "empty.db").touch()
    with pytest.raises(SchemaOutdated) as caught:
        SqlStore.open(empty, KINDS, create=False)
    assert "mktcore_stock.item" in caught.value.missing


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_a_column_that_a_kind_gained_is_made_and_filled(backend: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}" if backend == "sqlite" else create_database()
    older: Kind[Parcel] = Kind("testing_parcel", Parcel, {"merchant": column("merchant")})
    store = SqlStore.open(url, [older])
    with store.begin(OPERATOR) as unit:
        unit.repository(older).add_many([Parcel(f"p{n:04}", "acme", lot=n % 3) for n in range(1_500)])
        unit.commit()
    store.close()
    store = SqlStore.open(url, KINDS)
    with store.begin(OPERATOR) as unit:
        assert unit.repository(PARCELS).count({"lot": 1}) == 500
        assert unit.repository(PARCELS).get("p0001").version == 1
    store.close()


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_a_column_of_several_values_that_a_kind_gained_is_made_and_filled(backend: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}" if backend == "sqlite" else create_database()
    columns = {"merchant": column("merchant"), "label": column("label")}
    tags = Several(lambda parcel: parcel.tags)
    kinds: list[Kind[Parcel]] = [
        Kind("testing_parcel", Parcel, columns),
        Kind("testing_parcel", Parcel, columns, several={"tag": tags}),
        Kind("testing_parcel", Parcel, columns, several={"tag": attrs.evolve(tags, within=("label",))}),
    ]
    store = SqlStore.open(url, kinds[:1])
    with store.begin(OPERATOR) as unit:
        parcels = [
            Parcel(f"p{n:04}", "acme", label=f"l{n % 2}", tags=frozenset({"all", f"t{n % 3}"})) for n in range(1_200)
        ]
        unit.repository(kinds[0]).add_many(parcels)
        unit.commit()
    store.close()
    for kind, counts in ((kinds[1], (1_200, 400)), (kinds[2], (1_200, 400))):
        store = SqlStore.open(url, [kind])
        with store.begin(OPERATOR) as unit:
            entries = unit.repository(kind)
            assert (entries.count({"tag": "all"}), entries.count({"tag": "t1"})) == counts
            assert entries.count({"tag": "t1", "label": "l1"}) == 200
        assert verify_store(store) == ()
        store.close()


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_the_migrations_make_the_tables_that_the_store_needs(backend: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}" if backend == "sqlite" else create_database()
    engine = open_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        with Operations.context(context):
            mktcore_0001.upgrade()
            mktcore_0002.upgrade()
            mktcore_0002.upgrade()  # what is migrated stays as it is
        connection.commit()
        differences = compare_metadata(context, build_metadata([]))
        assert differences == []
        with pytest.raises(IrreversibleMigration, match="mktcore_0002"):
            mktcore_0002.downgrade()
    SqlStore.open(url, [], create=False).close()
    engine.dispose()
    assert VERSIONS.is_dir()


def test_hosts_put_the_tables_beside_their_own() -> None:
    metadata = MetaData()
    assert build_metadata(KINDS, metadata) is metadata
    assert {"mktcore_stock", "mktcore_event", "mktcore_testing_parcel"} <= metadata.tables.keys()


@pytest.mark.slow  # needs a server
def test_long_names_of_kinds_and_columns_are_fine() -> None:
    name, columns = "k" * 40, {f"{letter * 40}": column("merchant") for letter in "ab"}
    several = {f"{letter * 40}": Several(lambda parcel: parcel.tags, within=("a" * 40,)) for letter in "cd"}
    kind: Kind[Parcel] = Kind(name, Parcel, columns, unique=(tuple(columns),), several=several)
    store = SqlStore.open(create_database(), [kind])
    with store.begin(OPERATOR) as unit:
        unit.repository(kind).add(Parcel("p1", "acme", tags=frozenset({"x"})))
        unit.commit()
    with store.begin(OPERATOR) as unit:
        assert [one.id for one in unit.repository(kind).page({"c" * 40: "x", "a" * 40: "acme"}).items] == ["p1"]
    store.close()


def test_stores_opened_at_the_same_time_make_the_tables_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}"
    failed: list[Exception] = []

    def open_one() -> None:
        try:
            SqlStore.open(url, KINDS).close()
        except Exception as error:  # noqa: BLE001 - reported below
            failed.append(error)

    threads = [threading.Thread(target=open_one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_busy_database_is_retryable(tmp_path: Path) -> None:
    store = SqlStore.open(f"sqlite:///{tmp_path / 'market.db'}", KINDS, limits=WaitLimits(busy_seconds=0.05))
    with store.begin(OPERATOR) as first, store.begin(OPERATOR) as second:
        first.repository(PARCELS).add(Parcel("p1", "acme"))
        with pytest.raises(Busy, match="turn to write"):
            second.repository(PARCELS).add(Parcel("p2", "acme"))
        with pytest.raises(Busy, match="turn to write"):
            second.commit()
        first.commit()
    store.close()


def test_a_pool_without_a_free_connection_is_retryable(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}"
    store = SqlStore.open(url, KINDS, limits=WaitLimits(pool_size=1, busy_seconds=0.01))
    with (
        store.begin(OPERATOR),
        pytest.raises(Retryable, match="a connection did not become free"),
        store.begin(OPERATOR),
    ):
        pass
    store.close()


class PostgresError(Exception):
    def __init__(self, state: str) -> None:
        super().__init__(f"state {state}\nDETAIL: none of the caller's business")
        self.sqlstate = state


@pytest.mark.parametrize(
    ("state", "committing", "expected"),
    [
        ("40001", False, Retryable), ("40P01", False, Retryable), ("40001", True, Retryable),
        ("57P01", False, Retryable),
        ("57P01", True, CommitUnknown), ("08006", True, CommitUnknown), ("22001", False, exc.OperationalError),
    ],
)  # fmt: skip
def test_what_the_database_reports_is_told_apart(state: str, committing: bool, expected: type[Exception]) -> None:
    with pytest.raises(expected) as caught, translate_errors(committing=committing):
        raise exc.OperationalError("SELECT 1", {}, PostgresError(state))
    if isinstance(caught.value, StoreError):
        assert "DETAIL" not in str(caught.value)


@pytest.mark.slow  # needs a server
def test_deadlocked_units_of_postgresql_are_run_again() -> None:
    store = SqlStore.open(create_database(), KINDS)
    with store.begin(OPERATOR) as unit:
        for name in ("p1", "p2"):
            unit.repository(PARCELS).add(Parcel(name, "acme"))
        unit.commit()
    barrier, runs = threading.Barrier(2), list[str]()

    def change(*names: str) -> None:
        def work() -> None:
            runs.append(names[0])
            with store.begin(OPERATOR) as unit:
                for turn, name in enumerate(names):
                    parcels = unit.repository(PARCELS)
                    found = parcels.get(name)
                    parcels.save(attrs.evolve(found, count=found.count + 1))
                    if turn == 0 and len(runs) <= 2:
                        barrier.wait(10)
                unit.commit()

        retry_unit(work, pause=pause_with_jitter)

    threads = [threading.Thread(target=change, args=names) for names in (("p1", "p2"), ("p2", "p1"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.begin(OPERATOR) as unit:
        assert {one.count for one in unit.repository(PARCELS).stream()} == {2}
    assert len(runs) > 2
    store.close()


def test_old_documents_in_the_database_are_upgraded_on_read(tmp_path: Path) -> None:
    store = SqlStore.open(f"sqlite:///{tmp_path / 'market.db'}", KINDS)
    with store.begin(OPERATOR) as unit:
        unit.repository(PARCELS).add(Parcel("p1", "acme"))
        unit.commit()
    with store.engine.connect() as connection:
        row: Any = connection.execute(text("SELECT type, document FROM mktcore_testing_parcel")).one()
        assert row.type == "testing.parcel.v1"
        assert '"merchant":"acme"' in row.document
    store.close()


def test_retrying_gives_up_after_some_attempts_and_passes_other_errors() -> None:
    calls: list[int] = []

    def lose() -> None:
        calls.append(1)
        raise Retryable("busy")

    with pytest.raises(Retryable):
        retry_unit(lose, attempts=4)
    assert len(calls) == 4
    with pytest.raises(ZeroDivisionError):
        retry_unit(lambda: 1 // 0)
    assert AT.tzinfo is not None


@pytest.mark.slow(counted=True)
def test_a_stream_holds_one_page_in_memory(tmp_path: Path) -> None:
    store = SqlStore.open(f"sqlite:///{tmp_path / 'market.db'}", KINDS)
    with store.begin(OPERATOR) as unit:
        unit.repository(PARCELS).add_many(
            [Parcel(f"p{number:05}", "acme", note="x" * 2_000) for number in range(6_000)]
        )
        unit.commit()
    with store.begin(OPERATOR) as unit:
        tracemalloc.start()
        seen = sum(1 for _ in unit.repository(PARCELS).stream())
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert seen == 6_000
    assert peak < 8 * 2**20  # all of them are 12 MB of notes alone; a page of 500 is 1
    store.close()


def test_tables_are_built_once_and_what_a_host_adds_stays_its_own(tmp_path: Path) -> None:
    first, second = (SqlStore.open(f"sqlite:///{tmp_path / name}.db", KINDS) for name in ("a", "b"))
    Table("reviews", first.metadata, Column("id", Text, primary_key=True))
    assert "reviews" in first.metadata.tables
    assert "reviews" not in second.metadata.tables
    assert second.metadata.tables.keys() == first.metadata.tables.keys() - {"reviews"}
    assert share_tables(KINDS, Naming()) is share_tables(KINDS, Naming())
    assert share_tables(KINDS, Naming("shop_")) is not share_tables(KINDS, Naming())
    assert share_tables(KINDS[:2], Naming()).kinds.keys() == {kind.name for kind in KINDS[:2]}
    first.close()
    second.close()
