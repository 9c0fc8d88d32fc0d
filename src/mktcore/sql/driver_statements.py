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

from mktcore.sql.borrowed_connection import as_tuples, get_driver
from mktcore.sql.engines import start_clock
from mktcore.sql.host_engines import is_watched

__all__ = ["Answer", "Call", "DriverStatement", "can_send", "send_together"]

Row = Mapping[str, Any]
_SQLITE: Dialect = sqlite.dialect(paramstyle="named")
"""SQLAlchemy's own speaks to SQLite by position, and its compiler tells positions only to itself. The driver takes
names as well: a parameter in two places is written once, and a statement is one text for every engine of the process.
"""
_NAMED = "pyformat"
"""How psycopg writes a parameter by name; a host's engine may be set to write them by position."""


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
            return [_to_answer(_execute(_open_on_sqlite(connection, driver), *one)) for one in prepared]
        with driver.pipeline():
            cursors = [_execute(driver.cursor(row_factory=as_tuples), *one) for one in prepared]
        return [_to_answer(cursor) for cursor in cursors]


def _open_on_sqlite(connection: Connection, driver: sqlite3.Connection) -> sqlite3.Cursor:
    """Return a cursor for one statement, whose time begins now."""
    start_clock(connection)
    cursor = driver.cursor()
    cursor.row_factory = None
    return cursor


def _execute(cursor: Any, statement: DriverStatement, parameters: Row | Sequence[Row]) -> Any:
    if isinstance(parameters, Mapping):
        cursor.execute(statement.text, statement.write(parameters))
    else:
        cursor.executemany(statement.text, [statement.write(one) for one in parameters])
    return cursor


def _to_answer(cursor: Any) -> Answer:
    return Answer(cursor.fetchall() if cursor.description is not None else (), cursor.rowcount)


def can_send(connection: Connection) -> bool:
    """Tell whether a connection's driver is one that `send_together` knows: sqlite3, or psycopg with pipelines.

    Nothing goes past a host that watches statements: its tracer would miss them, and find nothing wrong.
    """
    dialect: Any = connection.dialect
    if dialect.driver == "pysqlite":
        is_known = isinstance(get_driver(connection), sqlite3.Connection)
    else:
        is_known = (dialect.driver, dialect.paramstyle) == ("psycopg", _NAMED) and _has_pipelines(dialect)
    return is_known and not is_watched(connection)


def _has_pipelines(dialect: Any) -> bool:
    return bool(dialect.loaded_dbapi.Pipeline.is_supported())


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
