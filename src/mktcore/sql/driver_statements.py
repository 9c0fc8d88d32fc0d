"""Statements as a driver takes them: compiled once, and to PostgreSQL sent many at a time, in one round trip.

Of what a small statement costs, SQLAlchemy's way to the driver is most.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import attrs
from sqlalchemy import Connection, Dialect, exc
from sqlalchemy.dialects import sqlite

from mktcore.sql.borrowed_connection import get_driver
from mktcore.sql.engines import start_clock

__all__ = ["Answer", "Call", "DriverStatement", "can_send", "send_together"]

Row = Mapping[str, Any]
_SQLITE: Dialect = sqlite.dialect(paramstyle="named")


@attrs.frozen
class Call:
    """A statement with what it is to be run with.

    Attributes:
        statement: Of SQLAlchemy, the same one each time, so that it is compiled once.
        parameters: Its parameters; or several of them, to be run with each.
    """

    statement: Any
    parameters: Row | Sequence[Row]

    def list_names(self) -> tuple[str, ...]:
        """Return the names of what it is run with."""
        return tuple(self.parameters if isinstance(self.parameters, Mapping) else self.parameters[0])


@attrs.frozen
class Answer:
    """What a statement came to.

    Attributes:
        rows: What it returned, as the driver has it: texts and ints.
        count: How many rows it returned or changed.
    """

    rows: Sequence[Sequence[Any]]
    count: int


@attrs.frozen(eq=False)
class DriverStatement:
    """A statement in the words of a driver that names its parameters.

    Attributes:
        text: What is sent.
        constants: Parameters that the statement brings itself.
        writers: How a parameter is written, where it is not sent as it is.
    """

    text: str
    constants: Mapping[str, Any]
    writers: Mapping[str, Callable[[Any], Any]]

    @classmethod
    def compile(cls, statement: Any, names: Sequence[str], dialect: Dialect) -> "DriverStatement":
        """Compile a statement that is run with parameters of these names."""
        # By name on SQLite too, where a dialect has them by position of itself.
        spoken = _SQLITE if dialect.name == "sqlite" else dialect
        compiled = statement.compile(dialect=spoken, column_keys=list(names))
        found = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
        writers = {name: write for name, write in found.items() if write is not None}
        constants = {name: value for name, value in compiled.params.items() if name not in names}
        return cls(str(compiled), constants, writers)

    def write(self, parameters: Row) -> dict[str, Any]:
        """Return parameters as the driver takes them."""
        written = {**self.constants, **parameters}
        for name, write in self.writers.items():
            written[name] = write(written[name])
        return written


_COMPILED: WeakKeyDictionary[Any, dict[tuple[str, tuple[str, ...]], DriverStatement]] = WeakKeyDictionary()
"""By statement, and then by database and names of parameters: stores of one process may share their tables."""


def _prepare(call: Call, dialect: Dialect) -> DriverStatement:
    known = _COMPILED.setdefault(call.statement, {})
    key = (dialect.name, call.list_names())
    found = known.get(key)
    if found is None:
        found = known[key] = DriverStatement.compile(call.statement, key[1], dialect)
    return found


def send_together(connection: Connection, calls: Sequence[Call]) -> list[Answer]:
    """Run statements one after the other, past SQLAlchemy, and return what each came to.

    To psycopg they are sent without waiting in between, if they are several. After an error none of those that follow
    has run.

    Args:
        connection: In a transaction, or about to read without one on SQLite.
        calls: What to run.

    Raises:
        DBAPIError: As SQLAlchemy would have raised it.
    """
    driver = get_driver(connection)
    prepared = [(_prepare(call, connection.dialect), call.parameters) for call in calls]
    with _as_sqlalchemy_raises(connection, driver):
        if isinstance(driver, sqlite3.Connection):
            start_clock(connection)
            return [_to_answer(_execute(driver, *one)) for one in prepared]
        with driver.pipeline():
            cursors = [_execute(driver, *one) for one in prepared]
        return [_to_answer(cursor) for cursor in cursors]


def _execute(driver: Any, statement: DriverStatement, parameters: Row | Sequence[Row]) -> Any:
    cursor = driver.cursor()
    if isinstance(parameters, Mapping):
        cursor.execute(statement.text, statement.write(parameters))
    else:
        cursor.executemany(statement.text, [statement.write(one) for one in parameters])
    return cursor


def _to_answer(cursor: Any) -> Answer:
    return Answer(cursor.fetchall() if cursor.description is not None else (), cursor.rowcount)


def can_send(connection: Connection) -> bool:
    """Tell whether a connection's driver is one that `send_together` knows: sqlite3, or psycopg with pipelines."""
    dialect: Any = connection.dialect
    if dialect.driver == "pysqlite":
        return isinstance(get_driver(connection), sqlite3.Connection)
    return dialect.driver == "psycopg" and bool(dialect.loaded_dbapi.Pipeline.is_supported())


@contextmanager
def _as_sqlalchemy_raises(connection: Connection, driver: Any) -> Iterator[None]:
    dialect: Any = connection.dialect
    raised: type[Exception] = dialect.loaded_dbapi.Error
    try:
        yield
    except raised as error:
        is_gone = bool(dialect.is_disconnect(error, driver, None))
        if is_gone:
            connection.invalidate(error)
        raise exc.DBAPIError.instance(
            statement=None,
            params=None,
            orig=error,
            dbapi_base_err=raised,
            connection_invalidated=is_gone,
            dialect=dialect,
        ) from error
