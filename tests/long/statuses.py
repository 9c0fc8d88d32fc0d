"""A file of 100,000 status updates on SQLite: rows a second, and whether memory stays flat.

python tests/long/statuses.py --rows 100000 --orders 2000

Orders are placed by the library, with as many pieces as they have rows in the file: row by row, one piece of each
order leaves, then one arrives. The market is verified afterwards, and the file is sent again: nothing may move.
It exits with 1 where a row does not move, the market does not verify, memory grows by more than a tenth between a tenth
of the rows and the last one, or it goes slower than 500 rows a second of processor time.
"""

import argparse
import os
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from stress import make_database

from markets import LAMPS
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.persistence import Scope

OPERATOR = Scope.operator()
LEAST_RATE = 500


def place(market: Marketplace, folder: Path, orders: int, pieces: int) -> list[str]:
    for name, text in LAMPS.items():
        (folder / name).write_text(text.replace(",9\n", f",{10**9}\n"), encoding="utf-8")
    market.load(folder)
    parts = []
    for number in range(orders):
        cart = Cart.of(f"cart-{number}", buyer="ann", lines=[CartLine("l1", "lamp", pieces, offer="acme-lamp")])
        parts.append(market.place(cart, key=cart.id, scope=OPERATOR).merchant_orders[0].id)
    return parts


def write_file(path: Path, parts: list[str], rows: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("key,order,event,line,quantity,carrier,tracking,received_by\n")
        for number in range(rows):
            turn, part = number // len(parts), parts[number % len(parts)]
            facts = f"ship,l1,1,DHL,JD{number},\n" if turn % 2 == 0 else "deliver,l1,1,,,Ann\n"
            file.write(f"row-{number},{part},{facts}")


def measure_memory() -> int:
    """Return the megabytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--orders", type=int, default=2_000)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="mktcore-statuses-"))
    with make_database(asked.store) as url, closing(Marketplace.open(url, "EUR")) as market:
        parts = place(market, folder, asked.orders, -(-asked.rows // asked.orders))
        path = folder / "statuses.csv"
        write_file(path, parts, asked.rows)
        memory: dict[int, int] = {}
        began, worked = time.perf_counter(), time.process_time()

        def report(done: int) -> None:
            memory[done] = measure_memory()
            if done % (asked.rows // 10 or 1) == 0:
                rate, cost = done / (time.perf_counter() - began), done / (time.process_time() - worked)
                print(f"{done:>8,} rows  {rate:6.0f} rows/s  {cost:6.0f} by processor  {memory[done]} MB", flush=True)

        done = market.load_statuses(path, scope=OPERATOR, progress=report)
        taken, cost = time.perf_counter() - began, time.process_time() - worked
        print(f"{done}: {taken:.0f} s, {asked.rows / taken:.0f} rows/s, {asked.rows / cost:.0f} by processor time")
        again = market.load_statuses(path, scope=OPERATOR)
        findings = market.verify()
        print(f"again: {again}; {len(findings)} findings")
    early, last = next(mb for rows, mb in memory.items() if rows >= asked.rows // 10), memory[max(memory)]
    is_flat = last <= early * 1.1
    is_whole = done.moved == again.repeated == asked.rows and not findings
    return 0 if is_flat and is_whole and asked.rows / cost >= LEAST_RATE else 1


if __name__ == "__main__":
    sys.exit(main())
