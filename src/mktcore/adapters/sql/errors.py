"""What databases report, as the errors of the ports; and what this adapter itself refuses."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import attrs
from sqlalchemy import exc

from mktcore.unit_of_work import CommitUnknown, Retryable, StoreError

__all__ = ["SchemaOutdated", "UnsupportedDatabase", "translate_errors"]

_LOST_STATES = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock not available
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


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
class SchemaOutdated(StoreError):
    """Tables that were made by another release, or for other columns."""

    code: ClassVar[str] = "store.schema-outdated"
    remedy: ClassVar[str] = (
        "migrate the database, then fill new columns with SqlStore.rewrite(kind); or open it with create=True"
    )
    missing: tuple[str, ...]

    def describe(self) -> str:
        """Name every column that is missing."""
        return f"the database lacks {', '.join(self.missing)}"


@contextmanager
def translate_errors(*, committing: bool = False) -> Iterator[None]:
    """Raise what the database reports as an error of the ports; what nobody can act on passes unchanged.

    Args:
        committing: A connection that breaks now leaves open whether the transaction was committed.
    """
    try:
        yield
    except exc.DBAPIError as error:
        reason = str(error.orig).partition("\n")[0]
        if _was_lost(error):
            raise Retryable(reason) from error
        if error.connection_invalidated or _has_lost_connection(error):
            raise (CommitUnknown(reason) if committing else Retryable(reason)) from error
        raise
    except exc.TimeoutError as error:
        raise Retryable("no connection became free") from error


def _was_lost(error: exc.DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", 0)
        return (code & 0xFF) in _BUSY
    return getattr(error.orig, "sqlstate", None) in _LOST_STATES


def _has_lost_connection(error: exc.DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None) or ""
    return state.startswith(("08", "57P"))  # connection exception; the server was stopped or is starting
