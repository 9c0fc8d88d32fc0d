"""One unit's hold on the store in memory: what it sees, what it changed, and whether it is the one that writes."""

from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

from mktcore.adapters.memory.state import SharedState
from mktcore.adapters.memory.versioned_tables import View
from mktcore.adapters.turns import Turn
from mktcore.persistence import Retryable, Scope
from mktcore.persistence.errors import UnitClosed

__all__ = ["MemorySession", "Rows"]


class MemorySession:
    """A transaction: a snapshot for reading, changes of its own, and the writer lock from the first of them on.

    Attributes:
        scope: Who is asking.
    """

    def __init__(self, state: SharedState, scope: Scope, commit: int) -> None:
        """Open at the snapshot of a commit."""
        self.scope = scope
        self._state = state
        self._commit = commit
        self._views: dict[str, View] = {}
        self._turn: Turn | None = None
        self._is_open = True
        self._lost: Retryable | None = None

    def view(self, name: str) -> View:
        """Return this unit's sight of a table."""
        found = self._views.get(name)
        if found is None:
            found = self._views[name] = View(self._state.tables[name], self._commit)
        return found

    def has_table(self, name: str) -> bool:
        """Tell whether the store has such a table."""
        return name in self._state.tables

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold the tables still for one read."""
        self.check_usable()
        with self._state.latch:
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the unit that writes, from now on, and hold the tables still for one guarded write."""
        self.check_usable()
        # The turn is held until the unit ends, the latch for a moment: readers wait for the latch only.
        if self._turn is None:
            self._turn = self._state.take_writer()
        with self._state.latch:
            yield

    def commit(self) -> None:
        """Make the changes the last committed state, and end."""
        self.check_usable()
        changes = {name: view.changes for name, view in self._views.items() if view.changes}
        if changes:
            self._state.apply(changes)
        self.close()

    def close(self) -> None:
        """End; what was not committed is forgotten."""
        self._is_open = False
        if self._turn is not None:
            self._state.leave_writer(self._turn)
            self._turn = None

    def lose(self, reason: str) -> Retryable:
        """Note that this unit met another one, so that it cannot be committed any more; returns what to raise."""
        self._lost = Retryable(reason)
        return self._lost

    def check_usable(self) -> None:
        """Refuse a unit that ended, or lost against another.

        Raises:
            UnitClosed: It was committed or left.
            Retryable: It lost; it can only be left.
        """
        if not self._is_open:
            raise UnitClosed
        if self._lost is not None:
            raise self._lost


class Rows(MutableMapping[str, Any]):
    """A table as a mapping by key: as the unit sees it or, for guarded writes, as it is now."""

    def __init__(self, session: MemorySession, table: str, *, latest: bool = False) -> None:
        """Look at a table inside a unit's session."""
        self._session = session
        self._view = session.view(table)
        self._latest = latest

    def __getitem__(self, key: str) -> Any:
        with self._session.reading():
            found = self._view.find_latest(key) if self._latest else self._view.find(key)
        if found is None:
            raise KeyError(key)
        return found

    def __setitem__(self, key: str, value: Any) -> None:
        with self._session.writing():
            self._view.change(key, value)

    def __delitem__(self, key: str) -> None:
        self[key] = None

    def __iter__(self) -> Iterator[str]:
        return iter([key for key, _ in self.scan({})])

    def __len__(self) -> int:
        return len(self.scan({}))

    def scan(self, where: Mapping[str, object]) -> list[tuple[str, Any]]:
        """Return the rows that match every column, in the order of keys."""
        with self._session.reading():
            return list(self._view.scan(where, latest=self._latest))
