"""Database engines, set up so that what is committed stays, and that no wait is without end."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url

from mktcore.adapters.store_wait_limits import WaitLimits
from mktcore.errors import MissingExtra
from mktcore.sql.errors import DatabaseUnreachable, UnsupportedDatabase

__all__ = ["begin_statement", "open_engine", "start_clock", "without_limits"]

_LONGEST_SHOWN = 80
_STEPS = 50_000
"""Of SQLite's virtual machine, between two looks at the clock: some milliseconds, so that looking costs nothing."""
_SHORTEST = 2  # seconds, of a connection's time-out in PostgreSQL's own library
_ENDS, _ENDLESS, _SECONDS = "mktcore.ends", "mktcore.endless", "mktcore.seconds"


def open_engine(url: str | URL, limits: WaitLimits | None = None, *, create: bool = True, **options: Any) -> Engine:
    """Return the engine of a SQLite file, created with its folder when it is missing, or of a PostgreSQL server.

    Args:
        url: `sqlite:///market.db` or `postgresql+psycopg://...`.
        limits: How many connections there are, and how long is waited for what.
        create: Whether a file may be made.
        options: Passed on to SQLAlchemy's `create_engine`.

    Raises:
        UnsupportedDatabase: Another database or driver, SQLite in memory, or no address at all.
        DatabaseUnreachable: A file that is not there, and must not be made.
        MissingExtra: It is PostgreSQL, and the extra `postgresql` is not installed.
    """
    limits = limits or WaitLimits()
    target = _read_address(url)
    # Guards count rows.
    options["execution_options"] = {"preserve_rowcount": True} | dict(options.get("execution_options", {}))
    if "poolclass" not in options:
        # No overflow: whoever finds no connection waits in line, and is not served by a slower database instead.
        options = {"max_overflow": 0, "pool_timeout": limits.busy_seconds, **options, "pool_size": limits.pool_size}
    if target.get_backend_name() == "postgresql":
        # Guards are in the statements that write: a stricter level would only cost more units begun again.
        if "connect_timeout" not in target.query:
            waits = {"connect_timeout": max(_SHORTEST, ceil(limits.busy_seconds))}
            options["connect_args"] = waits | dict(options.get("connect_args", {}))
        try:
            engine = create_engine(target, **{"isolation_level": "READ COMMITTED", **options})
        except ModuleNotFoundError as error:
            raise MissingExtra("postgresql", str(error.name)) from error
        event.listen(engine, "connect", lambda connection, _: _set_up_postgresql(connection, limits))
        return engine
    file = Path(target.database or "")
    if not create and not file.exists():
        raise DatabaseUnreachable(target.render_as_string(), "there is no such file, and none is to be made")
    file.parent.mkdir(parents=True, exist_ok=True)
    options["connect_args"] = {"timeout": limits.busy_seconds} | dict(options.get("connect_args", {}))
    engine = create_engine(target, **options)
    event.listen(engine, "connect", _set_up_sqlite)
    if limits.statement_seconds is not None:
        _bound_statements(engine, limits.statement_seconds)
    return engine


def _read_address(url: str | URL) -> URL:
    try:
        target = make_url(url)
    except exc.ArgumentError:
        # What cannot be parsed may hold a password all the same: before the last @.
        raise UnsupportedDatabase(str(url).rpartition("@")[2][:_LONGEST_SHOWN]) from None
    # Without a driver named SQLAlchemy would look for psycopg2.
    if target.drivername == "postgresql":
        target = target.set(drivername="postgresql+psycopg")
    # A database in memory belongs to one connection, and every unit takes its own.
    is_file = target.get_backend_name() == "sqlite" and target.database and target.database != ":memory:"
    if target.drivername != "postgresql+psycopg" and not is_file:
        raise UnsupportedDatabase(target.render_as_string())
    return target


def _set_up_postgresql(connection: Any, limits: WaitLimits) -> None:
    # By statements, for what stands between us and the server may not pass on options of the connection.
    was_autocommit, connection.autocommit = connection.autocommit, True
    connection.execute(f"SET lock_timeout = {_to_milliseconds(limits.busy_seconds)}")
    if limits.statement_seconds is not None:
        connection.execute(f"SET statement_timeout = {_to_milliseconds(limits.statement_seconds)}")
    connection.autocommit = was_autocommit


def _to_milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))  # 0 would be without end


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The unit of work says when its transaction begins (BEGIN IMMEDIATE); the driver must not.
    connection.isolation_level = None
    cursor = connection.cursor()
    # Under WAL, NORMAL may lose the last commits with the power; what was committed has to stay.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA journal_mode={'WAL' if is_wal_safe(sqlite3.sqlite_version_info) else 'DELETE'}")
    cursor.close()


def _bound_statements(engine: Engine, seconds: float) -> None:
    """End statements of SQLite that run for longer; it has no time-out of its own for them."""

    def watch(connection: sqlite3.Connection, record: Any) -> None:
        info = record.info
        info[_SECONDS] = seconds
        connection.set_progress_handler(lambda: time.monotonic() > info.get(_ENDS, float("inf")), _STEPS)

    event.listen(engine, "connect", watch)
    event.listen(engine, "before_cursor_execute", begin_statement, retval=True)


def begin_statement(connection: Connection, _cursor: object, statement: str, *rest: Any) -> tuple[str, Any]:
    """Let the time of a statement begin that SQLAlchemy sends; what is sent past it calls `start_clock`.

    It returns what it was given, so that SQLAlchemy keeps the function itself, which tells it from a host's.
    """
    start_clock(connection)
    return statement, rest[0]


def start_clock(connection: Connection) -> None:
    """Let the time of a statement of SQLite begin, where it is bounded."""
    info = connection.info
    if _SECONDS in info:
        info[_ENDS] = float("inf") if _ENDLESS in info else time.monotonic() + info[_SECONDS]


@contextmanager
def without_limits(connection: Connection) -> Iterator[None]:
    """Let what happens in the block take as long as it must, in waiting and in running.

    For what is rare and large, and cannot be done in parts: a migration, an audit of everything.
    """
    if connection.dialect.name == "postgresql":
        # They end with the transaction, which the block must be.
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        yield
        return
    usual = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
    connection.info[_ENDLESS] = True
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {2**31 - 1}")
    try:
        yield
    finally:
        connection.info.pop(_ENDLESS)
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {usual}")


def is_wal_safe(version: tuple[int, ...]) -> bool:
    """Tell whether a SQLite version has no corruption bug in the reset of its write-ahead log.

    >>> [is_wal_safe(version) for version in ((3, 51, 3), (3, 51, 2), (3, 50, 7), (3, 44, 6), (3, 40, 1))]
    [True, False, True, True, False]
    """
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
