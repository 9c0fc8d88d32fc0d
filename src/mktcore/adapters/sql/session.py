"""One unit's connection: reads as they come, and one transaction from the first write on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable

from mktcore.adapters.sql.errors import translate_errors
from mktcore.adapters.sql.lock_holders import find_holders
from mktcore.adapters.sql.schema import SystemTables
from mktcore.persistence import Retryable, Scope
from mktcore.persistence.errors import Busy, UnitClosed

__all__ = ["SqlSession"]

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


class SqlSession:
    """The connection of one unit, and whether it may still be used.

    On SQLite the transaction begins with the first write, as `BEGIN IMMEDIATE`; reads before it see what is committed
    at their moment and hold no lock, so that a unit that only reads never stands in a writer's way, and one that reads
    first never has to turn a reader's lock into a writer's, which is where SQLite deadlocks. This is what PostgreSQL
    does at the level "read committed". Guards are in the writes, so no decision relies on what was read.

    Attributes:
        scope: Who is asking.
        tables: What every store keeps beside its repositories.
        is_postgresql: Whether rows can and must be locked one by one.
    """

    def __init__(
        self, connection: Connection, scope: Scope, tables: SystemTables, *, begin: Callable[[], None] | None = None
    ) -> None:
        """Use a connection that nobody else uses.

        Args:
            connection: From `Connections.open_for_writing`.
            scope: Who is asking.
            tables: What every store keeps beside its repositories.
            begin: Called before the first write, where the database must be told that one comes.
        """
        self.scope = scope
        self.tables = tables
        self.is_postgresql = connection.dialect.name == "postgresql"
        self._connection = connection
        self._begin = begin
        self._is_writing = False
        self._is_open = True
        self._lost: Retryable | None = None

    def read(self, statement: Executable, parameters: Parameters = None) -> CursorResult[*tuple[Any, ...]]:
        """Run a query.

        Raises:
            Retryable: The transaction lost against another, now or before.
        """
        return self._run(statement, parameters)

    def write(self, statement: Executable, parameters: Parameters = None) -> CursorResult[*tuple[Any, ...]]:
        """Run a change, inside the transaction.

        Raises:
            Retryable: As in `read`.
        """
        self.begin_writing()
        return self._run(statement, parameters)

    def begin_writing(self) -> None:
        """Begin the transaction that writes, if it has not begun."""
        self.check_usable()
        if not self._is_writing:
            if self._begin is not None:
                with self._losing(), translate_errors():
                    self._begin()
            self._is_writing = True

    @contextmanager
    def undo_on_error(self) -> Iterator[None]:
        """Undo what was written inside the block when it ends with an error, and leave the unit usable."""
        # On SQLite a savepoint outside of a transaction begins a deferred one, and its lock may be refused later.
        self.begin_writing()
        with self._losing(), translate_errors(), self._connection.begin_nested():
            yield

    def lose(self, reason: str) -> Retryable:
        """Note that this unit met another one, so that it cannot be committed any more; returns what to raise."""
        self._lost = Retryable(reason)
        return self._lost

    def commit(self) -> None:
        """Commit what was written, and end.

        Raises:
            Retryable: The transaction lost against another; nothing was written.
            CommitUnknown: The connection broke meanwhile.
        """
        self.check_usable()
        with translate_errors(committing=True):
            self._connection.commit()
        self._is_open = False

    def end(self) -> None:
        """End; what was not committed is undone when the connection closes."""
        self._is_open = False

    def _run(self, statement: Executable, parameters: Parameters) -> CursorResult[*tuple[Any, ...]]:
        self.check_usable()
        with self._losing(), translate_errors():
            return self._connection.execute(statement, parameters)

    def check_usable(self) -> None:
        """Refuse a unit that ended, or lost against another.

        Raises:
            UnitClosed: It was committed or left.
            Retryable: It lost; it can only be left.
        """
        if not self._is_open:
            raise UnitClosed
        if self._lost is not None:
            raise self._lost

    @contextmanager
    def _losing(self) -> Iterator[None]:
        try:
            yield
        except Busy as error:
            self._lost = self._add_holders(error)
            raise
        except Retryable as error:
            # A caller that catches this must not go on and commit a part.
            self._lost = error
            raise

    def _add_holders(self, busy: Busy) -> Busy:
        """Ask who held what this unit waited for, where the database knows and the transaction is this unit's own."""
        # To ask means to roll back: inside a savepoint that is for whoever opened it, and here again once it is gone.
        if self.is_postgresql and not busy.holders and not self._connection.in_nested_transaction():
            busy.holders = find_holders(self._connection, self.tables.stock.metadata)
        return busy
