"""Cutting what a folder holds into what one round trip carries."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

__all__ = ["split_batches"]

BATCH = 1_000
"""Beyond a thousand rows a round trip gains nothing, and a bound parameter for each nears what databases accept."""
T = TypeVar("T")


def split_batches(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield the values in lists of a thousand, in order."""
    rest = iter(values)
    while batch := list(islice(rest, BATCH)):
        yield batch
