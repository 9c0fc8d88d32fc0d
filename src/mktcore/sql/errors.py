"""What databases report, as the errors of the ports; and what this adapter itself refuses."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import attrs
from sqlalchemy import exc

from mktcore.persistence import Retryable
from mktcore.persistence.errors import Busy, CommitUnknown, StoreError

__all__ = ["DatabaseUnreachable", "SchemaOutdated", "UnsupportedDatabase", "is_busy", "reach", "translate_errors"]

_NAMED = 10
"""Columns that a refusal names: of a database without any of ours, hundreds are missing."""
_LOST_STATES = {"40001", "40P01"}  # serialization failure, deadlock
_BUSY_STATES = {"55P03", "57014"}  # no lock within lock_timeout, no end within statement_timeout
# SQLite waited as long as it may, or its statement ran so long. That a snapshot is stale it tells at once: this is no
# time-out, and another attempt may go well.
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_INTERRUPT}
_LOST = {sqlite3.SQLITE_LOCKED}


@attrs.define(eq=False, slots=False)
class UnsupportedDatabase(StoreError):
    """A database that this adapter does not speak."""

    code: ClassVar[str] = "store.unsupported-database"
    remedy: ClassVar[str] = "give sqlite:///FILE or postgresql+psycopg://...; for a store in memory take MemoryStore"
    url: str

    def describe(self) -> str:
        """Name the URL, without its password."""
        return f"{self.url} is neither a SQLite file nor PostgreSQL"


@attrs.define(eq=False, slots=False)
class DatabaseUnreachable(StoreError):
    """A database that lets nobody in: no server there, another password, a file that cannot be opened."""

    code: ClassVar[str] = "store.unreachable"
    remedy: ClassVar[str] = "check the address, that the server runs, and what its user may do"
    url: str
    reason: str

    def describe(self) -> str:
        """Name the URL, without its password, and what the database said."""
        return f"cannot connect to {self.url}: {self.reason}"


@attrs.define(eq=False, slots=False)
class SchemaOutdated(StoreError):
    """Tables that were made by another release, or for other columns."""

    code: ClassVar[str] = "store.schema-outdated"
    remedy: ClassVar[str] = (
        "migrate the database (Alembic's branch mktcore, then SqlStore.rewrite(kind) for new columns of your kinds); "
        "or open it once with create=True, which does both"
    )
    missing: tuple[str, ...]

    def describe(self) -> str:
        """Name the columns that are missing, the first ten of many."""
        more = len(self.missing) - _NAMED
        rest = f", and {more} more columns, which `missing` lists" if more > 0 else ""
        return f"the database lacks {', '.join(self.missing[:_NAMED])}{rest}"


@contextmanager
def reach(url: str) -> Iterator[None]:
    """Raise what a first connection fails with as `DatabaseUnreachable`.

    Args:
        url: The database, without its password.
    """
    try:
        yield
    except exc.OperationalError as error:
        if _was_lost(error) or is_busy(error):
            raise Retryable(_to_reason(error)) from error
        raise DatabaseUnreachable(url, _to_reason(error)) from error


@contextmanager
def translate_errors(*, committing: bool = False) -> Iterator[None]:
    """Raise what the database reports as an error of the ports; what nobody can act on passes unchanged.

    Args:
        committing: A connection that breaks now leaves open whether the transaction was committed.
    """
    begun = time.monotonic()
    try:
        yield
    except exc.DBAPIError as error:
        reason = _to_reason(error)
        if is_busy(error):
            raise Busy(reason, time.monotonic() - begun) from error
        if _was_lost(error):
            raise Retryable(reason) from error
        if error.connection_invalidated or _has_lost_connection(error):
            # A connection that breaks during the commit leaves open whether it was made; before, nothing was.
            raise (CommitUnknown(reason) if committing else Retryable(reason)) from error
        raise
    except exc.TimeoutError as error:
        raise Busy("no connection became free", time.monotonic() - begun) from error


def _to_reason(error: exc.DBAPIError) -> str:
    # Further lines of PostgreSQL's message (DETAIL) may quote values of another party's rows.
    return str(error.orig).partition("\n")[0]


def _was_lost(error: exc.DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", 0)
        # Extended result codes keep the primary one in the low byte.
        return code == sqlite3.SQLITE_BUSY_SNAPSHOT or (code & 0xFF) in _LOST
    return getattr(error.orig, "sqlstate", None) in _LOST_STATES


def is_busy(error: exc.DBAPIError) -> bool:
    """Tell whether the database gave up waiting, or its statement ran for too long."""
    if isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", 0)
        return code != sqlite3.SQLITE_BUSY_SNAPSHOT and (code & 0xFF) in _BUSY
    return getattr(error.orig, "sqlstate", None) in _BUSY_STATES


def _has_lost_connection(error: exc.DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None) or ""
    return state.startswith(("08", "57P"))  # connection exception; the server was stopped or is starting
