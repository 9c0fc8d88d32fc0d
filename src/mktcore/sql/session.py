"""One unit's connection: reads as they come, and one transaction from the first write on."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import CursorResult, Executable

from mktcore.persistence import Retryable, Scope
from mktcore.persistence.errors import Busy, UnitClosed
from mktcore.sql.driver_statements import Answer, Call, can_send, send_together
from mktcore.sql.errors import translate_errors
from mktcore.sql.host_engines import OUR_OPTIONS
from mktcore.sql.lock_holders import find_holders
from mktcore.sql.noted_reads import SqlReads
from mktcore.sql.seen_records import SeenRecords
from mktcore.sql.store_tables import SystemTables
from mktcore.sql.transactions import StoreTransaction

__all__ = ["SqlSession"]

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


class SqlSession:
    """The connection of one unit, and whether it may still be used.

    Reads before the first write see what is committed at their moment; guards are in the writes, so no decision relies
    on what was read. When the transaction begins and ends is said by `StoreTransaction`.

    Attributes:
        scope: Who is asking.
        tables: What every store keeps beside its repositories.
        seen: The records that the unit saw last, of kinds that ask for it.
        is_postgresql: Whether rows can and must be locked one by one.
    """

    def __init__(self, transaction: StoreTransaction, scope: Scope, tables: SystemTables) -> None:
        """Use a transaction that no other unit uses."""
        self.scope = scope
        self.tables = tables
        self.seen = SeenRecords()
        self._transaction = transaction
        self._connection = transaction.connection
        self.is_postgresql = self._connection.dialect.name == "postgresql"
        # In a host's transaction statements go the way that the host's own go, where its hooks see them.
        self._is_direct = transaction.is_own and can_send(self._connection)
        self._notes: SqlReads | None = None
        self._is_writing = False
        self._is_open = True
        self._lost: Retryable | None = None

    @property
    def noted(self) -> SqlReads | None:
        """What repositories note their finds in, if they are to."""
        return self._notes if self._notes is not None and self._notes.is_open else None

    def note_in(self, notes: SqlReads) -> None:
        """Let repositories note what they find."""
        self._notes = notes

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

    def read_together(self, calls: Sequence[Call]) -> list[Answer]:
        """Run several queries, in one round trip where the driver can; each sees what is committed at its moment.

        Raises:
            Retryable: As in `read`.
        """
        self.check_usable()
        if not self._is_direct:
            return [_to_answer(self._run(call.statement, call.parameters)) for call in calls]
        with self._losing(), translate_errors():
            if self.is_postgresql and not self._connection.in_transaction():
                self._connection.begin()
            return send_together(self._connection, calls)

    def fetch(self, statement: Executable, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Run a query that was built once, past SQLAlchemy where that can be, and return rows as the driver has them.

        Raises:
            Retryable: As in `read`.
        """
        return self.read_together([Call(statement, parameters)])[0].rows

    def change(self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> int:
        """Run a change that was built once, inside the transaction, and return how many rows it came to.

        Raises:
            Retryable: As in `read`.
        """
        return self.write_together([Call(statement, parameters)])[0].count

    def write_together(self, calls: Sequence[Call]) -> list[Answer]:
        """Run several changes, inside the transaction, in one round trip where the driver can.

        Raises:
            Retryable: As in `read`.
        """
        self.begin_writing()
        return self.read_together(calls)

    def begin_writing(self) -> None:
        """Begin the transaction that writes, if it has not begun."""
        self.check_usable()
        if not self._is_writing:
            with self._losing(), translate_errors():
                self._transaction.begin()
            self._is_writing = True
            if self._notes is not None:
                self._notes.let_go()

    @contextmanager
    def undo_on_error(self) -> Iterator[None]:
        """Undo what was written inside the block when it ends with an error, and leave the unit usable."""
        # On SQLite a savepoint outside of a transaction begins a deferred one, and its lock may be refused later.
        self.begin_writing()
        try:
            with self._losing(), translate_errors(), self._connection.begin_nested():
                yield
        except BaseException:
            self.seen.forget()
            raise

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
        self._transaction.commit()
        self._is_open = False

    def end(self) -> None:
        """End; what was not committed is undone."""
        self._is_open = False
        self._transaction.leave()

    def _run(self, statement: Executable, parameters: Parameters) -> CursorResult[*tuple[Any, ...]]:
        self.check_usable()
        with self._losing(), translate_errors():
            return self._connection.execute(statement, parameters, execution_options=OUR_OPTIONS)

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
        except Retryable as error:
            # A caller that catches this must not go on and commit a part.
            told = self._add_holders(error) if isinstance(error, Busy) else error
            self._lost = self._transaction.lose(told)
            if self._lost is error:
                raise
            raise self._lost from error

    def _add_holders(self, busy: Busy) -> Busy:
        """Ask who held what this unit waited for, where the database knows and the transaction is this unit's own."""
        # To ask means to roll back: inside a savepoint that is for whoever opened it, and here again once it is gone;
        # in a host's transaction it is for nobody here, for the host's own rows would go unseen.
        is_free = self._transaction.is_own and not self._connection.in_nested_transaction()
        if self.is_postgresql and is_free and not busy.holders:
            busy.holders = find_holders(self._connection, self.tables.stock.metadata)
        return busy


def _to_answer(result: CursorResult[*tuple[Any, ...]]) -> Answer:
    rows = result.all() if result.returns_rows else ()
    return Answer(rows, result.rowcount)
