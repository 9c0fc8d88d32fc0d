"""Forty threads for the last pieces of one item: how long each waits, and how many are served.

    python tests/long/contention.py --store postgresql
    python tests/long/contention.py --store sqlite
    python tests/long/contention.py --store postgresql --threads 40 --pieces 200 --asked 10

Each thread of one process places carts of one piece, one after the other, whether it gets an order or is refused
because nothing is left. Printed: places a second, and the time from the call to its answer. The command fails when the
pieces sold are not those that there were, or when the slowest hundredth waits more than five times as long as half do.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from stress import add_store_argument

from markets import TWO_MERCHANTS
from mktcore.carts import Cart, CartLine
from mktcore.checkout import PlacementRefused
from mktcore.errors import MktcoreError
from mktcore.marketplace import Marketplace
from persistence.opening import create_database

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


def run_buyer(
    market: Marketplace, number: int, asked: int, barrier: threading.Barrier, told: list[tuple[str, float]]
) -> None:
    """Place carts one after the other, and tell how each ended and how long it took."""
    barrier.wait()
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


def measure(url: str, options: argparse.Namespace, folder: Path) -> tuple[list[tuple[str, float]], float, int]:
    """Let the threads run, and return what each call came to, the seconds it took in all, and what was reserved."""
    told: list[tuple[str, float]] = []
    barrier = threading.Barrier(options.threads + 1)
    with Marketplace.open(url, "EUR") as market:
        market.load(make_files(folder, options.pieces))
        threads = [
            threading.Thread(target=run_buyer, args=(market, number, options.asked, barrier, told))
            for number in range(options.threads)
        ]
        for thread in threads:
            thread.start()
        barrier.wait()
        begun = time.perf_counter()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - begun
        with market.store.begin(market.as_operator()) as unit:
            levels = unit.stock.find_levels(["acme-lamp"])
    return told, seconds, levels["acme-lamp"].reserved


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_store_argument(parser)
    parser.add_argument("--threads", type=int, default=40)
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
    print(f"{options.threads} threads on {options.store}: {len(told) / seconds:.0f} answers a second, {dict(outcomes)}")
    print(f"p50 {half:.3f} s, p99 {slowest:.3f} s ({slowest / half:.1f} times), longest {max(times):.3f} s")
    sold = min(options.pieces, options.threads * options.asked)
    faults = [] if outcomes["placed"] == reserved == sold else [f"{outcomes['placed']} of {sold}, {reserved} reserved"]
    faults += ["the slowest hundredth waits too long"] if slowest > FAIR * half else []
    print("\n".join(faults) or "every piece was sold once, and nobody waited out of turn")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
