"""The store in SQL."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Self

from sqlalchemy import URL, Connection, Engine, MetaData

from mktcore.adapters.store_wait_limits import WaitLimits
from mktcore.persistence import Kind, Scope
from mktcore.persistence.kinds import index_kinds
from mktcore.sql.change_layout import change_layout, find_missing_layout, lock_layout
from mktcore.sql.connections import Connections
from mktcore.sql.database_names import DEFAULT_PREFIX, InvalidNaming, Naming
from mktcore.sql.engines import open_engine, without_limits
from mktcore.sql.errors import SchemaOutdated, reach, translate_errors
from mktcore.sql.inspection import SqlInspection
from mktcore.sql.joined_store import HostTransaction, JoinedStore
from mktcore.sql.kind_statements import KindStatements
from mktcore.sql.known_documents import KnownDocuments
from mktcore.sql.lookup_statements import LookupStatements
from mktcore.sql.outbox import SqlQueue, SqlSubscriptions
from mktcore.sql.session import SqlSession
from mktcore.sql.store_tables import build_metadata, share_tables
from mktcore.sql.transactions import StoreTransaction
from mktcore.sql.unit import SqlUnit
from mktcore.wire import Codec

__all__ = ["SqlStore"]


class SqlStore:
    """Keeps a market in SQLite or PostgreSQL, for any number of threads and processes.

    Each process opens its own store; connections must not cross a fork.

    Attributes:
        engine: SQLAlchemy's engine, for a host that shares its pool or its shut-down.
        queue: Its unpublished events, for the subscriber without a name.
        subscriptions: Subscribers with positions of their own.
    """

    def __init__(
        self,
        engine: Engine,
        kinds: Iterable[Kind[Any]],
        *,
        codec: Codec | None = None,
        prefix: str = DEFAULT_PREFIX,
        schema: str | None = None,
        limits: WaitLimits | None = None,
    ) -> None:
        """Use an engine whose tables are there; `open` makes both.

        Args:
            engine: From `open_engine`, or set up like it.
            kinds: The repositories it has; the wire must know the type of each.
            codec: How documents are read and written; the shared one by default.
            prefix: Begins the name of every table and index.
            schema: PostgreSQL's schema that they lie in; the connection's own by default.
            limits: Those that the engine was opened with; None where it has a pool that is not ours to know.

        Raises:
            UnregisteredType: A kind's type has no tag.
            KindNameTaken: Two kinds bear one name, or one that of a table which every store has.
            InvalidNaming: The prefix or the schema cannot be.
        """
        is_postgresql = engine.dialect.name == "postgresql"
        if schema is not None and not is_postgresql:
            raise InvalidNaming("schema", schema)
        self.engine = engine
        self._kinds = index_kinds(kinds)
        self._codec = codec or Codec()
        self._documents = KnownDocuments(self._codec)
        for kind in self._kinds.values():
            self._codec.registry.get_type(kind.type)
        self._tables = share_tables(self._kinds.values(), Naming(prefix, schema))
        marks = self._tables.system.marks
        self._lookups = LookupStatements(
            {
                name: KindStatements.of(
                    kind,
                    self._tables.kinds[name],
                    marks=marks,
                    is_postgresql=is_postgresql,
                    values={one: self._tables.values[name, one] for one in kind.several},
                )
                for name, kind in self._kinds.items()
            }
        )
        self._connections = Connections.of(engine, limits)
        self.queue = SqlQueue(self._connections, self._codec, self._tables.system)
        self.subscriptions = SqlSubscriptions(self._connections, self._codec, self._tables.system)
        self._joined: set[str] = set()  # addresses of hosts' databases that were seen to have the tables

    @classmethod
    def open(
        cls,
        url: str | URL,
        kinds: Iterable[Kind[Any]],
        *,
        codec: Codec | None = None,
        create: bool = True,
        prefix: str = DEFAULT_PREFIX,
        schema: str | None = None,
        limits: WaitLimits | None = None,
        **options: Any,
    ) -> Self:
        """Open the store at a URL: `sqlite:///market.db`, or `postgresql+psycopg://...`.

        Args:
            url: Where it is; a SQLite file is created when it is missing.
            kinds: The repositories it has.
            codec: How documents are read and written.
            create: Make the tables that are missing and the columns that a kind gained, and migrate what an older
                release left; False where the host migrates its database itself.
            prefix: Begins the name of every table and index, so that no other's is touched.
            schema: PostgreSQL's schema that they lie in, made when it is missing; the connection's own by default.
            limits: How many connections there are, and how long is waited for what.
            options: Passed on to SQLAlchemy's `create_engine`.

        Raises:
            UnsupportedDatabase: Another database.
            DatabaseUnreachable: It lets nobody in; or it is a file that is not there, and `create` is False.
            InvalidNaming: The prefix or the schema cannot be.
            KindNameTaken: Two kinds bear one name, or one that of a table which every store has.
            TableTaken: Something bears one of our names that we did not make; nothing was changed.
            LayoutTooNew: A later release was here.
            SchemaOutdated: A table lacks a column, and `create` is False.
        """
        limits = limits or WaitLimits()
        engine = open_engine(url, limits, create=create, **options)
        store = cls(engine, kinds, codec=codec, prefix=prefix, schema=schema, limits=limits)
        try:
            with reach(store.engine.url.render_as_string()):
                store.engine.connect().close()
            if create:
                store.create_tables()
            else:
                store.check_tables()
        except BaseException:
            store.close()
            raise
        return store

    @cached_property
    def metadata(self) -> MetaData:
        """The tables, for a host's migrations."""
        naming = self._tables.naming
        return build_metadata(self._kinds.values(), prefix=naming.prefix, schema=naming.schema)

    def create_tables(self) -> None:
        """Make what is missing, migrate what is old, in one transaction; processes wait for each other.

        Raises:
            TableTaken: Something bears one of our names that we did not make; nothing was changed.
            LayoutTooNew: A later release was here.
        """
        with translate_errors(), self._connections.open() as connection, without_limits(connection):
            lock_layout(connection)
            change_layout(connection, self._kinds.values(), naming=self._tables.naming, codec=self._codec)
            connection.commit()

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
        with translate_errors(), self._connections.open() as connection:
            self._check_tables(connection)

    def _check_tables(self, connection: Connection) -> None:
        if missing := find_missing_layout(connection, self._tables, self._kinds.values()):
            raise SchemaOutdated(missing)

    @contextmanager
    def begin(self, scope: Scope) -> Iterator[SqlUnit]:
        """Open a unit of work for `scope`; leaving the block without `commit` rolls it back."""
        with self._connections.open_for_writing() as transaction, self._open_unit(transaction, scope) as unit:
            yield unit

    def join(self, transaction: object) -> JoinedStore:
        """Return a store whose units are savepoints in a transaction that the host began, and ends.

        Args:
            transaction: A `Connection` or `Session` of SQLAlchemy, or `mktcore.adapters.django.DjangoTransaction`; to
                the store's own database.

        Raises:
            NotJoinable: It is none of these, or a connection to another kind of database.
            NoTransaction: No transaction is open on it.
            SchemaOutdated: The store's tables are not there: it is a connection to another database.
        """
        host = HostTransaction(transaction, self.engine)
        address = host.get_address()
        if address not in self._joined:
            with host.connect() as connection, translate_errors():
                self._check_tables(connection)
            self._joined.add(address)
        return JoinedStore(host, self._open_unit)

    @contextmanager
    def _open_unit(self, transaction: StoreTransaction, scope: Scope) -> Iterator[SqlUnit]:
        session = SqlSession(transaction, scope, self._tables.system)
        try:
            yield SqlUnit(session, self._lookups, self._codec, documents=self._documents)
        finally:
            session.end()

    @contextmanager
    def inspect(self) -> Iterator[SqlInspection]:
        """Look at everything as of this moment, for `mktcore.audit`. On SQLite nothing is committed meanwhile."""
        is_postgresql = self.engine.dialect.name == "postgresql"
        with self._connections.open() as connection:
            if is_postgresql:
                connection.execution_options(isolation_level="REPEATABLE READ")
            with without_limits(connection):
                if not is_postgresql:
                    connection.exec_driver_sql("BEGIN")
                yield SqlInspection(connection, self._codec, self._tables, kinds=self._kinds)

    def close(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()
