"""A second store in memory that holds what a first one does; what happens in one is nothing to the other."""

import copy
from typing import Any

from mktcore.adapters.memory import MemoryStore
from mktcore.adapters.memory.mark_index import MarkIndex
from mktcore.adapters.memory.sorted_index import SortedIndex
from mktcore.adapters.memory.state import SharedState
from mktcore.adapters.memory.versioned_tables import Table

__all__ = ["copy_store"]

_PARTS = (Table, SortedIndex, MarkIndex)


def copy_store(store: MemoryStore) -> MemoryStore:
    """Return a store of its own with the same rows, which nobody reads or writes at the moment."""
    state = store._state
    copied = MemoryStore(state.kinds.values(), wait_seconds=state._wait_seconds)
    _take_over(copied._state, state)
    return copied


def _take_over(state: SharedState, other: SharedState) -> None:
    state.tables = _copy(other.tables)
    state.turns = copy.copy(other.turns)
    state._commit = other._commit
    state._past = other._past.copy()


def _copy(part: Any) -> Any:
    """Copy what changes with a commit: tables, indexes, and their lists. Rows are frozen, and shared."""
    if isinstance(part, dict):
        return {key: _copy(value) for key, value in part.items()}
    if isinstance(part, list):
        return part.copy()
    if isinstance(part, _PARTS):
        copied = copy.copy(part)
        vars(copied).update({name: _copy(value) for name, value in vars(part).items()})
        return copied
    return part
