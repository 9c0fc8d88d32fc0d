"""When a unit's transaction begins and ends: on a connection of its own, or inside of one that a host began."""

import sqlite3
from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy import Connection, NestedTransaction, exc

from mktcore.persistence import Retryable
from mktcore.persistence.errors import NotJoinable, NoTransaction, TransactionLost
from mktcore.sql.borrowed_connection import get_driver
from mktcore.sql.errors import translate_errors

__all__ = ["JoinedTransaction", "OwnTransaction", "StoreTransaction", "WritingTurn"]


class StoreTransaction(Protocol):
    """What a session asks of the transaction that it writes in."""

    @property
    def is_own(self) -> bool:
        """Whether all of it is the unit's, to be rolled back as it likes."""
        ...

    @property
    def connection(self) -> Connection:
        """Where statements run."""
        ...

    def begin(self) -> None:
        """Begin; called once, before the first write."""
        ...

    def commit(self) -> None:
        """Keep what was written.

        Raises:
            Retryable: It lost against another; nothing was written.
            CommitUnknown: The connection broke meanwhile.
        """
        ...

    def leave(self) -> None:
        """Undo what was not committed; after a commit nothing."""
        ...

    def lose(self, error: Retryable) -> Retryable:
        """Return what to raise when the database says that this transaction lost."""
        ...


class OwnTransaction:
    """The transaction of a connection that nobody else uses.

    On SQLite it begins with the first write, as `BEGIN IMMEDIATE`; reads before it see what is committed at their
    moment and hold no lock, so that a unit that only reads never stands in a writer's way, and one that reads first
    never has to turn a reader's lock into a writer's, which is where SQLite deadlocks. This is what PostgreSQL does at
    the level "read committed".
    """

    is_own = True

    def __init__(self, connection: Connection, take_turn: Callable[[], None] | None = None) -> None:
        """Use a connection; closing it undoes what was not committed.

        Args:
            connection: Nobody else's.
            take_turn: Waits for the turn to write, and begins; None where units wait for rows.
        """
        self.connection = connection
        self._take_turn = take_turn

    def begin(self) -> None:
        """Begin to write."""
        if self._take_turn is not None:
            self._take_turn()

    def commit(self) -> None:
        """Commit."""
        with translate_errors(committing=True):
            self.connection.commit()

    def leave(self) -> None:
        """Leave it to the connection's end."""

    def lose(self, error: Retryable) -> Retryable:
        """Return the error: the whole unit can run again."""
        return error


class WritingTurn:
    """Whose turn it is to write in a host's transaction: savepoints lie in each other, so units cannot overlap."""

    def __init__(self) -> None:
        """Start with nobody's."""
        self._holder: object = None

    def take(self, unit: object) -> None:
        """Let a unit write.

        Raises:
            NotJoinable: Another one is writing; its end would decide about this one's writes too.
        """
        if self._holder is not None:
            raise NotJoinable("a second unit that writes", "another one is open in the same transaction")
        self._holder = unit

    def leave(self, unit: object) -> None:
        """Let the next one write."""
        if self._holder is unit:
            self._holder = None


class JoinedTransaction:
    """A savepoint in a transaction that the host began: kept or undone alone, committed or rolled back by the host.

    It is made before the first write and not before reads, which need none. What is undone to it lets go of the locks
    that were taken since; those from before stay, and so does the moment that the transaction sees where its level is
    above "read committed". So whatever the *database* reports as lost (a deadlock, a serialization failure, a reader
    that cannot become the writer) would be lost again from the same savepoint, and is the host's to run again.
    """

    is_own = False

    def __init__(self, connection: Connection, turn: WritingTurn) -> None:
        """Join what is open on a connection.

        Raises:
            NotJoinable: Its driver is not known.
            NoTransaction: Nothing is open, and what is written would be committed at once.
        """
        self.connection = connection
        self._turn = turn
        self._savepoint: NestedTransaction | None = None
        _check_driver(connection)
        if _commits_by_itself(connection):
            raise NoTransaction(_name_driver(connection))

    def begin(self) -> None:
        """Make the savepoint."""
        self._turn.take(self)
        driver = get_driver(self.connection)
        if isinstance(driver, sqlite3.Connection) and not driver.in_transaction:
            # The driver begins with a host's first change, and not with a savepoint: releasing that would commit.
            self.connection.exec_driver_sql("BEGIN IMMEDIATE")
        self._savepoint = self.connection.begin_nested()

    def commit(self) -> None:
        """Release the savepoint; the host's commit makes it durable."""
        if self._savepoint is not None:
            try:
                with translate_errors():
                    self._savepoint.commit()
            except Retryable as error:
                raise self.lose(error) from error
            self._turn.leave(self)

    def leave(self) -> None:
        """Return to the savepoint.

        Raises:
            TransactionLost: The database gave up the whole transaction, so there is nothing to return to.
        """
        try:
            if self._savepoint is not None and self._savepoint.is_active:
                self._savepoint.rollback()
        except exc.DBAPIError as error:
            raise TransactionLost("the database gave it up") from error
        finally:
            self._turn.leave(self)

    def lose(self, error: Retryable) -> Retryable:
        """Return what tells the host that its own transaction lost."""
        return error if isinstance(error, TransactionLost) else TransactionLost(error.reason)


def _check_driver(connection: Connection) -> None:
    """Refuse what would be misread: of SQLite, transactions that cannot be told; rows or parameters of another make.

    Raises:
        NotJoinable: The driver is another than the standard library's, or set up so that no statement of ours runs.
    """
    driver = get_driver(connection)
    if isinstance(driver, sqlite3.Connection):
        if driver.text_factory is not str:
            raise NotJoinable("connection of sqlite3", "its text_factory makes something else of texts")
    elif connection.dialect.name == "sqlite":
        # Outside of a transaction, which cannot be told of it, a savepoint that is released is committed.
        raise NotJoinable(type(driver).__name__, "on SQLite only connections of Python's sqlite3 can be joined")
    elif _is_by_number(connection, driver):
        raise NotJoinable(type(driver).__name__, "its cursors take no parameters by name")


def _is_by_number(connection: Connection, driver: Any) -> bool:
    raw = getattr(connection.dialect.loaded_dbapi, "RawCursor", None)  # psycopg's, since 3.2
    return raw is not None and issubclass(driver.cursor_factory, raw)


def _name_driver(connection: Connection) -> str:
    return f"connection of {connection.dialect.driver}"


def _commits_by_itself(connection: Connection) -> bool:
    """Tell whether the driver commits every statement, because nobody began a transaction."""
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        return True
    driver = get_driver(connection)
    if isinstance(driver, sqlite3.Connection):
        # True is Python 3.12's way to say it; without a level, the driver never begins one of itself.
        is_manual = driver.isolation_level is None or getattr(driver, "autocommit", None) is True
        return is_manual and not driver.in_transaction
    return bool(getattr(driver, "autocommit", False))
