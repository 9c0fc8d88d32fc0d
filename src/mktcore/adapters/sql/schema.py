"""Tables: one for each kind, made from its declaration, and those that every store keeps beside them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zlib import crc32

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.types import TypeEngine

from mktcore.adapters.sql.types import Instant, SortedText
from mktcore.persistence import Kind

__all__ = ["COUNTERS", "EVENTS", "INBOX", "RECORDS", "RESERVATIONS", "STOCK", "STREAMS", "build_metadata"]

_LONGEST_NAME = 60
_TYPES: Mapping[type, type[TypeEngine[Any]]] = {int: BigInteger, datetime: Instant, str: SortedText}
_SYSTEM = MetaData()

STOCK = Table(
    "mktcore_stock",
    _SYSTEM,
    Column("item", SortedText, primary_key=True),
    Column("merchant", SortedText, nullable=False, index=True),
    Column("on_hand", BigInteger, CheckConstraint("on_hand >= 0"), nullable=False),
    Column("reserved", BigInteger, CheckConstraint("reserved >= 0"), nullable=False),
    Column("backorder", BigInteger, CheckConstraint("backorder >= 0"), nullable=False),
)
RESERVATIONS = Table(
    "mktcore_reservation",
    _SYSTEM,
    Column("id", SortedText, primary_key=True),
    Column("item", SortedText, nullable=False),
    Column("merchant", SortedText, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("consumed", BigInteger, nullable=False),
    Column("given_back", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("expires_at", Instant),
    CheckConstraint("0 <= consumed AND 0 <= given_back AND consumed + given_back <= quantity"),
    Index(
        "mktcore_reservation_live", "item", sqlite_where=text("state = 'live'"), postgresql_where=text("state = 'live'")
    ),
    Index(
        "mktcore_reservation_due",
        "expires_at",
        "id",
        sqlite_where=text("state = 'live'"),
        postgresql_where=text("state = 'live'"),
    ),
)
COUNTERS = Table(
    "mktcore_counter",
    _SYSTEM,
    Column("name", SortedText, primary_key=True),
    Column("claimed", BigInteger, CheckConstraint("claimed >= 0"), nullable=False),
)
RECORDS = Table(
    "mktcore_record",
    _SYSTEM,
    Column("owner", SortedText, primary_key=True),
    Column("key", SortedText, primary_key=True),
    Column("operation", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("result", Text),
    Column("at", Instant, nullable=False),
)
STREAMS = Table(
    "mktcore_stream",
    _SYSTEM,
    Column("kind", SortedText, primary_key=True),
    Column("subject", SortedText, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("published", BigInteger, nullable=False),
    Column("ready_at", Instant, nullable=False),
    Column("claim", Text, nullable=False),
    Index(
        "mktcore_stream_pending",
        "ready_at",
        sqlite_where=text("published < last"),
        postgresql_where=text("published < last"),
    ),
)
EVENTS = Table(
    "mktcore_event",
    _SYSTEM,
    Column("kind", SortedText, primary_key=True),
    Column("subject", SortedText, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("merchant", SortedText),
    Column("buyer", SortedText),
    Column("type", Text, nullable=False),
    Column("document", Text, nullable=False),
)
INBOX = Table(
    "mktcore_inbox",
    _SYSTEM,
    Column("consumer", SortedText, primary_key=True),
    Column("event", SortedText, primary_key=True),
)


def build_metadata(kinds: Iterable[Kind[Any]], metadata: MetaData | None = None) -> MetaData:
    """Return the tables of a store with these kinds, for `create_all` or a host's Alembic environment.

    A record is a document (`document`, of the type and version in `type`) with its id, its version, and what its kind
    declares as columns, each indexed together with the id, so that every page is one walk along an index.

    Args:
        kinds: The repositories.
        metadata: Where to put the tables beside the host's own; a new one by default.
    """
    target = MetaData() if metadata is None else metadata
    for table in _SYSTEM.tables.values():
        table.to_metadata(target)
    for kind in kinds:
        Table(
            kind.name,
            target,
            Column("id", SortedText, primary_key=True),
            Column("version", Integer, nullable=False),
            Column("type", Text, nullable=False),
            Column("document", Text, nullable=False),
            *(Column(name, SortedText) for name in kind.columns),
            *(Column(name, _TYPES[declared.type]) for name, declared in kind.ordered.items()),
            *(Index(_name_index(kind.name, name), name, "id") for name in kind.readers),
            *(
                Index(_name_index(kind.name, partner, name), partner, name, "id")
                for name in kind.ordered
                for partner in kind.find_partners(name)
            ),
            *(Index(_name_index(kind.name, *names, "key"), *names, unique=True) for names in kind.unique),
        )
    return target


def _name_index(*parts: str) -> str:
    """Return a name that PostgreSQL, which has 63 characters for one, does not cut."""
    name = "_".join(parts)
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 9]}_{crc32(name.encode()):08x}"
