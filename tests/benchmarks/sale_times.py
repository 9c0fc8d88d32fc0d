"""What a whole sale costs on each store, beside a floor by hand and the target: simulate, place, and ship a part.

    python tests/benchmarks/sale_times.py [--stores memory sqlite postgresql] [--rounds 25] [--throughput]

500 SKUs of 10 merchants with 3 offers each, shipping fees, taxes, commission; a third of the lines names its offer, and
every cart is another. The library and its floor take turns. Times are the best of all rounds, in ms, by the clock
(which neighbours spoil) and of the processor (which is this process alone: PostgreSQL's own work is not in it). The
floor (`sale_floor.py`) works on tables of its own; in memory it is copying what the documents of the sale say.
"""
# ruff: noqa: T201 - figures are printed

import argparse
import copy
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import attrs

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.sale_floor import Floor, Writes, record_rows, subtract_rows
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.orders import Order
from mktcore.persistence import Scope
from mktcore.sql import SqlStore
from mktcore.sql.session import SqlSession
from persistence.opening import create_database

OPERATOR = Scope.operator()
SKUS, MERCHANTS, OFFERS = 500, 10, 3
STORES = ("memory", "sqlite", "postgresql")
TARGETS = {
    (4, "simulate", "sqlite"): 1.8,
    (4, "place", "sqlite"): 6.5,
    (4, "simulate", "postgresql"): 3.5,
    (4, "place", "postgresql"): 9.0,
    (4, "locked", "sqlite"): 3.0,
    (4, "locked", "postgresql"): 3.0,
    (100, "simulate", "memory"): 6.0,
    (100, "simulate", "sqlite"): 12.0,
    (100, "place", "memory"): 12.0,
    (100, "place", "sqlite"): 35.0,
    (100, "ship", "memory"): 0.6,
    (100, "ship", "sqlite"): 6.0,
}
"""Milliseconds on a quiet machine, by lines, what is done and the store."""
Taken = tuple[float, float]
"""By the clock, and of the processor, in milliseconds."""


def write_market(folder: Path) -> Path:
    """Write the files of the market into a folder that is not there yet."""
    folder.mkdir()
    files = {
        "merchants": ("merchant,name", [f"m{n},Merchant {n}" for n in range(MERCHANTS)]),
        "tax_rates": ("tax_category,name,rate", ["standard,VAT,0.19", "reduced,VAT,0.07"]),
        "skus": (
            "sku,name,brand,category,tax_category",
            [f"s{n},Thing {n},Brand,things,{'standard' if n % 3 else 'reduced'}" for n in range(SKUS)],
        ),
        "offers": (
            "offer,merchant,sku,price,currency,stock",
            [
                f"o{n}-{k},m{(n + k) % MERCHANTS},s{n},{5 + (n * 7 + k * 3) % 90}.{n * 13 % 100:02d},EUR,10000000"
                for n in range(SKUS)
                for k in range(OFFERS)
            ],
        ),
        "shipping_fees": ("merchant,fee,free_from,tax_category", [f"m{n},4.90,150.00,standard" for n in range(10)]),
        "commission_rules": (
            "rule,group,priority,merchant,category,rate,fixed,valid_from,valid_until",
            ["sale,sale,0,,,0.12,,,"],
        ),
    }
    for name, (head, rows) in files.items():
        (folder / f"{name}.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return folder


@attrs.define
class Shop:
    """A market whose carts and keys are its own."""

    market: Marketplace
    prefix: str = "c"
    _numbers: Iterator[int] = attrs.field(factory=count, init=False)

    def make_cart(self, lines: int) -> Cart:
        """Return a cart of so many lines, from ten merchants as far as they name an offer."""
        number = next(self._numbers)
        asked = []
        for line in range(lines):
            sku = (line * 37 + number * 11) % SKUS
            offer = (line - sku) % MERCHANTS
            name = f"o{sku}-{offer}" if offer < OFFERS else None
            asked.append(CartLine(f"l{line}", f"s{sku}", 1 + line % 4, offer=name))
        return Cart.of(f"{self.prefix}{number:06}", buyer=f"b{number % 50}", lines=asked)

    def simulate(self, cart: Cart) -> None:
        """Price it."""
        self.market.simulate(cart, scope=OPERATOR)

    def place(self, cart: Cart) -> Order:
        """Order it."""
        return self.market.place(cart, key=f"key-{cart.id}", scope=OPERATOR)

    def ship(self, order: Order) -> None:
        """Ship what its first merchant sells."""
        part = order.merchant_orders[0].id
        self.market.fire(part, "ship", key=f"ship-{part}", scope=OPERATOR)


class HandShop:
    """The same sale by hand, on the tables of a shop of its own."""

    def __init__(self, shop: Shop, lines: int) -> None:
        """Record what one sale writes."""
        self._numbers = count()
        self._shop, self._lines = shop, lines
        store = shop.market.store
        shop.place(shop.make_cart(lines))  # what the first of all sales makes, no other does
        self._cart = shop.make_cart(lines)
        if not isinstance(store, SqlStore):
            self.order = shop.place(self._cart)
            return
        self.floor = Floor(store.engine.url, store.metadata)
        self.placed, self.order = self._record(store, lambda: shop.place(self._cart))
        self.shipped, _ = self._record(store, lambda: shop.ship(self.order))

    def _record(self, store: SqlStore, work: Callable[[], Any]) -> tuple[Writes, Any]:
        with store.engine.connect() as connection:
            before = record_rows(connection, store.metadata)
        done = work()
        with store.engine.connect() as connection:
            return subtract_rows(record_rows(connection, store.metadata), before), done

    def simulate(self, cart: Cart) -> None:
        """Price a cart."""
        self.floor.price([(line.sku, line.quantity) for line in cart.lines])

    def place(self, cart: Cart) -> dict[str, str]:
        """Price a cart, and write what was recorded under new names, which are returned."""
        self.simulate(cart)
        names = {self.order.id: f"by-hand-{next(self._numbers):015}", self._cart.id: cart.id}
        self.floor.write(self.placed, names)
        return names

    def ship(self, names: dict[str, str]) -> None:
        """Write what shipping was recorded to write, after reading what it changes."""
        order = next(iter(names.values()))
        part = self.order.merchant_orders[0].id.replace(self.order.id, order)
        self.floor.read("mktcore_marketplace_order", "id", [order])
        self.floor.read("mktcore_merchant_order", "order_id", [order])
        self.floor.read("mktcore_order_funds", "id", [order])
        self.floor.write(self.shipped, {**names, f"ship-{self.order.merchant_orders[0].id}": f"ship-{part}"})


def take(work: Callable[[Any], Any], given: Any) -> tuple[Any, Taken]:
    """Return what came of some work, and what it took."""
    clock, processor = time.perf_counter(), time.process_time()
    done = work(given)
    return done, ((time.perf_counter() - clock) * 1e3, (time.process_time() - processor) * 1e3)


def measure(shop: Any, carts: Shop, lines: int, rounds: int) -> dict[str, Taken]:
    """Return the best of some sales, by what is done."""
    found: dict[str, list[Taken]] = {"simulate": [], "place": [], "ship": []}
    for number in range(rounds + 3):
        _, simulated = take(shop.simulate, carts.make_cart(lines))
        order, placed = take(shop.place, carts.make_cart(lines))
        _, shipped = take(shop.ship, order)
        if number >= 3:
            for name, one in zip(found, (simulated, placed, shipped), strict=True):
                found[name].append(one)
    return {name: (min(one[0] for one in taken), min(one[1] for one in taken)) for name, taken in found.items()}


class Locks:
    """Notes how long units hold what they write, while it watches."""

    def __init__(self) -> None:
        """Watch every session of this process."""
        self.held = list[float]()
        begin, commit, begun = SqlSession.begin_writing, SqlSession.commit, [0.0]

        def begin_writing(session: SqlSession) -> None:
            was_writing = session._is_writing
            begin(session)
            if not was_writing:
                begun[0] = time.perf_counter()

        def commit_all(session: SqlSession) -> None:
            commit(session)
            self.held.append((time.perf_counter() - begun[0]) * 1e3)

        watched: Any = SqlSession
        watched.begin_writing, watched.commit = begin_writing, commit_all


def open_shop(store: str, folder: Path, stack: ExitStack, prefix: str) -> Shop:
    """Open and load a market of its own."""
    urls = {"memory": "memory://", "sqlite": f"sqlite:///{folder / f'{prefix}.db'}"}
    market = stack.enter_context(Marketplace.open(urls.get(store) or create_database(), "EUR"))
    market.load(folder / "files")
    return Shop(market, prefix)


def measure_store(store: str, folder: Path, *, lines: int, rounds: int) -> None:
    """Print the rows of one store and size of cart."""
    with ExitStack() as stack:
        shop = open_shop(store, folder, stack, f"a{lines}-")
        hand = None if store == "memory" else HandShop(open_shop(store, folder, stack, f"b{lines}-"), lines)
        locks, ours, floors = Locks(), dict[str, Taken](), dict[str, Taken]()
        for _ in range(3):
            one = measure(shop, shop, lines, max(1, rounds // 3))
            ours = {name: _least(ours.get(name), taken) for name, taken in one.items()}
            if hand is not None:
                one = measure(hand, Shop(shop.market, f"h{time.time_ns()}-"), lines, max(1, rounds // 3))
                floors = {name: _least(floors.get(name), taken) for name, taken in one.items()}
        if hand is None:
            floors["place"] = _take_apart(shop.place(shop.make_cart(lines)))
        else:
            locks.held.clear()
            for _ in range(rounds):
                shop.place(shop.make_cart(lines))
            ours["locked"] = (min(locks.held), 0.0)
            hand.floor.close()
        for name, taken in ours.items():
            print_row(lines, store, name=name, taken=taken, floor=floors.get(name))


def _least(known: Taken | None, taken: Taken) -> Taken:
    return taken if known is None else (min(known[0], taken[0]), min(known[1], taken[1]))


def _take_apart(order: Order) -> Taken:
    """Return what it takes to copy all that a sale's documents say, field by field: a floor of keeping it."""
    plain = attrs.asdict(order.marketplace_order), [attrs.asdict(part) for part in order.merchant_orders]
    text = json.dumps(plain, default=str)
    return min(take(copy.deepcopy, json.loads(text))[1] for _ in range(5))


def print_row(lines: int, store: str, *, name: str, taken: Taken, floor: Taken | None) -> None:
    """Print one figure beside its floor and its target."""
    target = TARGETS.get((lines, name, store))
    beside = "" if floor is None else f"{floor[0]:8.2f} {floor[1]:8.2f}   x {taken[0] / floor[0]:4.1f}"
    said = "" if target is None else f"{target:6.1f}  {'reached' if taken[0] <= target else 'above'}"
    print(f"{lines:5} {store:11} {name:9} {taken[0]:8.2f} {taken[1]:8.2f}   {beside:28} {said}", flush=True)


def place_all(url: str, prefix: str, *, seconds: float, lines: int, is_hot: bool) -> list[float]:
    """Place carts for some time, and return what each took in milliseconds."""
    found = []
    with Marketplace.open(url, "EUR") as market:
        shop = Shop(market, prefix)
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            cart = shop.make_cart(lines)
            if is_hot:
                cart = attrs.evolve(cart, lines=(CartLine("l0", "s1", 1, offer="o1-0"),))
            found.append(take(shop.place, cart)[1][0])
    return found


def measure_throughput(folder: Path, seconds: float) -> None:
    """Print placements a second on PostgreSQL, by one process and by four."""
    print("\nPostgreSQL: processes, cart, placements a second, p50 and p99 in ms, p99 / p50")
    with ExitStack() as stack:
        shop = open_shop("postgresql", folder, stack, "t-")
        url = shop.market.store.engine.url.render_as_string(hide_password=False)  # type: ignore[attr-defined]  # it is SQL
        for processes, lines, is_hot in ((1, 4, False), (4, 4, False), (1, 1, True), (4, 1, True)):
            tag = f"t{processes}{lines}-"
            place = partial(place_all, url, seconds=seconds, lines=lines, is_hot=is_hot)
            with multiprocessing.get_context("spawn").Pool(processes) as pool:
                found = pool.map(place, [f"{tag}{n}-" for n in range(processes)])
            taken = sorted(one for some in found for one in some)
            half, most = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
            cart = "one hot SKU" if is_hot else f"{lines} lines"
            print(
                f"{processes:3}  {cart:12} {len(taken) / seconds:7.0f}/s {half:8.1f} {most:8.1f}   x {most / half:.1f}"
            )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stores", nargs="+", default=STORES, choices=STORES)
    parser.add_argument("--lines", nargs="+", type=int, default=[4, 100])
    parser.add_argument("--rounds", type=int, default=24)
    parser.add_argument("--throughput", action="store_true")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_market(folder / "files")
        print("lines store       what         clock      cpu      floor      cpu             target")
        for lines in asked.lines:
            for store in asked.stores:
                measure_store(store, folder, lines=lines, rounds=asked.rounds)
        if asked.throughput:
            measure_throughput(folder, 5.0)


if __name__ == "__main__":
    main()
