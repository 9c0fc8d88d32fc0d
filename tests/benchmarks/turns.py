"""Measuring beside neighbours: what is compared takes turns in one process, and the least CPU time counts."""

from collections.abc import Callable
from time import perf_counter, process_time

__all__ = ["best_in_turns"]


def best_in_turns(*calls: Callable[[], object], repeat: int = 1, seconds: float = 0.8) -> list[float]:
    """Return the least CPU seconds of one run of each call; all of them meet the same noise.

    Args:
        calls: What is compared.
        repeat: Runs between two looks at the clock, for what takes microseconds.
        seconds: How long to take turns, by the clock; once at least.
    """
    best = [float("inf")] * len(calls)
    end = perf_counter() + seconds
    while True:
        for position, call in enumerate(calls):
            start = process_time()
            for _ in range(repeat):
                call()
            best[position] = min(best[position], (process_time() - start) / repeat)
        if perf_counter() >= end:
            return best
