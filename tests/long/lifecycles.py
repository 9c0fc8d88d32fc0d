"""Random lives of orders in the books, in every process of the machine:

    python tests/long/lifecycles.py --lives 20000

Each is captured, shipped, canceled, refunded, disputed, kept back and paid out at random; after every step its books
must balance, no floor may be broken, and merchants must have what they earned; at the end, when everything was given
back, nothing of commission, promotions and taxes may be left (invariants I3, I5, I8).
"""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from postings.lifecycles import run_lifecycle


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lives", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0, help="the first life's seed; the others follow")
    options = parser.parse_args()
    started = perf_counter()
    seeds = range(options.seed, options.seed + options.lives)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        transactions = sum(pool.map(run_lifecycle, seeds, chunksize=100))
    print(f"{options.lives} lives, {transactions} transactions, all in order; {perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
