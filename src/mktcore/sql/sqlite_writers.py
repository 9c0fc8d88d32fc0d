"""The turn to write in SQLite, which has one writer at a time: in order within a process, by chance among processes."""

import random
import time

from sqlalchemy import Connection, exc

from mktcore.adapters.turns import Turn, Turns
from mktcore.sql.errors import is_busy, translate_errors

__all__ = ["SqliteWriters"]

_ASKING_SECONDS = (0.0005, 0.002)
_YIELDING_SECONDS = (0.002, 0.004)
"""Longer than others wait before they ask again: so most often they are faster."""
_MEMORY_SECONDS = 1.0


class SqliteWriters:
    """Units of one process that write a SQLite file.

    SQLite's own waiting asks ever more rarely, at last ten times a second, while a busy process goes from one of its
    units to the next in a thousandth of that. So units of this process wait in line, the first asks often, and where
    other processes were met a moment ago, a unit waits a little before it begins, for they may be waiting too.
    """

    def __init__(self, seconds: float) -> None:
        """Begin without having met anybody.

        Args:
            seconds: How long a unit waits in line, and then for other processes.
        """
        self._turns = Turns(1, "the turn to write")
        self._seconds = seconds
        self._met_at = float("-inf")

    def enter(self, connection: Connection) -> Turn:
        """Wait for the turn, and begin the transaction; who enters leaves, once the connection is closed.

        Raises:
            Busy: It did not come in time.
        """
        turn = self._turns.enter(self._seconds)
        try:
            with translate_errors():
                self._begin(connection)
        except BaseException:
            self._turns.leave(turn)
            raise
        return turn

    def leave(self, turn: Turn) -> None:
        """Hand the turn to the unit that waited longest."""
        self._turns.leave(turn)

    def _begin(self, connection: Connection) -> None:
        ends = time.monotonic() + self._seconds
        if time.monotonic() - self._met_at < _MEMORY_SECONDS:
            _sleep(*_YIELDING_SECONDS)
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        try:
            while not _begins(connection, is_last=time.monotonic() >= ends):
                self._met_at = time.monotonic()
                _sleep(*_ASKING_SECONDS)
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(self._seconds * 1000)}")


def _begins(connection: Connection, *, is_last: bool) -> bool:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except exc.OperationalError as error:
        if is_last or not is_busy(error):
            raise
        return False
    return True


def _sleep(shortest: float, longest: float) -> None:
    time.sleep(random.uniform(shortest, longest))  # noqa: S311 - spreads load, guards no secret
