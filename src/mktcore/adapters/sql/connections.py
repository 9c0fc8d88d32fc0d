"""Connections of a store: taken in turn, and on SQLite the turn to write."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs
from sqlalchemy import Connection, Engine, exc

from mktcore.adapters.sql.errors import is_busy, translate_errors
from mktcore.adapters.turns import Turns
from mktcore.adapters.wait_limits import WaitLimits

__all__ = ["Connections"]

BeginWriting = Callable[[], None]
_ASKING_SECONDS = (0.0005, 0.002)


@attrs.frozen(eq=False)
class Connections:
    """Hands out an engine's connections to whoever waited longest.

    Attributes:
        engine: SQLAlchemy's.
        limits: How long is waited.
        places: Turns for a connection; None where the engine is the host's, whose pool is not ours to know.
        writers: SQLite's turns to write: one at a time in this process, so that only processes meet in SQLite's own
            waiting, which is fair to nobody. None on PostgreSQL, which queues for each row.
    """

    engine: Engine
    limits: WaitLimits
    places: Turns | None
    writers: Turns | None

    @classmethod
    def of(cls, engine: Engine, limits: WaitLimits | None) -> "Connections":
        """Return the connections of an engine that `open_engine` made with these limits, or of a host's (None)."""
        places = None if limits is None else Turns(limits.pool_size, "a connection")
        writers = Turns(1, "the turn to write") if engine.dialect.name == "sqlite" else None
        return cls(engine, limits or WaitLimits(), places=places, writers=writers)

    @contextmanager
    def open(self) -> Iterator[Connection]:
        """Wait for a connection, and yield it; what was not committed is undone.

        Raises:
            Busy: None became free in time.
        """
        turn = None if self.places is None else self.places.enter(self.limits.busy_seconds)
        try:
            with translate_errors():
                connection = self.engine.connect()
            with connection:
                yield connection
        finally:
            if turn is not None and self.places is not None:
                self.places.leave(turn)

    @contextmanager
    def open_for_writing(self) -> Iterator[tuple[Connection, BeginWriting | None]]:
        """Wait for a connection, and yield it with what must be called before its first write, if anything.

        Raises:
            Busy: None became free in time; or, of the call, the turn to write did not come.
        """
        writers = self.writers
        if writers is None:
            with self.open() as connection:
                yield connection, None
            return
        taken = []

        def begin() -> None:
            taken.append(writers.enter(self.limits.busy_seconds))
            _begin_immediate(connection, self.limits.busy_seconds)

        try:
            with self.open() as connection:
                yield connection, begin
        finally:
            # After the connection is closed: until then nobody else could write.
            for turn in taken:
                writers.leave(turn)


def _begin_immediate(connection: Connection, seconds: float) -> None:
    """Begin SQLite's transaction that writes, as soon as no other process has one.

    SQLite's own waiting asks ever more rarely, at last ten times a second, while a process that writes much goes from one
    of its units to the next in less than a thousandth. Asking often is what gives all processes the same chance.
    """
    ends = time.monotonic() + seconds
    connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except exc.OperationalError as error:
                if not is_busy(error) or time.monotonic() >= ends:
                    raise
                time.sleep(random.uniform(*_ASKING_SECONDS))  # noqa: S311 - spreads load, guards no secret
            else:
                return
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(seconds * 1000)}")
