"""The store in SQL."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Self

from sqlalchemy import URL, Connection, Engine, MetaData, Table, inspect, text
from sqlalchemy.schema import CreateColumn

from mktcore.adapters.sql.engines import open_engine
from mktcore.adapters.sql.errors import SchemaOutdated, reach, translate_errors
from mktcore.adapters.sql.inspection import SqlInspection
from mktcore.adapters.sql.outbox import SqlQueue
from mktcore.adapters.sql.schema import build_metadata
from mktcore.adapters.sql.session import SqlSession
from mktcore.adapters.sql.statements import KindStatements
from mktcore.adapters.sql.unit import SqlUnit
from mktcore.persistence import Kind, Scope
from mktcore.persistence.kinds import index_kinds
from mktcore.wire import Codec

__all__ = ["SqlStore"]

_SCHEMA_LOCK = 0x6D6B7463  # any number that nobody else locks: "mktc"


class SqlStore:
    """Keeps a market in SQLite or PostgreSQL, for any number of threads and processes.

    Each process opens its own store; connections must not cross a fork.

    Attributes:
        engine: SQLAlchemy's engine, for a host that shares its pool or its shut-down.
        metadata: The tables, for a host's migrations.
        queue: Its unpublished events.
    """

    def __init__(self, engine: Engine, kinds: Iterable[Kind[Any]], *, codec: Codec | None = None) -> None:
        """Use an engine whose tables are there; `open` makes both.

        Args:
            engine: From `open_engine`, or set up like it.
            kinds: The repositories it has; the wire must know the type of each.
            codec: How documents are read and written; the shared one by default.

        Raises:
            UnregisteredType: A kind's type has no tag.
        """
        self.engine = engine
        self._kinds = index_kinds(kinds)
        self._codec = codec or Codec()
        for kind in self._kinds.values():
            self._codec.registry.get_type(kind.type)
        self.metadata: MetaData = build_metadata(self._kinds.values())
        is_postgresql = engine.dialect.name == "postgresql"
        self._statements = {
            name: KindStatements.of(kind, self.metadata.tables[name], is_postgresql=is_postgresql)
            for name, kind in self._kinds.items()
        }
        self.queue = SqlQueue(engine, self._codec)

    @classmethod
    def open(
        cls,
        url: str | URL,
        kinds: Iterable[Kind[Any]],
        *,
        codec: Codec | None = None,
        create: bool = True,
        **options: Any,
    ) -> Self:
        """Open the store at a URL: `sqlite:///market.db`, or `postgresql+psycopg://...`.

        Args:
            url: Where it is; a SQLite file is created when it is missing.
            kinds: The repositories it has.
            codec: How documents are read and written.
            create: Make the tables that are missing, and the columns that a kind gained; False where the host
                migrates its database itself.
            options: Passed on to SQLAlchemy's `create_engine`.

        Raises:
            UnsupportedDatabase: Another database.
            DatabaseUnreachable: It lets nobody in.
            SchemaOutdated: A table lacks a column.
        """
        store = cls(open_engine(url, **options), kinds, codec=codec)
        with reach(store.engine.url.render_as_string()):
            store.engine.connect().close()
        grown = store.create_tables() if create else ()
        store.check_tables()
        for kind in grown:
            store.rewrite(kind)
        return store

    def create_tables(self) -> tuple[Kind[Any], ...]:
        """Make the tables that are missing, and the columns that kinds gained; processes wait for each other.

        Returns:
            The kinds that gained columns, which `rewrite` fills.
        """
        with translate_errors(), self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})
            else:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            self.metadata.create_all(connection)
            tables = self.metadata.tables
            grown = [kind for kind in self._kinds.values() if _add_columns(connection, tables[kind.name], kind)]
            connection.commit()
        return tuple(grown)

    def rewrite(self, kind: Kind[Any]) -> int:
        """Write every record of a kind again: in the present version of its type, its columns computed anew.

        Works in small units beside others; versions stay as they are. Returns how many records it wrote.
        """
        written, after = 0, None
        while True:
            with self.begin(Scope.operator()) as unit:
                count, after = unit.repository(kind).rewrite_page(after)
                unit.commit()
            written += count
            if after is None:
                return written

    def check_tables(self) -> None:
        """Compare the database with what this release and these kinds need.

        Raises:
            SchemaOutdated: It names every column that is missing.
        """
        with translate_errors(), self.engine.connect() as connection:
            missing = tuple(_find_missing(connection, self.metadata))
        if missing:
            raise SchemaOutdated(missing)

    @contextmanager
    def begin(self, scope: Scope) -> Iterator[SqlUnit]:
        """Open a unit of work for `scope`; leaving the block without `commit` rolls it back."""
        with translate_errors():
            connection = self.engine.connect()
        with connection:
            session = SqlSession(connection, scope)
            try:
                yield SqlUnit(session, self._statements, self._codec)
            finally:
                session.end()

    @contextmanager
    def inspect(self) -> Iterator[SqlInspection]:
        """Look at everything as of this moment, for `mktcore.audit`. On SQLite nothing is committed meanwhile."""
        with translate_errors():
            connection = self.engine.connect()
        with connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            else:
                connection.exec_driver_sql("BEGIN")
            yield SqlInspection(connection, self._codec)

    def close(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()


def _add_columns(connection: Connection, table: Table, kind: Kind[Any]) -> bool:
    """Add the columns that a kind gained since its table was made, with their indexes; tell whether there were any."""
    known = {column["name"] for column in inspect(connection).get_columns(table.name)}
    missing = [name for name in kind.readers if name not in known]
    for name in missing:
        column = CreateColumn(table.c[name]).compile(dialect=connection.dialect)
        quoted = connection.dialect.identifier_preparer.format_table(table)
        connection.exec_driver_sql(f"ALTER TABLE {quoted} ADD COLUMN {column}")
    for index in table.indexes:
        if any(column.name in missing for column in index.columns):
            index.create(connection)
    return bool(missing)


def _find_missing(connection: Connection, metadata: MetaData) -> Iterator[str]:
    inspector = inspect(connection)
    present = set(inspector.get_table_names())
    for name, table in metadata.tables.items():
        known = {column["name"] for column in inspector.get_columns(name)} if name in present else set()
        for column in table.columns:
            if column.name not in known:
                yield f"{name}.{column.name}"
