"""Database engines, set up so that what is committed stays."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, exc, make_url

from mktcore.adapters.sql.errors import UnsupportedDatabase
from mktcore.errors import MissingExtra

__all__ = ["open_engine"]

_LONGEST_SHOWN = 80


def open_engine(url: str | URL, *, busy_seconds: float = 30.0, **options: Any) -> Engine:
    """Return the engine of a SQLite file, created with its folder when it is missing, or of a PostgreSQL server.

    Args:
        url: `sqlite:///market.db` or `postgresql+psycopg://...`.
        busy_seconds: How long SQLite waits for another writer before the unit is `Retryable`.
        options: Passed on to SQLAlchemy's `create_engine`.

    Raises:
        UnsupportedDatabase: Another database or driver, SQLite in memory, or no address at all.
        MissingExtra: It is PostgreSQL, and the extra `postgresql` is not installed.
    """
    try:
        target = make_url(url)
    except exc.ArgumentError:
        # What cannot be parsed may hold a password all the same: before the last @.
        raise UnsupportedDatabase(str(url).rpartition("@")[2][:_LONGEST_SHOWN]) from None
    backend = target.get_backend_name()
    if backend == "postgresql":
        # Without a driver named SQLAlchemy would look for psycopg2.
        if target.drivername == "postgresql":
            target = target.set(drivername="postgresql+psycopg")
        if target.drivername != "postgresql+psycopg":
            raise UnsupportedDatabase(target.render_as_string())
        try:
            # Guards are in the statements that write: a stricter level would only cost more units begun again.
            return create_engine(target, isolation_level="READ COMMITTED", **options)
        except ModuleNotFoundError as error:
            raise MissingExtra("postgresql", str(error.name)) from error
    # A database in memory belongs to one connection, and every unit takes its own.
    if backend != "sqlite" or not target.database or target.database == ":memory:":
        raise UnsupportedDatabase(target.render_as_string())
    Path(target.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(target, connect_args={"timeout": busy_seconds}, **options)
    event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The unit of work says when its transaction begins (BEGIN IMMEDIATE); the driver must not.
    connection.isolation_level = None
    cursor = connection.cursor()
    # Under WAL, NORMAL may lose the last commits with the power; what was committed has to stay.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA journal_mode={'WAL' if is_wal_safe(sqlite3.sqlite_version_info) else 'DELETE'}")
    cursor.close()


def is_wal_safe(version: tuple[int, ...]) -> bool:
    """Tell whether a SQLite version has no corruption bug in the reset of its write-ahead log.

    >>> [is_wal_safe(version) for version in ((3, 51, 3), (3, 51, 2), (3, 50, 7), (3, 44, 6), (3, 40, 1))]
    [True, False, True, True, False]
    """
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
