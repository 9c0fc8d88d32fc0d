"""The library's names in a database: a prefix, a schema, and nothing of anybody else's touched or taken."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from mktcore.adapters.memory import MemoryStore
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.persistence import Kind, Scope, column
from mktcore.persistence.errors import KindNameTaken
from mktcore.persistence.kinds import Ordered
from mktcore.ports import KINDS as MARKET_KINDS
from mktcore.sql import InvalidNaming, LayoutTooNew, SqlStore, TableTaken, build_metadata
from mktcore.sql.database_names import Naming
from mktcore.sql.engines import open_engine
from mktcore.testing import KINDS
from mktcore.testing.stores.samples import ENTRIES, PARCELS, Entry, Parcel
from persistence.opening import create_database

OPERATOR = Scope.operator()
EXAMPLE = Path(__file__).parents[2] / "examples" / "market"
HOST = """
CREATE TABLE product (id text PRIMARY KEY, version integer NOT NULL, type text NOT NULL, document text NOT NULL);
CREATE TABLE offer (id integer PRIMARY KEY, product text REFERENCES product (id), price integer);
CREATE TABLE role (name text, "user" text);
CREATE TABLE "user" (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE merchant_order (number integer);
CREATE TABLE timeout (id text, version integer, type text, document text, digest text);
CREATE TABLE stock (id integer);
CREATE TABLE layout (id integer);
CREATE INDEX offer_product ON offer (product);
CREATE INDEX timeout_digest ON timeout (digest, id);
CREATE VIEW offers AS SELECT price FROM offer;
INSERT INTO product VALUES ('p1', 7, 'book', '{}');
INSERT INTO offer VALUES (1, 'p1', 100);
INSERT INTO role VALUES ('admin', 'ann');
INSERT INTO "user" VALUES (1, 'Ann');
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'host.db'}" if request.param == "sqlite" else create_database()


@pytest.fixture
def run(url: str) -> Iterator[Callable[[str], None]]:
    """Run the host's own statements."""
    engine = open_engine(url)

    def run_all(statements: str) -> None:
        with engine.connect() as connection:
            for statement in filter(str.strip, statements.split(";")):
                connection.exec_driver_sql(statement)
            connection.commit()

    yield run_all
    engine.dispose()


def dump(url: str, without: str = "mktcore_") -> list[str]:
    """Return the definition of everything whose name has another prefix, and the rows of its tables, to the letter."""
    engine = open_engine(url)
    found = _dump_sqlite(engine, without) if engine.dialect.name == "sqlite" else _dump_postgresql(engine, without)
    engine.dispose()
    assert found
    return found


def _dump_sqlite(engine: Engine, without: str) -> list[str]:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name").all()
        kept = [row for row in rows if not row.tbl_name.startswith(without)]
        return [str(row) for row in kept] + _dump_rows(connection, [row.name for row in kept if row.type == "table"])


def _dump_postgresql(engine: Engine, without: str) -> list[str]:
    columns = """
        SELECT relname, relkind, relfilenode, attname, format_type(atttypid, atttypmod), attnotnull
        FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
        WHERE relnamespace = 'public'::regnamespace AND attnum > 0 ORDER BY relname, attnum"""
    constraints = """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"""
    with engine.connect() as connection:
        kept = [row for row in connection.execute(text(columns)) if not row.relname.startswith(without)]
        held = [row for row in connection.execute(text(constraints)) if not row[0].startswith(without)]
        tables = sorted({row.relname for row in kept if row.relkind in ("r", b"r")})
        return [*map(str, kept), *map(str, held), *_dump_rows(connection, tables)]


def _dump_rows(connection: Any, tables: list[str]) -> list[str]:
    quoted = {name: f'"{name}"' for name in tables}
    return [f"{name}: {connection.execute(text(f'SELECT * FROM {quoted[name]}')).all()}" for name in tables]  # noqa: S608 - names of the test's own


def sell(market: Marketplace) -> None:
    """Let a market work."""
    market.load(EXAMPLE)
    cart = Cart.of("cart-1", buyer="buyer-1", lines=[CartLine("l1", "tripod", 2, offer="bolt-tripod")])
    order = market.place(cart, key="k1", scope=market.as_buyer("buyer-1"))
    (part,) = order.merchant_orders
    market.fire(part.id, "ship", key="s1", scope=market.as_merchant("bolt"))
    assert market.verify() == ()


def test_a_hosts_tables_stay_to_the_letter_and_the_market_works(url: str, run: Callable[[str], None]) -> None:
    run(HOST)
    before = dump(url)
    with Marketplace.open(url, "EUR") as market:
        sell(market)
    with Marketplace.open(url, "EUR") as market:
        assert market.orders.merchant_orders.page(scope=market.as_operator()).items
    assert dump(url) == before


def test_two_markets_live_side_by_side(url: str) -> None:
    with Marketplace.open(url, "EUR") as first, Marketplace.open(url, "EUR", prefix="shop_") as second:
        sell(first)
        assert second.orders.merchant_orders.page(scope=OPERATOR).items == ()
        seen = dump(url, without="shop_")
        sell(second)
        assert len(second.orders.merchant_orders.page(scope=OPERATOR).items) == 1
        assert dump(url, without="shop_") == seen


@pytest.mark.slow(counted=True)
def test_two_schemas_hold_two_markets() -> None:
    url = create_database()
    with Marketplace.open(url, "EUR", schema="north") as north, Marketplace.open(url, "EUR", schema="south") as south:
        sell(north)
        assert south.orders.merchant_orders.page(scope=OPERATOR).items == ()
        sell(south)
        assert len(north.orders.merchant_orders.page(scope=OPERATOR).items) == 1
    Marketplace.open(url, "EUR", schema="north").close()
    engine = open_engine(url)
    with engine.connect() as connection:
        listed = connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar()
        assert listed == 0
    engine.dispose()
    SqlStore.open(url, MARKET_KINDS, schema="north", create=False).close()


@pytest.mark.parametrize(
    "prefix", ["", "Shop_", "1shop", "shop-", "x" * 21, 'a"; DROP', "pg_shop_", "sqlite_", "é_", 5]
)
def test_a_prefix_is_a_bounded_name_in_small_letters(prefix: Any, tmp_path: Path) -> None:
    with pytest.raises(InvalidNaming) as refused:
        SqlStore.open(f"sqlite:///{tmp_path / 'market.db'}", KINDS, prefix=prefix)
    assert str(prefix) in str(refused.value)
    with pytest.raises(InvalidNaming):
        build_metadata(KINDS, prefix=prefix)


@pytest.mark.parametrize("schema", ["", "North", "pg_north", "information_schema", 'a"b', "x" * 64])
def test_a_schema_is_a_name_and_postgresqls_only(schema: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidNaming):
        SqlStore.open(create_database(), KINDS, schema=schema)
    with pytest.raises(InvalidNaming):
        SqlStore.open(f"sqlite:///{tmp_path / 'market.db'}", KINDS, schema="north")


@pytest.mark.parametrize("name", ["stock", "reservation", "counter", "record", "stream", "event", "inbox", "layout"])
def test_no_kind_bears_the_name_of_a_system_table(name: str, tmp_path: Path) -> None:
    kind: Kind[Parcel] = Kind(name, Parcel)
    with pytest.raises(KindNameTaken, match=name):
        MemoryStore([kind])
    with pytest.raises(KindNameTaken, match=name):
        SqlStore.open(f"sqlite:///{tmp_path / 'market.db'}", [kind])
    with pytest.raises(KindNameTaken, match=name):
        build_metadata([kind])
    assert not (tmp_path / "market.db").exists()


def test_no_two_kinds_share_a_table(tmp_path: Path) -> None:
    twins: list[Kind[Any]] = [PARCELS, Kind("testing_parcel", Parcel)]
    with pytest.raises(KindNameTaken):
        SqlStore.open(f"sqlite:///{tmp_path / 'market.db'}", twins)
    with pytest.raises(KindNameTaken):
        MemoryStore(twins)
    MemoryStore([PARCELS, PARCELS])  # the same kind twice is one


def test_names_of_kinds_and_columns_never_run_together(url: str) -> None:
    one: Kind[Parcel] = Kind("a", Parcel, {"b_c": column("merchant")})
    other: Kind[Parcel] = Kind("a_b", Parcel, {"c": column("merchant")})
    third: Kind[Parcel] = Kind("a_b_c", Parcel)
    store = SqlStore.open(url, [one, other, third])
    with store.begin(OPERATOR) as unit:
        for kind in (one, other, third):
            unit.repository(kind).add(Parcel("p1", "acme"))
        unit.commit()
    store.close()


def test_every_name_stays_below_what_postgresql_cuts() -> None:
    columns = {f"{letter * 40}": column("merchant") for letter in "ab"}
    kind: Kind[Entry] = Kind(
        "k" * 40,
        Entry,
        columns,
        (tuple(columns),),
        ordered={"o" * 40: Ordered(column("rank"), int, within=tuple(columns))},
    )
    names = [name for table in build_metadata([kind], prefix="x" * 20).tables.values() for name in _list_names(table)]
    assert len(set(names)) == len(names) > 15
    assert max(map(len, names)) <= 63
    store = SqlStore.open(create_database(), [kind], prefix="x" * 20)
    with store.begin(OPERATOR) as unit:
        unit.repository(kind).add(Entry("e1", "acme", rank=1))
        unit.commit()
    store.close()


def _list_names(table: Any) -> list[str]:
    return [table.name, *(str(index.name) for index in table.indexes)]


@pytest.mark.parametrize(
    "theirs",
    [
        "CREATE TABLE mktcore_testing_entry (id integer)",
        "CREATE TABLE mktcore_stock (id integer)",
        "CREATE TABLE mktcore_layout (name text, version integer)",
        "CREATE TABLE mktcore_layout (page text)",
        "CREATE VIEW mktcore_event AS SELECT 1 AS one",
        "CREATE TABLE t (rank integer); create index INDEX ON t (rank)",
    ],
)
def test_what_bears_our_name_and_is_not_ours_is_refused_by_name(
    theirs: str, url: str, run: Callable[[str], None]
) -> None:
    theirs = theirs.replace("INDEX", Naming().name_index("testing_entry", "rank"))
    run(theirs)
    before = dump(url, without="nothing")
    for _ in range(2):
        with pytest.raises(TableTaken, match="mktcore_") as refused:
            SqlStore.open(url, KINDS)
        assert all(name in theirs for name in refused.value.names)
    assert dump(url, without="nothing") == before
    store = SqlStore.open(url, KINDS, prefix="shop_")
    with store.begin(OPERATOR) as unit:
        unit.repository(ENTRIES).add(Entry("e1", "acme", rank=1))
        unit.commit()
    store.close()


def test_a_type_of_postgresql_that_bears_our_name_is_refused_too() -> None:
    url = create_database()
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TYPE mktcore_testing_entry AS ENUM ('a')"))
    before = dump_types(engine)
    with pytest.raises(TableTaken, match="mktcore_testing_entry"):
        SqlStore.open(url, KINDS)
    assert dump_types(engine) == before == ["mktcore_testing_entry"]
    engine.dispose()


def dump_types(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typelem = 0")
        )
        return sorted(str(name) for name in found.scalars())


def test_a_table_that_another_market_made_is_not_taken(url: str) -> None:
    longer: Kind[Parcel] = Kind("b_parcel", Parcel)
    SqlStore.open(url, [Kind("parcel", Parcel)], prefix="a_b_").close()
    with pytest.raises(TableTaken, match="a_b_parcel"):
        SqlStore.open(url, [longer], prefix="a_")


def test_one_of_our_tables_that_lost_what_it_needs_is_refused(url: str, run: Callable[[str], None]) -> None:
    SqlStore.open(url, KINDS).close()
    run("ALTER TABLE mktcore_testing_entry RENAME COLUMN document TO kept")
    run("ALTER TABLE mktcore_inbox RENAME COLUMN event TO e")
    with pytest.raises(TableTaken) as refused:
        SqlStore.open(url, KINDS)
    assert refused.value.names == ("mktcore_inbox", "mktcore_testing_entry")


def test_a_database_of_a_later_release_is_refused(url: str, run: Callable[[str], None]) -> None:
    SqlStore.open(url, KINDS).close()
    run("UPDATE mktcore_layout SET version = 9 WHERE name = '*'")
    for create in (True, False):
        with pytest.raises(LayoutTooNew, match="version 9"):
            SqlStore.open(url, KINDS, create=create)


def test_an_ordered_column_that_a_kind_gained_is_made_filled_and_walked(url: str) -> None:
    older: Kind[Entry] = Kind("testing_entry", Entry, {"merchant": column("merchant")}, merchant="merchant")
    store = SqlStore.open(url, [older])
    with store.begin(OPERATOR) as unit:
        unit.repository(older).add_many([Entry(f"e{n:04}", "acme", rank=-n) for n in range(1_500)])
        unit.commit()
    store.close()
    store = SqlStore.open(url, [ENTRIES])
    with store.begin(Scope.merchant("acme")) as unit:
        found = unit.repository(ENTRIES).page(order="rank", limit=2).items
        assert [(one.id, one.version) for one in found] == [("e1499", 1), ("e1498", 1)]
    store.close()
