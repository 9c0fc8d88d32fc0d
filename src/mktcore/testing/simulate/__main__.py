"""`python -m mktcore.testing.simulate`: many seeds, each in a market of its own, and habits that have to be noticed."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from hashlib import sha256

from mktcore.marketplace import Marketplace
from mktcore.testing.fakes import CountingIds, ManualClock
from mktcore.testing.market_sample import SAMPLE_DAY
from mktcore.testing.simulate.draw_steps import Step, draw_steps
from mktcore.testing.simulate.faulty_store import FaultyStore
from mktcore.testing.simulate.run_steps import FAULTS, Lived, NaiveHabit, Opened, open_memory, run_steps
from mktcore.testing.simulate.shrink_steps import shrink_steps
from mktcore.testing.simulate.simulated_goods import make_sample

__all__ = ["Databases", "main"]

MOST_SEEDS_FOR_A_HABIT = 20
"""Within so many seeds a wrong habit has to be noticed."""
_TELL_EVERY = 25


class Databases:
    """Markets in one database, each in tables of its own."""

    def __init__(self, url: str) -> None:
        """Begin with none."""
        self.url, self.opened = url, 0

    @contextmanager
    def open(self) -> Iterator[Opened]:
        """Open another market."""
        self.opened += 1
        clock, ids = ManualClock(SAMPLE_DAY), CountingIds()
        prefix = f"sim{self.opened}_"
        with Marketplace.open(self.url, "EUR", prefix=prefix, clock=clock, ids=ids) as plain:
            make_sample().fill(plain)
            store = FaultyStore(plain.store)
            yield Marketplace(store, "EUR", clock=clock, ids=ids), store, clock


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulation, and return 1 where the market and the model disagree, or something was never tried."""
    parser = argparse.ArgumentParser(prog="python -m mktcore.testing.simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="how many markets")
    parser.add_argument("--steps", type=int, default=200, help="steps in each")
    parser.add_argument("--seed", type=int, default=0, help="the first seed; the others follow")
    parser.add_argument("--store", default="memory://", help="an address of a database to waste; in memory by default")
    given = parser.parse_args(arguments)
    opening = open_memory if given.store == "memory://" else Databases(given.store).open
    # SQLite lets nobody write beside a unit that has begun.
    run = partial(run_steps, opening=opening, races=not given.store.startswith("sqlite"))
    is_noticed = [_is_noticed(habit, given.steps) for habit in NaiveHabit]
    faults, digest = Counter[str](), sha256()
    for number, seed in enumerate(range(given.seed, given.seed + given.seeds), 1):
        lived = run(draw_steps(seed, given.steps))
        faults.update(lived.faults)
        digest.update(lived.digest.encode())
        if lived.violation is not None:
            _tell_violation(seed, draw_steps(seed, given.steps), run=run)
            return 1
        if number % _TELL_EVERY == 0 or number == given.seeds:
            _tell(f"{number} seeds of {given.steps} steps, no violation; trace {digest.hexdigest()[:16]}")
    missed = [fault for fault in FAULTS if not faults[fault]]
    _tell(", ".join(f"{fault} {faults[fault]}" for fault in FAULTS))
    if missed:
        _tell(f"never met: {', '.join(missed)}; take more seeds, or more steps")
    return 0 if all(is_noticed) and not missed else 1


def _is_noticed(habit: NaiveHabit, steps: int) -> bool:
    for seed in range(MOST_SEEDS_FOR_A_HABIT):
        lived = run_steps(draw_steps(seed, steps), habit=habit)
        if lived.violation is not None:
            _tell(f"the habit {habit} is noticed by seed {seed}, {lived.violation.splitlines()[0][:100]}")
            return True
    _tell(f"the habit {habit} is not noticed by {MOST_SEEDS_FOR_A_HABIT} seeds of {steps} steps")
    return False


def _tell_violation(seed: int, steps: Sequence[Step], *, run: "partial[Lived]") -> None:
    fewest = shrink_steps(steps, lambda fewer: run(fewer).violation is not None)
    lived = run(fewest)
    _tell("\n".join([f"seed {seed}, {len(fewest)} of {len(steps)} steps:", *map(str, fewest)]))
    _tell("\n".join(["came to:", *lived.trace, str(lived.violation)]))


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
