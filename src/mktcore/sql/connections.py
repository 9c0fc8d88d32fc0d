"""Connections of a store: taken in turn, and on SQLite the turn to write."""

from collections.abc import Iterator
from contextlib import contextmanager

import attrs
from sqlalchemy import Connection, Engine

from mktcore.adapters.store_wait_limits import WaitLimits
from mktcore.adapters.turns import Turn, Turns
from mktcore.sql.errors import reach, translate_errors
from mktcore.sql.host_engines import begin_transactions, settle_engine
from mktcore.sql.sqlite_writers import SqliteWriters
from mktcore.sql.transactions import OwnTransaction

__all__ = ["Connections"]


@attrs.frozen(eq=False)
class Connections:
    """Hands out an engine's connections to whoever waited longest.

    Attributes:
        engine: SQLAlchemy's.
        limits: How long is waited.
        places: Turns for a connection; None where the engine is the host's, whose pool is not ours to know.
        writers: SQLite's turns to write; None on PostgreSQL, where units wait for rows.
    """

    engine: Engine
    limits: WaitLimits
    places: Turns | None
    writers: SqliteWriters | None

    @classmethod
    def of(cls, engine: Engine, limits: WaitLimits | None) -> "Connections":
        """Return the connections of an engine that `open_engine` made with these limits, or of a host's (None)."""
        known = limits or WaitLimits()
        places = None if limits is None else Turns(limits.pool_size, "a connection")
        writers = SqliteWriters(known.busy_seconds) if engine.dialect.name == "sqlite" else None
        return cls(settle_engine(engine), known, places=places, writers=writers)

    @contextmanager
    def open(self) -> Iterator[Connection]:
        """Wait for a connection, and yield it; what was not committed is undone.

        Raises:
            Busy: None became free in time.
            DatabaseUnreachable: It lets nobody in, or does not answer.
        """
        turn = None if self.places is None else self.places.enter(self.limits.busy_seconds)
        try:
            with translate_errors(), reach(self.engine.url.render_as_string()):
                connection = self.engine.connect()
            with connection:
                begin_transactions(connection)
                yield connection
        finally:
            if turn is not None and self.places is not None:
                self.places.leave(turn)

    @contextmanager
    def open_for_writing(self) -> Iterator[OwnTransaction]:
        """Wait for a connection, and yield a transaction on it, which takes its turn with its first write.

        Raises:
            Busy: None became free in time; or, of the call, the turn to write did not come.
        """
        writers = self.writers
        if writers is None:
            with self.open() as connection:
                yield OwnTransaction(connection)
            return
        taken: list[Turn] = []
        try:
            with self.open() as connection:
                yield OwnTransaction(connection, lambda: taken.append(writers.enter(connection)))
        finally:
            # After the connection is closed: until then nobody else could write.
            for turn in taken:
                writers.leave(turn)
