"""Replay an order history through the library: every order at its own prices, freight as expenses, with its payments.

    python examples/replay_orders.py FOLDER [--store URL] [--json]

FOLDER holds `order_items.csv` and, where there are any, `orders.csv` and `order_payments.csv`, plain or gzipped, in
the format of the order data that Olist published. What the files sum to is compared, order by order, with what the
library makes of them: `drift_minor` is the sum of the absolute differences in cents.
"""

import argparse
import csv
import gzip
import io
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import attrs
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from mktcore.carts import Cart, CartLine
from mktcore.checkout import PlacementRefused
from mktcore.errors import MktcoreError
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.orders import Order
from mktcore.payments import Payment
from mktcore.totals import Expense

CURRENCY = "BRL"
COLUMNS = {
    "order_items.csv": {"order_id", "product_id", "seller_id", "price", "freight_value"},
    "orders.csv": {"order_id", "customer_id"},
    "order_payments.csv": {"order_id", "payment_type", "payment_value"},
}


@attrs.frozen
class Item:
    """A row of the history: one piece, its seller, price and freight."""

    product: str
    seller: str
    price: Money
    freight: Money

    @property
    def offer(self) -> str:
        """A seller sold a product at several prices over time: each is an offer of its own."""
        return f"{self.seller}/{self.product}@{self.price.amount}"


@attrs.frozen
class History:
    """The orders of the files, in their order."""

    items: Mapping[str, Sequence[Item]]
    buyers: Mapping[str, str]
    payments: Mapping[str, Sequence[Payment]]


@attrs.define
class Result:
    """What the replay came to; `--json` prints exactly these."""

    orders: int = 0
    merchant_orders: int = 0
    multi_merchant_orders: int = 0
    orders_per_second: float = 0.0
    drift_minor: int = 0
    exceptions: list[dict[str, str]] = attrs.field(factory=list)


def read_rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            data = path.read_bytes()
            text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
            rows = csv.DictReader(io.StringIO(text, newline=""))
            missing = COLUMNS[name] - set(rows.fieldnames or ())
            if missing:
                sys.exit(f"{path}: no column {', '.join(sorted(missing))}")
            yield from rows
            return


def read_history(folder: Path) -> History:
    items: dict[str, list[Item]] = {}
    for row in read_rows(folder, "order_items.csv"):
        price, freight = (Money.of(row[column], CURRENCY) for column in ("price", "freight_value"))
        items.setdefault(row["order_id"], []).append(Item(row["product_id"], row["seller_id"], price, freight))
    buyers = {row["order_id"]: row["customer_id"] for row in read_rows(folder, "orders.csv")}
    payments: dict[str, list[Payment]] = {}
    for row in read_rows(folder, "order_payments.csv"):
        amount = Money.of(row["payment_value"], CURRENCY)
        if amount.is_positive():
            payments.setdefault(row["order_id"], []).append(Payment(row["payment_type"], amount))
    return History(items, buyers, payments)


def write_market(history: History, folder: Path) -> None:
    """Write the sellers, products and offers of the history as a folder that `load` reads."""
    sold: dict[str, int] = {}
    offers: dict[str, Item] = {}
    for items in history.items.values():
        for item in items:
            sold[item.offer] = sold.get(item.offer, 0) + 1
            offers[item.offer] = item
    sellers = sorted({item.seller for item in offers.values()})
    products = sorted({item.product for item in offers.values()})
    tables: dict[str, list[tuple[object, ...]]] = {
        "merchants.csv": [("merchant", "name"), *((seller, seller) for seller in sellers)],
        "skus.csv": [("sku", "name", "tax_category"), *((product, product, "") for product in products)],
        "offers.csv": [
            ("offer", "merchant", "sku", "price", "stock"),
            *((key, item.seller, item.product, item.price.amount, sold[key]) for key, item in offers.items()),
        ],
    }
    for name, rows in tables.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)


def to_cart(order: str, history: History, *, paid: bool) -> Cart:
    items = history.items[order]
    offers: dict[str, list[Item]] = {}
    freight: dict[str, list[Money]] = {}
    for item in items:
        offers.setdefault(item.offer, []).append(item)
        freight.setdefault(item.seller, []).append(item.freight)
    lines = [
        CartLine(f"l{number}", sku=same[0].product, quantity=len(same), offer=offer)
        for number, (offer, same) in enumerate(offers.items(), 1)
    ]
    shipping = [Expense(f"freight-{seller}", seller, Money.sum(parts)) for seller, parts in freight.items()]
    payments = history.payments.get(order, ()) if paid else ()
    buyer = history.buyers.get(order, "unknown")
    return Cart.of(order, buyer=buyer, lines=lines, shipping=shipping, payments=payments)


def place(market: Marketplace, order: str, history: History, result: Result) -> Order | None:
    """Place one order; when its payments do not cover it, note that and place it without them."""
    try:
        return market.place(to_cart(order, history, paid=True), key=order, scope=market.as_operator())
    except PlacementRefused as refusal:
        note(result, order, refusal.issues[0].message)
        if [issue.code for issue in refusal.issues] != ["payments-differ"]:
            return None
    except MktcoreError as error:
        note(result, order, str(error))
        return None
    return market.place(to_cart(order, history, paid=False), key=f"{order}/unpaid", scope=market.as_operator())


def note(result: Result, order: str, reason: str) -> None:
    result.exceptions.append({"order": order, "reason": reason})


def replay(market: Marketplace, history: History, progress: Progress) -> Result:
    result = Result()
    start = time.perf_counter()
    for order in progress.track(history.items, description="placing"):
        placed = place(market, order, history, result)
        if placed is None:
            continue
        expected = Money.sum([part for item in history.items[order] for part in (item.price, item.freight)])
        drift = abs(placed.totals.grand_total - expected).minor
        if drift:
            note(result, order, f"{placed.totals.grand_total} instead of {expected}")
        result.drift_minor += drift
        result.orders += 1
        result.merchant_orders += len(placed.merchant_orders)
        result.multi_merchant_orders += len(placed.merchant_orders) > 1
    result.orders_per_second = round(result.orders / (time.perf_counter() - start), 1)
    return result


def show(result: Result, console: Console) -> None:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    drift = Decimal(result.drift_minor).scaleb(-2)
    for title, figure in (
        ("orders", f"{result.orders:,}"),
        ("merchant orders", f"{result.merchant_orders:,}"),
        ("multi-merchant orders", f"{result.multi_merchant_orders:,}"),
        ("orders per second", f"{result.orders_per_second:,.1f}"),
        ("drift", f"{drift:.2f} {CURRENCY}"),
        ("exceptions", str(len(result.exceptions))),
    ):
        table.add_row(title, figure)
    console.print(table)
    for exception in result.exceptions:
        console.print(f"  {exception['order']}  {exception['reason']}", highlight=False)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Replay an order history and compare every cent.")
    parser.add_argument("folder", type=Path, help="where order_items.csv (or .csv.gz) and its companions are")
    parser.add_argument("--store", default="memory://", metavar="URL", help="sqlite:///replay.db, for example")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    history = read_history(options.folder)
    if not history.items:
        parser.error(f"no order_items.csv or order_items.csv.gz in {options.folder}")
    quiet = Console(stderr=True)
    with (
        Marketplace.open(options.store, currency=CURRENCY) as market,
        tempfile.TemporaryDirectory() as folder,
        Progress(console=quiet, transient=True) as progress,
    ):
        write_market(history, Path(folder))
        task = progress.add_task("loading")
        market.load(folder, progress=lambda done, total: progress.update(task, completed=done, total=total))
        result = replay(market, history, progress)
    if options.json:
        print(json.dumps(attrs.asdict(result), indent=2))
    else:
        show(result, Console())
    return 0 if result.drift_minor == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
