"""Many processes cancel, ship and hold the pieces of the same orders at once:

    python tests/long/order_races.py --store postgresql --processes 16 --seconds 60

Each draws an order, a line, a verb and pieces, one after the other. Printed: what came of the calls, and how many were
answered a second. The command fails when an invariant does not hold afterwards, when a call ends otherwise than done or
refused, or when pieces were lost.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from stress import add_store_argument, run_processes

from markets import TWO_MERCHANTS
from mktcore.carts import Cart, CartLine
from mktcore.errors import MktcoreError, Refused
from mktcore.marketplace import Marketplace
from mktcore.persistence import Scope
from persistence.opening import create_database

FILES = TWO_MERCHANTS | {
    "skus.csv": "sku,name,tax_category\nlens,Lens,\nbook,Book,\n",
    "offers.csv": "offer,merchant,sku,price,stock\nlens,acme,lens,19.99,99999\nbook,bolt,book,45.51,99999\n",
    "shipping_fees.csv": "merchant,fee,free_from,tax_category\nacme,4.90,500.00,\n",
    "commission_rules.csv": "rule,rate\nall,0.13\n",
}
LINES = {"l1": "acme", "l2": "bolt"}
PIECES = 40
OPERATOR, BUYER = Scope.operator(), Scope.buyer("ann")
VERBS = ("ship", "cancel", "ask", "hold", "release", "accept cancellation", "refuse cancellation", "undo shipment")


def place(market: Marketplace, orders: int) -> list[str]:
    """Place orders of two merchants."""
    lines = [
        CartLine("l1", "lens", PIECES, offer="lens"),
        CartLine("l2", "book", PIECES, offer="book"),
    ]
    return [
        market.place(Cart.of(f"cart-{number}", buyer="ann", lines=lines), key=f"k{number}", scope=OPERATOR).id
        for number in range(orders)
    ]


def fire(market: Marketplace, order: str, verb: str, line: str, key: str) -> None:
    """Do one thing with one piece."""
    part, merchant, one = f"{order}--{LINES[line]}", Scope.merchant(LINES[line]), {line: 1}
    if verb == "ship":
        market.shipments.ship(part, one, key=key, scope=merchant)
    elif verb == "cancel":
        market.orders.cancel(order, one, key=key, scope=OPERATOR)
    elif verb == "ask":
        market.orders.cancel(order, one, key=key, scope=BUYER)
    elif verb in {"hold", "release"}:
        market.orders.fire(order, verb, key=key, scope=OPERATOR, lines=one)
    else:
        market.fire(part, verb, key=key, scope=merchant, lines=one)


def run_worker(number: int, barrier: Any, url: str, orders: list[str], seconds: float) -> Counter[str]:
    """Draw and do, until the time is over; return how the calls ended."""
    random, told = Random(number), Counter[str]()  # noqa: S311 - the same draws in every run
    with Marketplace.open(url, "EUR") as market:
        barrier.wait()
        end, turn = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            turn += 1
            order, verb, line = random.choice(orders), random.choice(VERBS), random.choice(sorted(LINES))
            try:
                fire(market, order, verb, line, f"call-{number}-{turn}")
                told[f"{verb}: done"] += 1
            except Refused:
                told[f"{verb}: refused"] += 1
            except MktcoreError as error:
                told[f"{verb}: {error.code}"] += 1
    return told


def main() -> int:
    """Run the processes, and return 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_store_argument(parser)
    parser.add_argument("--processes", type=int, default=16)
    parser.add_argument("--orders", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = create_database() if options.store == "postgresql" else f"sqlite:///{folder}/market.db"
        for name, text in FILES.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        with Marketplace.open(url, "EUR") as market:
            market.load(folder)
            orders = place(market, options.orders)
        told = Counter[str]()
        # Closed before: no process inherits another's connection.
        for one in run_processes(options.processes, run_worker, url, orders, options.seconds):
            told.update(one)
        with Marketplace.open(url, "EUR") as market:
            findings = market.verify()
            lost = [id_ for id_ in orders if not holds_all(market, id_)]
    print("\n".join(f"{what}: {count}" for what, count in sorted(told.items())))
    print(f"{told.total() / options.seconds:.0f} calls a second, {len(findings)} findings")
    print("\n".join(str(one) for one in findings[:9]))
    # Who lost ten times in a row is told that the store is busy, and nothing was written.
    is_clean = all(what.endswith((": done", ": refused", ": store.busy")) for what in told)
    return 0 if is_clean and not findings and not lost else 1


def holds_all(market: Marketplace, order: str) -> bool:
    """Tell whether every piece of an order is somewhere."""
    found = market.orders.get(order, scope=OPERATOR)
    whole = found.marketplace_order.fulfilment.states()
    return all(
        sum(part.states[line.key].values()) == sum(whole[line.key].values()) == PIECES
        for part in found.merchant_orders
        for line in part.lines
    )


if __name__ == "__main__":
    sys.exit(main())
