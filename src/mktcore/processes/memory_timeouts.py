"""Scheduled time-outs in memory: a heap by instant, and a table by key."""

from collections.abc import Iterable
from datetime import datetime
from heapq import heapify, heappop, heappush
from itertools import count

from mktcore.clock import to_utc
from mktcore.processes.timeouts import TimeOut, TimeOutKey

__all__ = ["InMemoryTimeOuts"]

# A small heap is not worth rebuilding.
_ROOM = 64


class InMemoryTimeOuts:
    """Keeps time-outs for one process of the operating system; the due ones are found without reading the others.

    A heap orders them by instant. Cancelling only forgets the key: what stays behind in the heap is passed over when
    it comes up, and the heap is rebuilt once more than half of it is such remains, so every call stays logarithmic in
    what it touches, averaged over all calls.
    """

    def __init__(self, timeouts: Iterable[TimeOut] = ()) -> None:
        """Start with these time-outs."""
        self._live: dict[TimeOutKey, tuple[datetime, int, TimeOut]] = {}
        self._heap: list[tuple[datetime, int, TimeOut]] = []
        self._numbers = count()
        self.schedule(timeouts)

    def __len__(self) -> int:
        return len(self._live)

    def schedule(self, timeouts: Iterable[TimeOut]) -> None:
        """Remember them; one whose key is known already takes the new instant."""
        for timeout in timeouts:
            # The number decides between two at one instant, so the heap never compares time-outs.
            entry = (timeout.due, next(self._numbers), timeout)
            self._live[timeout.key] = entry
            heappush(self._heap, entry)
        self._shrink()

    def cancel(self, keys: Iterable[TimeOutKey]) -> None:
        """Forget them; an unknown key is no error."""
        for key in keys:
            self._live.pop(key, None)
        self._shrink()

    def find_due(self, now: datetime, *, limit: int = 100) -> tuple[TimeOut, ...]:
        """Return up to `limit` time-outs due at `now` or before, the earliest first; they stay until cancelled."""
        now = to_utc(now)
        heap, live = self._heap, self._live
        found: list[tuple[datetime, int, TimeOut]] = []
        while heap and heap[0][0] <= now and len(found) < limit:
            entry = heappop(heap)
            # By identity: a key scheduled anew has another entry, and this one is a remainder.
            if live.get(entry[2].key) is entry:
                found.append(entry)
        # They stay until cancelled, which happens in the transaction that fires them: one that fails finds them again.
        for entry in found:
            heappush(heap, entry)
        return tuple([entry[2] for entry in found])

    def _shrink(self) -> None:
        if len(self._heap) > 2 * len(self._live) + _ROOM:
            self._heap = list(self._live.values())
            heapify(self._heap)
