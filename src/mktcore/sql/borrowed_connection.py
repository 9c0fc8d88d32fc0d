"""A driver's connection that belongs to somebody else, lent to SQLAlchemy for the statements of a unit."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

from sqlalchemy import Connection, Engine, StaticPool

__all__ = ["BorrowedConnection", "DriverTransaction", "as_tuples", "borrow", "get_driver"]


@runtime_checkable
class DriverTransaction(Protocol):
    """A transaction that is open on a connection of the database's driver, such as Django's."""

    def get_driver_connection(self) -> Any:
        """Return the driver's connection.

        Raises:
            NoTransaction: No transaction is open on it.
        """
        ...

    def get_address(self) -> str:
        """Return what tells its database from others."""
        ...


class BorrowedConnection:
    """Runs statements on somebody else's connection, and neither ends its transaction nor closes it."""

    def __init__(self, lender: Any) -> None:
        """Borrow a driver's connection."""
        self.lender = lender

    def cursor(self, *arguments: Any, **options: Any) -> Any:
        """Return a cursor of the driver, whose rows are tuples, whatever its owner has them be."""
        if isinstance(self.lender, sqlite3.Connection):
            cursor = self.lender.cursor(*arguments, **options)
            cursor.row_factory = None
            return cursor
        return self.lender.cursor(*arguments, **{"row_factory": as_tuples, **options})

    def commit(self) -> None:
        """Leave the commit to the owner."""

    def rollback(self) -> None:
        """Leave the rollback to the owner; a unit returns to its savepoint."""

    def close(self) -> None:
        """Leave it open."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.lender, name)


def as_tuples(_cursor: Any) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """Return what makes a row of psycopg's; for `tuple` itself it has a short way."""
    return tuple


@contextmanager
def borrow(driver: Any, engine: Engine) -> Iterator[Connection]:
    """Yield a SQLAlchemy connection over a driver's, spoken to as an engine of the same database has learnt to.

    Args:
        driver: The connection of the driver.
        engine: One that has connected before, so that its dialect knows the server.
    """
    borrowed = BorrowedConnection(driver)
    # An engine of create_engine would ask the server who it is, and roll back; this one has no pool events at all.
    pool = StaticPool(lambda: borrowed, reset_on_return=None)
    lent = Engine(pool, engine.dialect, engine.url, execution_options=engine.get_execution_options())
    with lent.connect() as connection:
        yield connection


def get_driver(connection: Connection) -> Any:
    """Return the driver's own connection."""
    driver = connection.connection.dbapi_connection
    return driver.lender if isinstance(driver, BorrowedConnection) else driver
