"""Opening the store of a marketplace at its address, for what the library stores and what a host declares beside it."""

from collections.abc import Iterable
from importlib import import_module

from mktcore import wire
from mktcore.adapters.memory import MemoryStore
from mktcore.adapters.store_wait_limits import WaitLimits
from mktcore.errors import MissingExtra
from mktcore.persistence import Store
from mktcore.persistence.stored import Stored, join_stored, list_kinds
from mktcore.ports import STORED
from mktcore.stock import MarketUnit

__all__ = ["IN_MEMORY", "open_store"]

IN_MEMORY = "memory://"


def open_store(
    url: str,
    stored: Iterable[Stored],
    *,
    prefix: str = "mktcore_",
    schema: str | None = None,
    limits: WaitLimits | None = None,
    create: bool = True,
) -> Store[MarketUnit]:
    """Open the store at a URL, for what this library stores and what a host declares beside it.

    Args:
        url: As `Marketplace.open` takes it.
        stored: What the host declares.
        prefix: Begins the name of every table and index; nothing in memory.
        schema: PostgreSQL's schema that they lie in; nothing elsewhere.
        limits: How many connections there are, and how long is waited for what.
        create: Make what is missing and migrate what is old, as `SqlStore.open` does.

    Raises:
        StoredRefused: The host's declarations cannot stand beside those there are.
        MissingExtra: The extra `sql` is not installed.
        UnsupportedDatabase: The URL is of another database, or none.
        DatabaseUnreachable: The database lets nobody in.
    """
    own = tuple(stored)
    kinds = list_kinds(join_stored(STORED, own))
    if url == IN_MEMORY:
        return MemoryStore(kinds, wait_seconds=(limits or WaitLimits()).busy_seconds)
    # SQLAlchemy is an extra, and loading it takes longer than all of mktcore: only who opens a database pays.
    try:
        sql = import_module("mktcore.sql")
    except ModuleNotFoundError as error:
        raise MissingExtra("sql", str(error.name)) from error
    # A registry of its own: what one host stores is nothing to another marketplace of the same process.
    store: Store[MarketUnit] = sql.SqlStore.open(
        url,
        kinds,
        codec=wire.Codec(wire.REGISTRY.join(own)),
        prefix=prefix,
        schema=schema,
        limits=limits,
        create=create,
    )
    return store
