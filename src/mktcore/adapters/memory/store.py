"""The store in memory."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from mktcore.adapters.memory.event_queue import MemoryQueue, MemorySubscriptions
from mktcore.adapters.memory.inspection import MemoryInspection
from mktcore.adapters.memory.state import SharedState
from mktcore.adapters.memory.transaction import MemorySession
from mktcore.adapters.memory.unit import MemoryUnit
from mktcore.persistence import Kind, Scope

__all__ = ["MemoryStore"]


class MemoryStore:
    """Keeps a market in memory, with snapshot isolation, for any number of threads of one process.

    A unit reads the state committed when it began. One unit writes at a time: the first write takes the store's writer
    lock until the unit ends, and guards compare with the last committed state, as they do in SQL. Readers never wait.

    >>> from mktcore.stock import StockCount
    >>> from datetime import UTC, datetime
    >>> store = MemoryStore([])
    >>> with store.begin(Scope.operator()) as unit:
    ...     unit.stock.set_on_hand([StockCount("acme-camera", "acme", 5)], at=datetime(2026, 1, 1, tzinfo=UTC))
    ...     unit.commit()
    >>> with store.begin(Scope.merchant("acme")) as unit:
    ...     unit.stock.find_levels(["acme-camera"])["acme-camera"].available
    5

    Attributes:
        queue: Its unpublished events, for the subscriber without a name.
        subscriptions: Subscribers with positions of their own.
    """

    def __init__(self, kinds: Iterable[Kind[Any]] = (), *, wait_seconds: float = 10.0) -> None:
        """Open an empty store.

        Args:
            kinds: The repositories it has.
            wait_seconds: How long a unit waits for another one that writes, before it is `Busy`.
        """
        self._state = SharedState(kinds, wait_seconds)
        self.queue = MemoryQueue(self._state)
        self.subscriptions = MemorySubscriptions(self._state)

    @contextmanager
    def begin(self, scope: Scope) -> Iterator[MemoryUnit]:
        """Open a unit of work for `scope`; leaving the block without `commit` rolls it back."""
        with self._state.read() as commit:
            unit = MemoryUnit(self._state, scope, commit)
            try:
                yield unit
            finally:
                unit.close()

    @contextmanager
    def inspect(self) -> Iterator[MemoryInspection]:
        """Look at everything as of this moment, for `mktcore.audit`."""
        with self._state.read() as commit:
            yield MemoryInspection(MemorySession(self._state, Scope.operator(), commit), self._state.kinds)
