"""Checks of speed that hold on a busy machine: CPU time, against a piece of work measured in the same process.

A yard is about 10 ms of plain Python on the machine on which the limits were set; on one that is slow, or shared, it is
as much longer as everything else.
"""

import sys
from collections.abc import Callable
from functools import cache
from time import thread_time
from types import FrameType
from typing import Any

__all__ = ["check_cost", "count_lines", "count_yards"]

ATTEMPTS = 3
"""A neighbour may spoil one measurement; a regression spoils all of them."""


def count_yards(work: Callable[[], object]) -> float:
    """Return what a piece of work costs: the CPU time of this thread, over that of the yards walked around it."""
    before = _measure_yard()
    cost = _time(work)
    return cost / max(before, _measure_yard())


def check_cost(work: Callable[[], object], *, yards: float) -> None:
    """Fail when a piece of work, which may be done again, costs more than so many yards each time it is measured."""
    if _time(work) <= yards * _measure_first_yard():
        return  # as nearly always: thousands of small checks do not walk a yard each
    costs = [count_yards(work) for _ in range(ATTEMPTS)]
    assert min(costs) <= yards, f"{min(costs):.1f} yards at best, more than {yards}"


def count_lines(work: Callable[[], object]) -> int:
    """Return how many lines of Python a piece of work runs: a clock that no neighbour disturbs."""
    lines = 0

    def count(_frame: FrameType, event: str, _argument: object) -> Callable[..., Any]:
        nonlocal lines
        lines += event == "line"
        return count

    known = sys.gettrace()
    sys.settrace(count)
    try:
        work()
    finally:
        sys.settrace(known)
    return lines


def _walk_a_yard() -> int:
    found: dict[str, int] = {}
    for number in range(65_000):
        key = str(number % 997)
        found[key] = found.get(key, 0) + number
    return len(sorted(found))


def _time(work: Callable[[], object]) -> float:
    start = thread_time()
    work()
    return thread_time() - start


def _measure_yard() -> float:
    return min(_time(_walk_a_yard) for _ in range(3))


@cache
def _measure_first_yard() -> float:
    return _measure_yard()
