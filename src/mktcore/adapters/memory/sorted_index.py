"""An index in memory that pages walk along: entries by value and id, of the whole table and of parts of it."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import Any

from mktcore.persistence.queries import Query

__all__ = ["Entry", "Part", "SortedIndex", "iterate_entries"]

Entry = tuple[Any, str]
"""What a row holds, and its key."""
Part = tuple[tuple[str, ...], tuple[object, ...]]
"""Columns and a value of each: the rows that hold them. `WHOLE` is every row."""
WHOLE: Part = ((), ())


class SortedIndex:
    """Entries of one ordered column, in the parts of a table that pages are asked within, each in order.

    Rows without a value have entries of their own: nothing sorts between None and a value.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._valued: dict[Part, list[Entry]] = {}
        self._lacking: dict[Part, list[Entry]] = {}

    def add(self, entry: Entry, parts: list[Part]) -> None:
        """Enter a row, unless it is there."""
        for part in parts:
            entries = self._choose(entry).setdefault(part, [])
            if not _holds(entries, entry):
                insort(entries, entry)

    def remove(self, entry: Entry, part: Part) -> None:
        """Take a row out of a part."""
        entries = self._choose(entry)[part]
        del entries[bisect_left(entries, entry)]
        if not entries:
            del self._choose(entry)[part]

    def get_valued(self, part: Part) -> list[Entry]:
        """Return the entries with a value, in order."""
        return self._valued.get(part, [])

    def get_lacking(self, part: Part) -> list[Entry]:
        """Return the entries without one, in the order of keys."""
        return self._lacking.get(part, [])

    def _choose(self, entry: Entry) -> dict[Part, list[Entry]]:
        return self._lacking if entry[0] is None else self._valued


def iterate_entries(valued: list[Entry], lacking: list[Entry], query: Query) -> Iterator[Entry]:
    """Yield the entries that a query walks along, in its order; whether their rows match is for the caller to see."""
    if query.may_hold_value():
        yield from _walk(valued, *_find_ends(valued, query), is_descending=query.order.is_descending)
    if query.may_lack_value():
        low, high = 0, len(lacking)
        if query.after is not None and query.after.value is None:
            last = (None, query.after.id)
            low, high = (
                (0, bisect_left(lacking, last)) if query.order.is_descending else (bisect_right(lacking, last), high)
            )
        yield from _walk(lacking, low, high, is_descending=query.order.is_descending)


def _find_ends(entries: list[Entry], query: Query) -> tuple[int, int]:
    """Return between which positions the entries lie that are in range and after the page before."""
    bounds = query.find_bounds()
    low, high = 0, len(entries)
    if bounds.low is not None:
        low = (bisect_left if bounds.holds_low else bisect_right)(entries, bounds.low, key=_get_value)
    if bounds.high is not None:
        high = (bisect_right if bounds.holds_high else bisect_left)(entries, bounds.high, key=_get_value)
    if query.after is not None:
        last = (query.after.value, query.after.id)
        if query.order.is_descending:
            high = min(high, bisect_left(entries, last))
        else:
            low = max(low, bisect_right(entries, last))
    return low, high


def _walk(entries: list[Entry], low: int, high: int, *, is_descending: bool) -> Iterator[Entry]:
    for position in range(high - 1, low - 1, -1) if is_descending else range(low, high):
        yield entries[position]


def _get_value(entry: Entry) -> Any:
    return entry[0]


def _holds(entries: list[Entry], entry: Entry) -> bool:
    position = bisect_left(entries, entry)
    return position < len(entries) and entries[position] == entry
