"""An index in memory of what rows are found under: by mark, in the order of the ends of their periods."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from datetime import datetime

from mktcore.persistence.dated_mark import Mark

__all__ = ["MarkIndex"]

_Entry = tuple[datetime, datetime, str]
"""An end of a period and its start, the other way round in the list by starts, and the row's key."""


class MarkIndex:
    """Entries by mark; each mark has those of its rows by end and by start, so that neither past nor future is walked.

    It lists every key that some kept value of the row has that mark for; readers check the value they see.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._by_end: dict[str, list[_Entry]] = {}
        self._by_start: dict[str, list[_Entry]] = {}

    def add(self, key: str, marks: Iterable[Mark]) -> None:
        """Enter a row under marks; where it stands already, it stands twice."""
        for mark in marks:
            insort(self._by_end.setdefault(mark.text, []), (mark.ends, mark.starts, key))
            insort(self._by_start.setdefault(mark.text, []), (mark.starts, mark.ends, key))

    def remove(self, key: str, marks: Iterable[Mark]) -> None:
        """Take out a row, once for each mark."""
        for mark in marks:
            _remove(self._by_end, mark.text, (mark.ends, mark.starts, key))
            _remove(self._by_start, mark.text, (mark.starts, mark.ends, key))

    def iterate(self, marks: Iterable[str], at: datetime) -> Iterator[str]:
        """Yield the keys of rows under any of the marks at an instant, some of them twice."""
        for text in marks:
            by_end, by_start = self._by_end.get(text, []), self._by_start.get(text, [])
            first = bisect_right(by_end, at, key=_get_bound)
            last = bisect_right(by_start, at, key=_get_bound)
            # Whichever is shorter: of what did not end yet what began, or of what began what did not end yet.
            if len(by_end) - first <= last:
                yield from (key for _, start, key in by_end[first:] if start <= at)
            else:
                yield from (key for _, end, key in by_start[:last] if end > at)


def _remove(index: dict[str, list[_Entry]], text: str, entry: _Entry) -> None:
    entries = index[text]
    del entries[bisect_left(entries, entry)]
    if not entries:
        del index[text]


def _get_bound(entry: _Entry) -> datetime:
    return entry[0]
