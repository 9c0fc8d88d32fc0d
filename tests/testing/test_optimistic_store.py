"""The conformance check lets a store pass that waits for nobody, and finds out at the commit that it lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from mktcore.adapters.memory import MemoryStore, unit
from mktcore.adapters.memory.state import SharedState
from mktcore.adapters.memory.transaction import MemorySession
from mktcore.adapters.memory.versioned_tables import View
from mktcore.persistence import Retryable
from mktcore.testing import KINDS, STORE_CLAUSES
from mktcore.testing.clauses import Clause
from mktcore.testing.stores import Bench


class OptimisticView(View):
    """Compares with what the unit read, as nobody has told it of anything else."""

    def find_latest_row(self, key: str) -> Any:
        return self.find_row(key)


class OptimisticSession(MemorySession):
    """Takes no turn to write, and loses at the commit where another changed a table that it changed."""

    def view(self, name: str) -> View:
        if name not in self._views:
            self._views[name] = OptimisticView(self._state.tables[name], self._commit)
        return self._views[name]

    @contextmanager
    def writing(self) -> Iterator[None]:
        with self.reading():
            yield

    def commit(self) -> None:
        self.check_usable()
        turn = self._state.take_writer()
        try:
            changed = getattr(self._state, "changed", {})
            mine = [name for name, view in self._views.items() if view.changes]
            if any(changed.get(name, 0) > self._commit for name in mine):
                raise self.lose("another unit changed it meanwhile")
            super().commit()
        finally:
            self._state.leave_writer(turn)


class OptimisticState(SharedState):
    """Remembers which commit changed a table last."""

    def apply(self, changes: Any) -> None:
        super().apply(changes)
        with self.latch:
            self.changed = {**getattr(self, "changed", {}), **dict.fromkeys(changes, self._commit)}


class OptimisticStore(MemoryStore):
    """A store in memory whose units never wait."""

    def __init__(self) -> None:
        super().__init__(KINDS)
        self._state.__class__ = OptimisticState


@pytest.mark.parametrize("clause", STORE_CLAUSES, ids=str)
def test_every_clause_holds(clause: Clause[Bench], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit, "MemorySession", OptimisticSession)
    violation = clause.find_violation(Bench(OptimisticStore()))
    assert violation is None, violation


def test_it_does_lose_at_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit, "MemorySession", OptimisticSession)
    bench = Bench(OptimisticStore())
    with bench.store.begin(bench.operator) as slow:
        bench.parcels(slow).add(bench.parcel("p1"))
        bench.put(bench.parcel("p1"))
        with pytest.raises(Retryable):
            slow.commit()
