"""A store whose every unit is joined to a transaction of a host, which commits it: what the clauses are run over."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import attrs
from django.db import transaction
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.orm import Session

from mktcore.adapters.django import DjangoTransaction
from mktcore.persistence import Retryable, Scope
from mktcore.persistence.errors import TransactionLost
from mktcore.persistence.event_ports import EventQueue, Subscriptions
from mktcore.sql import SqlStore, SqlUnit
from mktcore.sql.errors import translate_errors
from mktcore.testing import KINDS
from persistence.django_host import add_database, lend_connection
from persistence.opening import create_database

__all__ = ["HOSTS", "HostedStore", "begin_immediately", "count_notes", "open_hosted", "open_hosted_at"]

_numbers = itertools.count(1)
Begin = Callable[[], AbstractContextManager[tuple[Any, Callable[[], None]]]]
"""Begins a host's transaction; yields what can be joined, and the host's commit."""


@attrs.frozen(eq=False)
class _CommittedUnit:
    """A joined unit with whose commit the host commits too, as the last thing it does."""

    unit: SqlUnit
    host_commit: Callable[[], None]

    def commit(self) -> None:
        self.unit.commit()
        self.host_commit()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unit, name)


@attrs.frozen(eq=False)
class HostedStore:
    """Opens each unit inside of a transaction of its own that a host begins and commits.

    Attributes:
        store: The store that is joined.
        begin_host: Begins the host's transaction.
    """

    store: SqlStore
    begin_host: Begin
    _close_host: Callable[[], None]

    @property
    def queue(self) -> EventQueue:
        return self.store.queue

    @property
    def subscriptions(self) -> Subscriptions:
        return self.store.subscriptions

    @contextmanager
    def begin(self, scope: Scope) -> Iterator[Any]:
        try:
            with self.begin_host() as (given, commit), self.store.join(given).begin(scope) as unit:
                yield _CommittedUnit(unit, commit)
        except TransactionLost as error:  # the unit is all that the host does here, so it is the host that runs again
            raise Retryable(error.reason) from error

    def close(self) -> None:
        self.store.close()
        self._close_host()


def _begin_connection(engine: Engine) -> Begin:
    @contextmanager
    def begin() -> Iterator[tuple[Connection, Callable[[], None]]]:
        with engine.connect() as connection:
            yield connection, connection.commit

    return begin


def _begin_session(engine: Engine) -> Begin:
    @contextmanager
    def begin() -> Iterator[tuple[Session, Callable[[], None]]]:
        with Session(engine) as session:
            yield session, session.commit

    return begin


def _begin_after_a_row(engine: Engine) -> Begin:
    """Begin with a row of the host's own, which every joined unit has to leave as it is."""

    @contextmanager
    def begin() -> Iterator[tuple[Connection, Callable[[], None]]]:
        with engine.connect() as connection:
            with translate_errors():
                connection.execute(text("INSERT INTO host_note VALUES ('one')"))
            yield connection, connection.commit

    return begin


def _begin_atomic(alias: str) -> Begin:
    """Begin an `atomic()` block on a connection of its own, as a request of Django has."""

    @contextmanager
    def begin() -> Iterator[tuple[DjangoTransaction, Callable[[], None]]]:
        with lend_connection(alias), ExitStack() as block:
            block.enter_context(transaction.atomic(using=alias))
            yield DjangoTransaction(alias), block.close

    return begin


def begin_immediately(engine: Engine) -> None:
    """Let an engine of SQLite begin its transactions itself, as writers; what SQLAlchemy's guide recommends."""

    @event.listens_for(engine, "connect")
    def take_over(driver: Any, _record: object) -> None:
        driver.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


HOSTS = (
    "sqlite-connection",
    "sqlite-session",
    "postgresql-session",
    "postgresql-after-a-row",
    "postgresql-django",
)
"""The database, and how its host begins."""


def open_hosted(host: str, folder: Path) -> HostedStore:
    """Open an empty store on a database that a host uses too, by an engine of its own."""
    database, _, way = host.partition("-")
    url = f"sqlite:///{folder / f'hosted-{next(_numbers)}.db'}" if database == "sqlite" else create_database()
    if way == "django":
        return HostedStore(SqlStore.open(url, KINDS), _begin_atomic(add_database(url)), lambda: None)
    return open_hosted_at(url, way)


def open_hosted_at(url: str, way: str) -> HostedStore:
    """Open the store at an address, by an engine of the host's own, which has a table there too."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS host_note (note text)"))
    begin = {"connection": _begin_connection, "session": _begin_session, "after-a-row": _begin_after_a_row}[way]
    return HostedStore(SqlStore.open(url, KINDS), begin(engine), engine.dispose)


def count_notes(url: str) -> int:
    """Return how many rows of the host's own there are."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = int(connection.execute(text("SELECT count(*) FROM host_note")).scalar_one())
    engine.dispose()
    return found
