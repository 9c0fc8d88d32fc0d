"""Pages of orders over a database that holds very many: the first and a deep one, by every filter, in milliseconds.

python tests/long/lists.py --store sqlite --orders 1000 100000 1000000
python tests/long/lists.py --store postgresql --orders 1000 100000 1000000

Rows are written directly, past the library, which only reads them: a market of this size is not placed in an hour.

The machine may be busy, so nothing is measured once, or one size after the other: every look is made in all databases
in turn, again and again, and of each the best counts, beside a look-up of one record by its id. Of PostgreSQL the table
has the time that the server itself took, and the pages of memory that it touched, which do not depend on the machine.
It exits with 1 where a page costs three times as much in the largest database as in the smallest one, in either.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import attrs

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from sqlalchemy import Table, create_engine, event
from stress import make_database

from markets import LAMPS, open_market
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.orders.merchant_order import MERCHANT_ORDERS
from mktcore.orders.order import MARKETPLACE_ORDERS
from mktcore.orders.order_stage import OrderStage
from mktcore.persistence import Kind, Scope
from mktcore.persistence.ranges import AtLeast, AtMost
from mktcore.testing.fakes import ManualClock
from mktcore.wire import Codec

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
BUYERS, MERCHANTS = 10, 10  # so few that the smallest database has a page of everything that is asked
STAGES = (*[OrderStage.CLOSED] * 9, OrderStage.OPEN, OrderStage.CANCELED)  # 11: in step with no party
OPERATOR, MERCHANT, BUYER = Scope.operator(), Scope.merchant("m0003"), Scope.buyer("b0003")
SKUS = 7  # in step with no party
TURNS, LIMIT = 25, 5
MOST = 3
"""How much more a page may cost in the largest database than in the smallest, in time and in pages of memory."""


@attrs.define
class Cost:
    """What a look costs.

    Attributes:
        taken: The best time, in milliseconds: on PostgreSQL the server's own, else that of the whole call.
        buffers: Pages of memory that PostgreSQL touched; 0 on SQLite.
        called: The best time of the whole call.
    """

    taken: float = float("inf")
    buffers: int = 0
    called: float = float("inf")


def place_one(folder: Path) -> Any:
    """Return an order as the library places it, which all the others are copies of."""
    with open_market("memory", folder, ManualClock(BEGIN), LAMPS) as market:
        cart = Cart.of("CART", buyer="ann", lines=[CartLine("l1", "lamp", 1, offer="acme-lamp")])
        return market.place(cart, key="k", scope=OPERATOR)


def list_rows(kind: Kind[Any], value: Any, count: int) -> Iterator[dict[str, Any]]:
    """Yield what a kind's tables hold of its records: ids in another order than instants, as those of hosts are."""
    tag, document = Codec().write_fields(value)
    for number in range(count):
        name, buyer, merchant = (
            f"o{number * 7919 % count:07}",
            f"b{number // MERCHANTS % BUYERS:04}",
            f"m{number % MERCHANTS:04}",
        )
        placed, stage = BEGIN + timedelta(seconds=number), STAGES[number % len(STAGES)]
        values = {"order-1--acme": f"{name}--{merchant}", "order-1": name, "CART": f"c{name}", "ann": buyer}
        values |= {"lamp": f"s{number % SKUS:04}"}
        written = document.replace('"stage":"open"', f'"stage":"{stage}"')
        # A cursor is made of what the document says.
        written = written.replace(f'"placed_at":"{_show(BEGIN)}"', f'"placed_at":"{_show(placed)}"')
        for mark, text in (values | {"acme": merchant}).items():
            written = written.replace(f'"{mark}"', f'"{text}"')
        row: dict[str, Any] = {
            "id": f"{name}--{merchant}" if kind is MERCHANT_ORDERS else name,
            "order_id": name,
            "merchant": merchant,
        }
        row |= {"buyer": buyer, "cart": f"c{name}", "stage": stage.value, "standing": buyer, "placed_at": placed}
        row |= {"open_on": "merchant-order v1" if stage is OrderStage.OPEN else None, "sku": values["lamp"]}
        yield {**row, "version": 1, "type": tag, "document": written}


def _show(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def write_rows(market: Marketplace, kind: Kind[Any], value: Any, count: int) -> None:
    """Fill the tables of a kind in an empty database; its indexes are made afterwards, as is usual for so much."""
    store: Any = market.store
    tables = [store._tables.kinds[kind.name], *(store._tables.values[kind.name, name] for name in kind.several)]
    # On a connection of its own: those of the store let no statement run for minutes.
    engine = create_engine(store.engine.url)
    is_postgresql = engine.dialect.name == "postgresql"
    with engine.begin() as connection:
        indexes = [index for table in tables for index in table.indexes]
        for index in indexes:
            index.drop(connection)
        rows = list_rows(kind, value, count)
        while batch := list(islice(rows, 5_000)):
            for table in tables:
                (copy_rows if is_postgresql else insert_rows)(connection, table, batch)
        for index in sorted(indexes, key=lambda one: str(one.name)):
            index.create(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables:
            # Without it the first looks would write what a vacuum writes, and the planner would guess.
            connection.exec_driver_sql(f"VACUUM ANALYZE {table.name}" if is_postgresql else f"ANALYZE {table.name}")
    engine.dispose()


def insert_rows(connection: Any, table: Table, rows: list[dict[str, Any]]) -> None:
    names = [column.name for column in table.columns]
    connection.execute(table.insert(), [{name: row[name] for name in names} for row in rows])


def copy_rows(connection: Any, table: Table, rows: list[dict[str, Any]]) -> None:
    names = [column.name for column in table.columns]
    listed = ", ".join(f'"{name}"' for name in names)
    with connection.connection.cursor() as cursor, cursor.copy(f"COPY {table.name} ({listed}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row[name] for name in names])


def list_looks(market: Marketplace, count: int) -> Iterator[tuple[str, Any, Callable[[], Any]]]:
    """Yield what is asked, as whom, and how: the first page, and one in the middle of the list."""
    merchants, whole = market.orders.merchant_orders, market.orders.marketplace_orders
    middle = BEGIN + timedelta(seconds=count // 2)
    asked: list[tuple[str, Any, Scope, dict[str, Any], str | None]] = [
        ("merchant orders", merchants, OPERATOR, {}, None),
        ("merchant orders, newest", merchants, OPERATOR, {}, "-placed_at"),
        (
            "merchant orders by date",
            merchants,
            OPERATOR,
            {"placed_at": AtMost(middle + (middle - BEGIN) / 2)},
            "-placed_at",
        ),
        ("merchant orders by stage", merchants, OPERATOR, {"stage": "open"}, "-placed_at"),
        ("merchant orders by merchant", merchants, OPERATOR, {"merchant": "m0003"}, "-placed_at"),
        ("merchant orders by buyer", merchants, OPERATOR, {"buyer": "b0003"}, "-placed_at"),
        ("merchant orders by number", merchants, OPERATOR, {"order_id": "o0000001"}, None),
        ("merchant orders by SKU", merchants, OPERATOR, {"sku": "s0003"}, None),
        ("merchant orders by SKU, merchant", merchants, OPERATOR, {"sku": "s0003", "merchant": "m0003"}, None),
        ("a merchant's by SKU", merchants, MERCHANT, {"sku": "s0003"}, "placed_at"),
        (
            "a merchant's by SKU, date",
            merchants,
            MERCHANT,
            {"sku": "s0003", "placed_at": AtLeast(BEGIN + (middle - BEGIN) / 2)},
            "placed_at",
        ),
        ("a merchant's, newest", merchants, MERCHANT, {}, "-placed_at"),
        ("a merchant's by stage", merchants, MERCHANT, {"stage": "open"}, "-placed_at"),
        (
            "a merchant's by date",
            merchants,
            MERCHANT,
            {"placed_at": AtLeast(BEGIN + (middle - BEGIN) / 2)},
            "placed_at",
        ),
        ("a merchant's by buyer", merchants, MERCHANT, {"buyer": "b0003"}, "-placed_at"),
        ("orders, newest", whole, OPERATOR, {}, "-placed_at"),
        ("orders by stage", whole, OPERATOR, {"stage": "open"}, "-placed_at"),
        ("orders by cart", whole, OPERATOR, {"cart": "co0000001"}, None),
        ("orders by SKU", whole, OPERATOR, {"sku": "s0003"}, None),
        ("a buyer's by SKU", whole, BUYER, {"sku": "s0003"}, "-placed_at"),
        ("a buyer's, newest", whole, BUYER, {}, "-placed_at"),
        ("a buyer's by stage", whole, BUYER, {"stage": "open"}, "-placed_at"),
    ]
    yield "one order by its id", "", partial(merchants.get, find_id(count), scope=OPERATOR)
    for name, listed, scope, where, order in asked:
        order = order or ("-placed_at" if "sku" in where else None)  # noqa: PLW2901 - what the list takes itself
        deep = find_deep(listed, scope, order, middle=middle, count=count)
        page = partial(listed.page, scope=scope, where=where, order=order, limit=LIMIT)
        yield name, "first", page
        yield name, "deep", partial(page, after=deep)


def find_id(count: int) -> str:
    number = count // 2
    return f"o{number * 7919 % count:07}--m{number % MERCHANTS:04}"


def find_deep(listed: Any, scope: Scope, order: str | None, *, middle: datetime, count: int) -> Any:
    """Return the cursor of a record in the middle of a list: a cursor is good for any filter of its order."""
    if order is None:
        return f"o{count // 2:07}"
    bound = AtMost(middle) if order.startswith("-") else AtLeast(middle)
    return listed.page(scope=scope, where={"placed_at": bound}, order=order, limit=1).next


def measure(market: Marketplace, look: Callable[[], Any], cost: Cost) -> None:
    """Make one look, and keep what it cost where that is less than before."""
    engine = market.store.engine  # type: ignore[attr-defined]  # a store in SQL
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    began = time.perf_counter()
    look()
    called = (time.perf_counter() - began) * 1000
    event.remove(engine, "before_cursor_execute", note)
    cost.called = min(cost.called, called)
    if engine.dialect.name != "postgresql":
        cost.taken = cost.called
        return
    with engine.connect() as probe:
        plans = [
            probe.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters).scalar()[0]
            for statement, parameters in sent
            if statement.lstrip().startswith("SELECT")
        ]
    cost.taken = min(cost.taken, sum(plan["Planning Time"] + plan["Execution Time"] for plan in plans))
    cost.buffers = sum(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] for plan in plans)


def run(store: str, counts: list[int], order: Any) -> dict[tuple[str, str], dict[int, Cost]]:
    """Fill a database of each size, and look at all of them in turn."""
    with ExitStack() as stack:
        looks: dict[int, list[tuple[str, str, Callable[[], Any]]]] = {}
        markets = {}
        for count in counts:
            url = stack.enter_context(make_database(store))
            market = markets[count] = stack.enter_context(closing(Marketplace.open(url, "EUR")))
            began = time.perf_counter()
            write_rows(market, MERCHANT_ORDERS, order.merchant_orders[0], count)
            write_rows(market, MARKETPLACE_ORDERS, order.marketplace_order, count)
            print(f"{store}: {count:,} orders written in {time.perf_counter() - began:.0f} s", flush=True)
            looks[count] = list(list_looks(market, count))
        found = {(name, place): {count: Cost() for count in counts} for name, place, _ in looks[counts[0]]}
        for _ in range(TURNS):
            for places in zip(*looks.values(), strict=True):
                for count, (name, place, look) in zip(counts, places, strict=True):
                    measure(markets[count], look, found[name, place][count])
        return found


def list_steeper(found: dict[tuple[str, str], dict[int, Cost]], counts: list[int]) -> Iterator[str]:
    """Yield the looks that cost more in the largest database than they may."""
    for (name, place), costs in found.items():
        small, large = costs[min(counts)], costs[max(counts)]
        # A tenth of a millisecond is the clock's and the scheduler's.
        if large.taken > MOST * small.taken + 0.1 or large.buffers > MOST * small.buffers:
            yield f"{name} {place}".strip()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--orders", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    asked = parser.parse_args()
    order = place_one(Path(tempfile.mkdtemp(prefix="mktcore-lists-")))
    found = run(asked.store, asked.orders, order)
    sizes = ", ".join(f"{count:,}" for count in asked.orders)
    print(f"\nbest of {TURNS}, pages of {LIMIT}: {asked.store}, {sizes} orders")
    print("ms (on PostgreSQL of the server), ms of the whole call, pages of memory")
    for (name, place), costs in found.items():
        figures = "  ".join(f"{one.taken:6.2f} {one.called:6.2f} {one.buffers:4}" for one in costs.values())
        print(f"{name:34} {place:6} {figures}")
    steeper = list(list_steeper(found, asked.orders))
    print("flat" if not steeper else f"not flat: {steeper}")
    return 1 if steeper else 0


if __name__ == "__main__":
    sys.exit(main())
