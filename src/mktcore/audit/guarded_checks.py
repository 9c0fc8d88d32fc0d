"""Running checks so that none hides what the others find: one that fails is a finding itself."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from mktcore.audit.paused_collector import pause_collector
from mktcore.notice import Notice

__all__ = ["iterate_batches", "run_guarded"]

_MOST_REASON = 300
T = TypeVar("T")


def run_guarded(code: str, where: str, check: Callable[[], Iterable[Notice]]) -> Iterator[Notice]:
    """Yield what a check finds; where it fails instead, say so and let the others go on.

    What is audited may have been written by anything: no rule of ours holds for it, so any error may come of it.

    Args:
        code: The invariant that is checked.
        where: What it is checked of.
        check: Yields what it finds.
    """
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001 - as said above
        yield Notice(code, where, f"it cannot be checked: {type(error).__name__}: {error}"[:_MOST_REASON])


def iterate_batches(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield values by so many at a time, in their order."""
    rest = iter(values)
    while batch := _take(rest, size):
        yield batch


def _take(rest: Iterator[T], size: int) -> list[T]:
    with pause_collector():
        return list(islice(rest, size))
