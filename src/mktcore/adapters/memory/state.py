"""What the units of a store share: the committed tables, who may write, and which past is still needed."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any

from mktcore.adapters.memory.system_rows import SYSTEM_ORDERED, SYSTEM_TABLES
from mktcore.adapters.memory.versioned_tables import Row, Table
from mktcore.adapters.turns import Turn, Turns
from mktcore.persistence import Kind
from mktcore.persistence.kinds import index_kinds

__all__ = ["SharedState"]


class SharedState:
    """The committed state of a store in memory.

    Attributes:
        kinds: The repositories, by name.
        tables: Committed rows, by name of the kind, or of what every store keeps beside them.
        followers: The kinds whose marks end with records of another one, by its name; see `Kind.lasting`.
        latch: Held for the moment of one call, so that readers and a commit do not meet in a table.
        turns: Numbers aggregates whose events wait, in the order in which they began to.
    """

    def __init__(self, kinds: Iterable[Kind[Any]], wait_seconds: float) -> None:
        """Start empty."""
        self.kinds: Mapping[str, Kind[Any]] = index_kinds(kinds)
        self.latch = threading.RLock()
        self.turns = count(1)
        self.tables: dict[str, Table] = {
            name: Table(columns, partial(_read_columns, columns), ordered=SYSTEM_ORDERED.get(name))
            for name, columns in SYSTEM_TABLES.items()
        }
        self.followers: dict[str, list[Kind[Any]]] = {}
        for kind in self.kinds.values():
            self.tables[kind.name] = _build_table(kind)
            if kind.lasting is not None:
                self.followers.setdefault(kind.lasting.kind, []).append(kind)
        self._wait_seconds = wait_seconds
        self._writers = Turns(1, "the turn to write")
        self._commit = 0
        self._reading: Counter[int] = Counter()
        self._past: deque[tuple[int, str, str]] = deque()

    @contextmanager
    def read(self) -> Iterator[int]:
        """Keep the state of the last commit readable; yields its number."""
        with self.latch:
            commit = self._commit
            self._reading[commit] += 1
        try:
            yield commit
        finally:
            with self.latch:
                self._reading[commit] -= 1
                if not self._reading[commit]:
                    del self._reading[commit]

    def take_writer(self) -> Turn:
        """Wait until no other unit writes, and be the one that does.

        Raises:
            Busy: Another unit went on writing for too long, or stands open in this very thread.
        """
        return self._writers.enter(self._wait_seconds)

    def leave_writer(self, turn: Turn) -> None:
        """Let the unit write that waited longest."""
        self._writers.leave(turn)

    def apply(self, changes: Mapping[str, Mapping[str, Row]]) -> None:
        """Make the changes of the writing unit the last committed state, at once for every reader."""
        with self.latch:
            commit = self._commit + 1
            oldest = min(self._reading, default=commit)
            for name, rows in changes.items():
                table = self.tables[name]
                for key, row in rows.items():
                    if table.write(key, row, commit=commit, oldest=oldest):
                        self._past.append((commit, name, key))
            self._commit = commit
            self._forget()

    def _forget(self) -> None:
        """Drop the past that every reader has left behind, oldest first."""
        oldest = min(self._reading, default=self._commit)
        while self._past and self._past[0][0] <= oldest:
            _, name, key = self._past.popleft()
            self.tables[name].forget(key, oldest)


def _build_table(kind: Kind[Any]) -> Table:
    ordered = {name: kind.find_partners(name) for name in kind.ordered}
    together = kind.together
    for name, declared in kind.several.items():
        walks = [(*partner, name) for partner in kind.find_value_partners(name)]
        if declared.order is None:
            together += tuple(walks)
        else:
            ordered[declared.order] += ((name,), *walks)
    read = partial(_read_kind, kind)
    return Table(
        (*kind.readers, *kind.several),
        read,
        ordered=ordered,
        together=together,
        several=kind.several,
        read_marks=None if kind.marks is None else kind.read_marks,
    )


def _read_kind(kind: Kind[Any], value: Any) -> Mapping[str, object]:
    columns = kind.read_columns(value)
    return {**columns, **kind.read_several(value)} if kind.several else columns


def _read_columns(columns: Mapping[str, Callable[[Any], object]], value: Any) -> Mapping[str, object]:
    return {name: read(value) for name, read in columns.items()}
