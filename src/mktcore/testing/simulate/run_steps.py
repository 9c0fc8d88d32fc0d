"""Living through steps in a market, beside a naive model that says what must come of each."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

import attrs

from mktcore.marketplace import Marketplace
from mktcore.testing.fakes import CountingIds, ManualClock
from mktcore.testing.market_sample import SAMPLE_DAY
from mktcore.testing.simulate.draw_steps import Step
from mktcore.testing.simulate.faulty_store import Fault, FaultyStore
from mktcore.testing.simulate.naive_order import Disagreement
from mktcore.testing.simulate.simulated_goods import make_sample
from mktcore.testing.simulate.simulated_parties import SimulatedParties

__all__ = ["FAULTS", "Lived", "NaiveHabit", "Opened", "Opening", "open_memory", "run_steps"]

FAULTS = (
    *(fault.value for fault in Fault if fault is not Fault.NONE),
    *("clock-jump", "time-out", "out-of-stock", "refused", "intruder", "followed"),
)
"""What has to happen at least once in a simulation, or it has shown nothing of it."""


class NaiveHabit(StrEnum):
    """A habit that is wrong, and that a simulation has to notice: what it never notices, it does not guard."""

    GET_THEN_SAVE = "get-then-save"
    """Stock is read, and written back later, whatever others did meanwhile."""
    NEW_KEY = "new-key"
    """Whoever got no answer asks again under a new key."""


@attrs.frozen
class Lived:
    """What came of some steps.

    Attributes:
        trace: What happened, step by step.
        faults: How often each kind of fault was met.
        violation: What the market and the naive model disagree about; None where they agree.
    """

    trace: tuple[str, ...]
    faults: Counter[str]
    violation: str | None = None

    @property
    def digest(self) -> str:
        """The hash of the trace: of one seed it is the same in every run."""
        return sha256("\n".join(self.trace).encode()).hexdigest()[:16]


Opened = tuple[Marketplace, FaultyStore, ManualClock]
Opening = AbstractContextManager[Opened]


@contextmanager
def open_memory() -> Iterator[Opened]:
    """Open a market in memory that sells what a simulated market sells."""
    clock, ids = ManualClock(SAMPLE_DAY), CountingIds()
    with Marketplace.in_memory("EUR", clock=clock, ids=ids) as plain:
        make_sample().fill(plain)
        store = FaultyStore(plain.store)
        yield Marketplace(store, "EUR", clock=clock, ids=ids), store, clock


def run_steps(
    steps: Sequence[Step],
    *,
    habit: NaiveHabit | None = None,
    opening: Callable[[], Opening] = open_memory,
    races: bool = True,
) -> Lived:
    """Live through steps in a market of their own, and tell what came of it.

    After each step, every order that it touched, its parts, its shipments and all stock are compared with the naive
    model; in the end `verify` looks at all of it.

    Args:
        steps: What happens.
        habit: A habit that is wrong, to see that it is noticed.
        opening: Opens the market.
        races: Whether the store lets a rival commit while a unit is open, as SQLite does not: it goes first there.
    """
    with opening() as (market, store, clock):
        store.forgets_rivals = habit is NaiveHabit.GET_THEN_SAVE
        parties = SimulatedParties(market, store, clock, asks_anew=habit is NaiveHabit.NEW_KEY, races=races)
        trace: list[str] = []
        try:
            for step in steps:
                clock.advance(timedelta(seconds=1))
                trace.append(f"{step}: {parties.do(step)}")
            parties.check_end()
        except Exception as found:  # noqa: BLE001 - whatever it is, it is told with its steps
            told = str(found) if isinstance(found, Disagreement) else f"{type(found).__name__}: {found}"
            return Lived(tuple(trace), parties.faults, f"at step {len(trace) + 1}: {told}")
        findings = Marketplace(store.inner, "EUR", clock=clock).verify()
        return Lived(tuple(trace), parties.faults, "; ".join(map(str, findings[:5])) or None)
