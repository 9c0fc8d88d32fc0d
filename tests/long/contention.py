"""Forty threads for the last pieces of one item: how long each waits, and how many are served.

    python tests/long/contention.py --store postgresql
    python tests/long/contention.py --store sqlite
    python tests/long/contention.py --store postgresql --processes 4

Each thread of one process, or of several, places carts of one piece, one after the other, whether it gets an order or
is refused because nothing is left. Printed: places a second, and the time from the call to its answer. The command
fails when the pieces sold are not those that there were, or when the slowest hundredth waits more than five times as
long as half do.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from stress import add_store_argument, run_processes

from markets import TWO_MERCHANTS
from mktcore.carts import Cart, CartLine
from mktcore.checkout import PlacementRefused
from mktcore.errors import MktcoreError
from mktcore.marketplace import Marketplace
from persistence.opening import create_database

Told = list[tuple[str, float]]
"""How each call ended, and how long it took."""
FAIR = 5.0
"""How many times the median the slowest hundredth may wait."""


def make_files(folder: Path, pieces: int) -> Path:
    """Write a market of one offer that has so many pieces."""
    files = TWO_MERCHANTS | {
        "skus.csv": "sku,name,tax_category\nlamp,Lamp,\n",
        "offers.csv": f"offer,merchant,sku,price,stock\nacme-lamp,acme,lamp,30.00,{pieces}\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run_buyer(market: Marketplace, number: int, asked: int, told: Told) -> None:
    """Place carts one after the other, and tell how each ended and how long it took."""
    for turn in range(asked):
        buyer = f"buyer-{number}"
        cart = Cart.of(f"cart-{number}-{turn}", buyer=buyer, lines=[CartLine("l1", sku="lamp")])
        begun = time.perf_counter()
        try:
            market.place(cart, key=f"place-{number}-{turn}", scope=market.as_buyer(buyer))
            outcome = "placed"
        except PlacementRefused:
            outcome = "refused"
        except MktcoreError as error:
            outcome = error.code
        told.append((outcome, time.perf_counter() - begun))


def find_quantile(times: list[float], share: float) -> float:
    """Return the time within which this share of the calls was answered."""
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def run_buyers(number: int, barrier: Any, url: str, options: argparse.Namespace) -> tuple[Told, float]:
    """Let the threads of one process run, and return what each call came to, and the seconds it took in all."""
    told: Told = []
    share = options.threads // options.processes
    with Marketplace.open(url, "EUR") as market:
        threads = [
            threading.Thread(target=run_buyer, args=(market, number * share + one, options.asked, told))
            for one in range(share)
        ]
        barrier.wait()
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return told, time.perf_counter() - begun


def measure(url: str, options: argparse.Namespace, folder: Path) -> tuple[Told, float, int]:
    """Sell, and return what each call came to, the seconds it took in all, and what was reserved."""
    with Marketplace.open(url, "EUR") as market:
        market.load(make_files(folder, options.pieces))
    found = run_processes(options.processes, run_buyers, url, options)
    with Marketplace.open(url, "EUR") as market, market.store.begin(market.as_operator()) as unit:
        reserved = unit.stock.find_levels(["acme-lamp"])["acme-lamp"].reserved
    told = [one for part, _ in found for one in part]
    return told, max(seconds for _, seconds in found), reserved


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_store_argument(parser)
    parser.add_argument("--threads", type=int, default=40)
    parser.add_argument("--processes", type=int, default=1, help="that share the threads")
    parser.add_argument("--pieces", type=int, default=200)
    parser.add_argument("--asked", type=int, default=10, help="carts that each thread places")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "files"
        files.mkdir()
        url = f"sqlite:///{folder}/market.db" if options.store == "sqlite" else create_database()
        told, seconds, reserved = measure(url, options, files)
    times = [taken for _, taken in told]
    half, slowest = find_quantile(times, 0.5), find_quantile(times, 0.99)
    outcomes = Counter(outcome for outcome, _ in told)
    where = f"{options.threads} threads in {options.processes} processes on {options.store}"
    print(f"{where}: {len(told) / seconds:.0f} answers a second, {dict(outcomes)}")
    print(f"p50 {half:.3f} s, p99 {slowest:.3f} s ({slowest / half:.1f} times), longest {max(times):.3f} s")
    sold = min(options.pieces, options.threads * options.asked)
    faults = [] if outcomes["placed"] == reserved == sold else [f"{outcomes['placed']} of {sold}, {reserved} reserved"]
    faults += ["the slowest hundredth waits too long"] if slowest > FAIR * half else []
    print("\n".join(faults) or "every piece was sold once, and nobody waited out of turn")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
