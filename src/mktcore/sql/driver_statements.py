"""Statements as a driver takes them: compiled once, and on PostgreSQL sent many at a time, in one round trip."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import attrs
from sqlalchemy import Connection, Dialect, exc

from mktcore.sql.borrowed_connection import get_driver

__all__ = ["Answer", "Call", "DriverStatement", "has_pipelines", "send_together"]

Row = Mapping[str, Any]


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
        compiled = statement.compile(dialect=dialect, column_keys=list(names))
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


def send_together(
    connection: Connection, calls: Sequence[Call], prepare: Callable[[Call], DriverStatement]
) -> list[Answer]:
    """Run statements one after the other without waiting in between, and return what each came to.

    For psycopg, which has pipelines. After an error none of those that follow has run.

    Args:
        connection: In a transaction.
        calls: What to run.
        prepare: Returns the statement of a call for the driver.

    Raises:
        DBAPIError: As SQLAlchemy would have raised it.
    """
    driver = get_driver(connection)
    with _as_sqlalchemy_raises(connection, driver), driver.pipeline():
        cursors = []
        for call in calls:
            statement, cursor = prepare(call), driver.cursor()
            cursors.append(cursor)
            if isinstance(call.parameters, Mapping):
                cursor.execute(statement.text, statement.write(call.parameters))
            else:
                cursor.executemany(statement.text, [statement.write(one) for one in call.parameters])
    return [Answer(cursor.fetchall() if cursor.description is not None else (), cursor.rowcount) for cursor in cursors]


def has_pipelines(connection: Connection) -> bool:
    """Tell whether a connection's driver can send statements without waiting for what came of those before."""
    dialect: Any = connection.dialect
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
            None, None, error, raised, connection_invalidated=is_gone, dialect=dialect
        ) from error
