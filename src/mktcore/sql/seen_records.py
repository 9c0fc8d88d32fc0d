"""What a unit saw of records, at which version."""

from collections.abc import Iterable
from typing import Any

__all__ = ["SeenRecords"]

_MOST = 1000


class SeenRecords:
    """The records that a unit read or wrote last, as they are stored; the oldest are forgotten first."""

    def __init__(self) -> None:
        """Start with none."""
        self._seen: dict[tuple[str, str], Any] = {}

    def note(self, kind: str, values: Iterable[Any]) -> None:
        """Remember records of a kind."""
        for value in values:
            self._seen.pop((kind, value.id), None)
            self._seen[kind, value.id] = value
        while len(self._seen) > _MOST:
            del self._seen[next(iter(self._seen))]

    def find(self, kind: str, id_: str, version: int) -> Any | None:
        """Return a record as it was at a version, if that is how it was seen."""
        found = self._seen.get((kind, id_))
        return found if found is not None and found.version == version else None

    def forget(self) -> None:
        """Forget all: what was written is undone."""
        self._seen.clear()
