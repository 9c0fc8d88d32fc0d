"""Pages of orders over a database that holds very many: the first and a deep one, by every filter, in milliseconds.

python tests/long/lists.py --store sqlite --orders 1000 100000 1000000
python tests/long/lists.py --store postgresql --orders 1000 100000 1000000

Rows are written directly, past the library, which only reads them: a market of this size is not placed in an hour. The
last table says how much slower a page is in the largest database than in the smallest one; it exits with 1 where one is
five times slower and takes more than 5 ms.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from sqlalchemy import create_engine
from stress import make_database

from markets import LAMPS, open_market
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.orders.order import MARKETPLACE_ORDERS, MERCHANT_ORDERS
from mktcore.orders.order_stage import OrderStage
from mktcore.persistence import Kind, Scope
from mktcore.persistence.ranges import AtLeast, AtMost
from mktcore.testing.fakes import ManualClock
from mktcore.wire import Codec

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
BUYERS, MERCHANTS = 10, 10  # so few that the smallest database has a page of everything that is asked
STAGES = (*[OrderStage.CLOSED] * 9, OrderStage.OPEN, OrderStage.CANCELED)  # 11: in step with no party
OPERATOR, MERCHANT, BUYER = Scope.operator(), Scope.merchant("m0003"), Scope.buyer("b0003")
TURNS, LIMIT = 30, 5


def place_one(folder: Path) -> Any:
    """Return an order as the library places it, which all the others are copies of."""
    with open_market("memory", folder, ManualClock(BEGIN), LAMPS) as market:
        cart = Cart.of("CART", buyer="ann", lines=[CartLine("l1", "lamp", 1, offer="acme-lamp")])
        return market.place(cart, key="k", scope=OPERATOR)


def list_rows(kind: Kind[Any], value: Any, count: int) -> Iterator[tuple[Any, ...]]:
    """Yield rows of a kind: ids in another order than instants, as ids that a host chooses are."""
    tag, document = Codec().write_fields(value)
    for number in range(count):
        name, buyer, merchant = (
            f"o{number * 7919 % count:07}",
            f"b{number // MERCHANTS % BUYERS:04}",
            f"m{number % MERCHANTS:04}",
        )
        placed, stage = BEGIN + timedelta(seconds=number), STAGES[number % len(STAGES)]
        values = {"order-1--acme": f"{name}--{merchant}", "order-1": name, "CART": f"c{name}", "ann": buyer}
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
        row |= {"open_on": "merchant-order v1" if stage is OrderStage.OPEN else None}
        yield (row["id"], 1, tag, written, *(row[column] for column in kind.readers))


def _show(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def write_rows(market: Marketplace, kind: Kind[Any], value: Any, count: int) -> None:
    """Fill a table of an empty database; its indexes are made afterwards, as is usual for so much."""
    store: Any = market.store
    table = store._tables.kinds[kind.name]
    columns = ["id", "version", "type", "document", *kind.readers]
    # On a connection of its own: those of the store let no statement run for minutes.
    engine = create_engine(store.engine.url)
    with engine.begin() as connection:
        for index in table.indexes:
            index.drop(connection)
        rows = list_rows(kind, value, count)
        while batch := list(islice(rows, 5_000)):
            connection.execute(table.insert(), [dict(zip(columns, row, strict=True)) for row in batch])
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            index.create(connection)
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"ANALYZE {table.name}")
    engine.dispose()


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
        ("a buyer's, newest", whole, BUYER, {}, "-placed_at"),
        ("a buyer's by stage", whole, BUYER, {"stage": "open"}, "-placed_at"),
    ]
    for name, listed, scope, where, order in asked:
        deep = find_deep(listed, scope, order, middle=middle, count=count)
        page = partial(listed.page, scope=scope, where=where, order=order, limit=LIMIT)
        yield name, "first", page
        yield name, "deep", partial(page, after=deep)


def find_deep(listed: Any, scope: Scope, order: str | None, *, middle: datetime, count: int) -> Any:
    """Return the cursor of a record in the middle of a list: a cursor is good for any filter of its order."""
    if order is None:
        return f"o{count // 2:07}"
    bound = AtMost(middle) if order.startswith("-") else AtLeast(middle)
    return listed.page(scope=scope, where={"placed_at": bound}, order=order, limit=1).next


def measure(look: Callable[[], Any]) -> float:
    """Return the median of some looks, in milliseconds; the first one warms up."""
    taken = []
    for _ in range(TURNS + 1):
        began = time.perf_counter()
        look()
        taken.append(time.perf_counter() - began)
    return median(taken[1:]) * 1000


def run(store: str, count: int, order: Any) -> dict[tuple[str, str], float]:
    with make_database(store) as url, closing(Marketplace.open(url, "EUR")) as market:
        began = time.perf_counter()
        write_rows(market, MERCHANT_ORDERS, order.merchant_orders[0], count)
        write_rows(market, MARKETPLACE_ORDERS, order.marketplace_order, count)
        print(f"{store}: {count:,} orders written in {time.perf_counter() - began:.0f} s", flush=True)
        return {(name, place): measure(look) for name, place, look in list_looks(market, count)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--orders", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    asked = parser.parse_args()
    order = place_one(Path(tempfile.mkdtemp(prefix="mktcore-lists-")))
    found = {count: run(asked.store, count, order) for count in asked.orders}
    smallest, largest = found[min(found)], found[max(found)]
    print(f"\np50 in ms, pages of {LIMIT}: {asked.store}, {', '.join(f'{count:,}' for count in found)} orders")
    for name, place in largest:
        figures = "  ".join(f"{one[name, place]:8.2f}" for one in found.values())
        print(f"{name:32} {place:6} {figures}")
    worst = [key for key in largest if largest[key] > max(5.0, 5 * smallest[key])]
    print("flat" if not worst else f"not flat: {worst}")
    return 1 if worst else 0


if __name__ == "__main__":
    sys.exit(main())
