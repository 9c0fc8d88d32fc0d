"""How matching grows: `python tests/long/matching_scale.py` prints build time, memory, speed and recall by size.

One core, one process. The catalogue and the noise of the queries are described in
`tests/matching/synthetic.py`. Required at 1,000,000 SKUs: 1,000 matches a second at a recall@1 of 0.95.
`--sizes N ...` asks for other sizes, `--queries N` for more or fewer queries.
"""

import argparse
import sys
from pathlib import Path
from time import perf_counter, process_time

sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil

from matching.synthetic import Catalogue
from mktcore.matching import RecordMatcher

SIZES = [10_000, 100_000, 1_000_000]
ROUNDS = 3


def measure(size: int, count: int) -> str:
    catalogue = Catalogue(size)
    before = psutil.Process().memory_info().rss
    started = perf_counter()
    matcher = RecordMatcher.build(catalogue.list_records())
    built = perf_counter() - started
    resident = psutil.Process().memory_info().rss - before
    queries = list(catalogue.list_queries(max(1, size // count)))
    best, answers = float("inf"), []
    for _ in range(ROUNDS):
        started = process_time()  # of one core, whatever else runs on the machine
        answers = [matcher.find(query, limit=1) for query, _ in queries]
        best = min(best, process_time() - started)
    right = sum(bool(answer) and answer[0].id == wanted for answer, (_, wanted) in zip(answers, queries, strict=True))
    return (
        f"{size:>9,} {built:>8.1f} {matcher.count_bytes() / size:>10,.0f} {resident / size:>12,.0f} "
        f"{len(queries) / best:>10,.0f} {right / len(queries):>9.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES)
    parser.add_argument("--queries", type=int, default=2_000)
    arguments = parser.parse_args()
    print(f"{'SKUs':>9} {'build s':>8} {'bytes/SKU':>10} {'resident/SKU':>12} {'matches/s':>10} {'recall@1':>9}")
    for size in arguments.sizes:
        print(measure(size, arguments.queries), flush=True)


if __name__ == "__main__":
    main()
