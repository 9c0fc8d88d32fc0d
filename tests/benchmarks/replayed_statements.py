"""A floor of what a call costs on SQLite: the very statements that it makes, sent by hand, with nothing in between."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import process_time
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

__all__ = ["StatementRecorder"]


class StatementRecorder:
    """Writes down what the connections of SQLite that are opened meanwhile are sent, with its values."""

    def __init__(self, database: Path) -> None:
        """Keep where the database is."""
        self._database = database
        self._connections: list[Any] = []

    @contextmanager
    def listen(self) -> Iterator[None]:
        """Get to know the connections that are opened in this block."""

        def keep(connection: Any, _: object) -> None:
            self._connections.append(connection)

        event.listen(Engine, "connect", keep)
        try:
            yield
        finally:
            event.remove(Engine, "connect", keep)

    def measure_floor(self, call: Callable[[], object], *, rounds: int = 15) -> float:
        """Return the least processor time, in seconds, of a call's statements by hand, on what it found."""
        before = self._database.with_suffix(".before")
        with closing(sqlite3.connect(self._database)) as source, closing(sqlite3.connect(before)) as copy:
            source.backup(copy)
        statements: list[str] = []
        self._trace(statements.append)
        try:
            call()
        finally:
            self._trace(None)
        return min(self._replay(before, statements) for _ in range(rounds))

    def _trace(self, write: Callable[[str], None] | None) -> None:
        for connection in self._connections:
            connection.set_trace_callback(write)

    def _replay(self, before: Path, statements: list[str]) -> float:
        again = before.with_suffix(".again")
        shutil.copyfile(before, again)
        with closing(sqlite3.connect(again, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
            start = process_time()
            for statement in statements:
                connection.execute(statement).fetchall()
            return process_time() - start
