"""What a sale costs in processor time, call by call, beside its floor: the statements alone, or its totals in ints."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import process_time

import attrs

from benchmarks.replayed_statements import StatementRecorder
from benchmarks.sale_market import Sale, load_market
from benchmarks.small_orders_floor import compute_bare
from benchmarks.test_small_orders_speed import make_order
from benchmarks.turns import best_in_turns

__all__ = ["TARGETS_MS", "SaleCost", "measure_sale"]

TARGETS_MS = {
    ("memory", 100, "simulate"): 6, ("memory", 100, "place"): 12, ("memory", 100, "fire"): 0.6,
    ("sqlite", 100, "simulate"): 12, ("sqlite", 100, "place"): 35, ("sqlite", 100, "fire"): 6,
    ("sqlite", 4, "simulate"): 1.8, ("sqlite", 4, "place"): 6.5,
}  # fmt: skip
"""What is asked of a quiet machine, by its clock."""


@attrs.frozen
class SaleCost:
    """What one call costs, in seconds.

    Attributes:
        store: "memory" or "sqlite".
        lines: Of the order.
        name: "simulate", "place" or "fire".
        ours: The library's.
        floor: On SQLite of the same statements, sent by hand; in memory of the order's totals in ints.
        peer: Of a peer that was asked between our calls, where one was.
    """

    store: str
    lines: int
    name: str
    ours: float
    floor: float
    peer: float | None


def measure_sale(
    store: str, folder: Path, *, ask: Callable[[str], float] | None = None, rounds: int = 15
) -> Iterator[SaleCost]:
    """Yield what orders of 4 and 100 lines cost on a store.

    Args:
        store: "memory" or "sqlite".
        folder: Where the database may lie.
        ask: Returns the seconds that a peer takes for "simulate 4", say.
        rounds: Of which the best counts.
    """
    recorder = StatementRecorder(folder / "market.db")
    url = "memory://" if store == "memory" else f"sqlite:///{folder / 'market.db'}"
    with recorder.listen(), load_market(url, folder / store) as market:
        for lines in (4, 100):
            for name, prepare in Sale(market, lines).prepare().items():
                asked = None if ask is None or name == "fire" else partial(ask, f"{name} {lines}")
                ours, peer = _measure(prepare, asked, rounds)
                floor = recorder.measure_floor(prepare()) if store == "sqlite" else _measure_totals(lines)
                yield SaleCost(store, lines, name, ours=ours, floor=floor, peer=peer)


def _measure(
    prepare: Callable[[], Callable[[], object]], ask: Callable[[], float] | None, rounds: int
) -> tuple[float, float | None]:
    ours, peer = [], []
    for _ in range(rounds):
        call = prepare()
        start = process_time()
        call()
        ours.append(process_time() - start)
        if ask is not None:
            peer.append(ask())
    return min(ours), min(peer, default=None)


def _measure_totals(lines: int) -> float:
    order = make_order(lines, min(10, lines))
    return best_in_turns(lambda: compute_bare(order), repeat=10, seconds=0.3)[0]
