"""Thousands of lives of orders against a naive judge:

    python tests/long/order_life.py --examples 5000

Each life is up to 60 verbs by all parties on one to three orders, drawn from its own seed; what fails prints the seed
and the fewest verbs of its beginning that fail.
"""

import argparse
import sys
import tempfile
import traceback
from pathlib import Path
from random import Random
from time import thread_time

sys.path.insert(0, str(Path(__file__).parents[1]))

from properties.order_driver import LINES, VERBS, Life, Step, open_market

FRESH = 200
"""Lives in one market: in one that grew for ever each placement would look through more."""


def draw(seed: int, longest: int) -> tuple[int, list[Step]]:
    """Return how many orders there are, and what happens to them."""
    random = Random(seed)  # noqa: S311 - the same for a seed, in every run
    orders = random.randint(1, 3)
    steps = [
        (
            random.choice(VERBS),
            random.randrange(orders),
            random.choice(sorted(LINES)),
            random.choice((1, 1, 1, 2, 3, 5)),
        )
        for _ in range(random.randint(0, longest))
    ]
    return orders, steps


def find_failure(seed: int, longest: int) -> str | None:
    """Return what is wrong with one life, in a market of its own; None where nothing is."""
    orders, steps = draw(seed, longest)
    for count in range(len(steps) + 1):
        with tempfile.TemporaryDirectory() as folder:
            market, clock = open_market(Path(folder))
            try:
                Life(market, clock, f"life-{seed}", orders).live(steps[:count])
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told with its steps
                told = "".join(traceback.format_exception(error)[-2:])
                return f"seed {seed}, {orders} orders: {steps[:count]}\n{told}"
    return None


def main() -> int:
    """Run the lives, and return 1 where one fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=5_000)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    begun, verbs = thread_time(), 0
    for begin in range(given.seed, given.seed + given.examples, FRESH):
        with tempfile.TemporaryDirectory() as folder:
            market, clock = open_market(Path(folder))
            for seed in range(begin, min(begin + FRESH, given.seed + given.examples)):
                orders, steps = draw(seed, given.steps)
                try:
                    Life(market, clock, f"life-{seed}", orders).live(steps)
                except Exception:  # noqa: BLE001 - told below, by itself
                    print(find_failure(seed, given.steps) or f"seed {seed} fails only after others")
                    return 1
                verbs += len(steps)
            if findings := market.verify():
                print("\n".join(str(one) for one in findings[:9]))
                return 1
        done = min(begin + FRESH - given.seed, given.examples)
        print(f"{done} lives, {verbs} verbs, {thread_time() - begun:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
