"""A store inside of a transaction that a host began, on a connection of SQLAlchemy or of the database's driver."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Literal, Protocol, runtime_checkable

from sqlalchemy import Connection, Engine

from mktcore.persistence import Scope
from mktcore.persistence.errors import NotJoinable
from mktcore.sql.borrowed_connection import DriverTransaction, borrow
from mktcore.sql.transactions import JoinedTransaction, StoreTransaction, WritingTurn
from mktcore.sql.unit import SqlUnit

__all__ = ["HostTransaction", "JoinedStore"]

OpenUnit = Callable[[StoreTransaction, Scope], AbstractContextManager[SqlUnit]]


@runtime_checkable
class HostSession(Protocol):
    """SQLAlchemy's `Session`, or one bound to a thread or request."""

    def connection(self) -> Connection:
        """Return the connection of its present transaction, which begins with it."""
        ...

    def get_bind(self) -> object:
        """Return its engine; here to tell it from what merely has a connection, such as Django's."""
        ...


class HostTransaction:
    """What a host handed over: a `Connection` or `Session` of SQLAlchemy, or a `DriverTransaction`."""

    def __init__(self, given: object, engine: Engine) -> None:
        """Look at what it is.

        Args:
            given: What the host handed over.
            engine: The store's own.

        Raises:
            NotJoinable: It is none of these, or a connection to another kind of database.
        """
        if not isinstance(given, (Connection, HostSession, DriverTransaction)):
            raise NotJoinable(_name(given), "it is neither SQLAlchemy's Connection nor Session, nor an adapter of one")
        self._given = given
        self._engine = engine

    def get_address(self) -> str:
        """Return what tells its database from others."""
        if isinstance(self._given, DriverTransaction):
            return self._given.get_address()
        with self.connect() as connection:
            return connection.engine.url.render_as_string(hide_password=False)

    def connect(self) -> AbstractContextManager[Connection]:
        """Return the connection, for as long as a unit is open.

        Raises:
            NotJoinable: It is a connection to another kind of database.
            NoTransaction: No transaction is open on it.
        """
        if isinstance(self._given, DriverTransaction):
            driver = self._given.get_driver_connection()
            expected = self._engine.dialect.loaded_dbapi.Connection
            if not isinstance(driver, expected):
                raise NotJoinable(_name(driver), f"the marketplace's is a {_name(expected)}")
            return borrow(driver, self._engine)
        # A session has another connection after each commit, so it is asked for every unit.
        given = self._given.connection() if isinstance(self._given, HostSession) else self._given
        if given.dialect.name != self._engine.dialect.name:
            raise NotJoinable(f"a connection to {given.dialect.name}", f"the marketplace is on {self._engine.name}")
        return nullcontext(given)


class JoinedStore:
    """Opens units in a host's transaction, for the thread that uses the host's connection.

    One unit writes at a time; what it wrote is seen by the next and by the host, and by nobody else until the host
    commits. Events are written in the same transaction, so a relay sends them after the host's commit, or never.
    """

    is_joined: Literal[True] = True

    def __init__(self, host: HostTransaction, open_unit: OpenUnit) -> None:
        """Join a host's transaction; see `SqlStore.join`."""
        self._host = host
        self._open_unit = open_unit
        self._turn = WritingTurn()

    @contextmanager
    def begin(self, scope: Scope) -> Iterator[SqlUnit]:
        """Open a unit for `scope`: with its commit the host may commit it, without it nothing of it is left.

        Raises:
            NoTransaction: The connection is in no transaction.
        """
        with self._host.connect() as connection, self._open_unit(self._join(connection), scope) as unit:
            yield unit

    def _join(self, connection: Connection) -> JoinedTransaction:
        return JoinedTransaction(connection, self._turn)


def _name(driver: object) -> str:
    kind = driver if isinstance(driver, type) else type(driver)
    return f"{kind.__module__}.{kind.__qualname__}"
