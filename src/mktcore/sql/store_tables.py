"""Tables: one for each kind, made from its declaration, and those that every store keeps beside them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import attrs
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

from mktcore.persistence import Kind
from mktcore.persistence.kinds import index_kinds
from mktcore.sql.database_names import DEFAULT_PREFIX, Naming
from mktcore.sql.ledger_tables import build_ledger_tables
from mktcore.sql.types import COLUMN_TYPES, Instant, SortedText
from mktcore.sql.value_tables import build_values

__all__ = ["StoreTables", "SystemTables", "build_metadata", "build_store_tables", "share_tables"]

S = TypeVar("S")


@attrs.frozen(eq=False)
class SystemTables:
    """What every store keeps beside its repositories.

    Attributes:
        stock: Stock items.
        reservations: Claims on them.
        counters: Counts that many writers share.
        records: What idempotency keys were used for.
        streams: How far each aggregate's events are numbered, pruned, and published to the subscriber without a name.
        subscribers: The other subscribers.
        positions: How far each aggregate's events are published to them.
        events: The events.
        inbox: Events that consumers handled.
        layout: Which tables the library made here, and at which version of its layout they are.
        marks: What records of all kinds are found under, beside their columns.
        ledger_transactions, ledger_entries, ledger_accounts, ledger_deltas, ledger_holds: The books.
    """

    stock: Table
    reservations: Table
    counters: Table
    records: Table
    streams: Table
    subscribers: Table
    positions: Table
    events: Table
    inbox: Table
    layout: Table
    marks: Table
    ledger_transactions: Table
    ledger_entries: Table
    ledger_accounts: Table
    ledger_deltas: Table
    ledger_holds: Table
    _prepared: dict[Any, Any] = attrs.field(factory=dict, repr=False)

    def prepare(self, build: Callable[..., S], **choices: bool) -> S:
        """Return a statement over these tables, built with its first use only.

        Args:
            build: Builds it from the tables and the choices.
            choices: What tells it from others that are built alike.
        """
        key = build, tuple(choices.items())
        found: S | None = self._prepared.get(key)
        if found is None:
            found = self._prepared[key] = build(self, **choices)
        return found


@attrs.frozen(eq=False)
class StoreTables:
    """The tables of one store.

    Attributes:
        naming: How they are named.
        metadata: All of them, and what else the host put there.
        system: What every store has.
        kinds: Those of repositories, by the name of the kind.
        values: Those of columns of several values, by the name of the kind and of the column.
    """

    naming: Naming
    metadata: MetaData
    system: SystemTables
    kinds: Mapping[str, Table]
    values: Mapping[tuple[str, str], Table]

    def iterate(self) -> Iterator[tuple[str, Table]]:
        """Yield every table with its name without prefix."""
        everything = [getattr(self.system, one.name) for one in attrs.fields(SystemTables) if one.alias != "prepared"]
        for table in everything:
            yield table.name.removeprefix(self.naming.prefix), table
        yield from self.kinds.items()
        yield from ((f"{kind}_{name}", table) for (kind, name), table in self.values.items())


def build_metadata(
    kinds: Iterable[Kind[Any]],
    metadata: MetaData | None = None,
    *,
    prefix: str = DEFAULT_PREFIX,
    schema: str | None = None,
) -> MetaData:
    """Return the tables of a store with these kinds, for a host's Alembic environment.

    Args:
        kinds: The repositories.
        metadata: Where to put the tables beside the host's own; a new one by default.
        prefix: Begins the name of every table and index.
        schema: PostgreSQL's schema that they lie in; the connection's own by default.

    Raises:
        InvalidNaming: The prefix or the schema cannot be.
        KindNameTaken: Two kinds bear one name, or one that of a table which every store has.
    """
    return build_store_tables(kinds, Naming(prefix, schema), metadata).metadata


def build_store_tables(kinds: Iterable[Kind[Any]], naming: Naming, metadata: MetaData | None = None) -> StoreTables:
    """Return the tables of a store with these kinds.

    A record is a document (`document`, of the type and version in `type`) with its id, its version, and what its kind
    declares as columns, each indexed together with the id, so that every page is one walk along an index.

    Raises:
        KindNameTaken: Two kinds bear one name, or one that of a table which every store has.
    """
    target = MetaData() if metadata is None else metadata
    by_name = index_kinds(kinds)
    system = _build_system(target, naming)
    tables = {name: _build_kind(kind, target, naming) for name, kind in by_name.items()}
    values = {
        (kind.name, name): build_values(kind, name, naming=naming, metadata=target)
        for kind in by_name.values()
        for name in kind.several
    }
    return StoreTables(naming, metadata=target, system=system, kinds=tables, values=values)


def share_tables(kinds: Iterable[Kind[Any]], naming: Naming) -> StoreTables:
    """Return the tables of a store with these kinds, built once in a process: who gets them adds nothing to them.

    Raises:
        KindNameTaken: Two kinds bear one name, or one that of a table which every store has.
    """
    asked = tuple(kinds)
    # Kinds hold functions and cannot be hashed. The entry keeps them alive, so that no other gets their identity.
    key = (naming, *(id(kind) for kind in asked))
    found = _SHARED.get(key)
    if found is None:
        while len(_SHARED) >= _MOST_SHARED:
            _SHARED.pop(next(iter(_SHARED)), None)
        found = _SHARED[key] = (asked, build_store_tables(asked, naming))
    return found[1]


_MOST_SHARED = 16  # a process opens one or two sets of kinds; suites of tests a few more
_SHARED: dict[tuple[object, ...], tuple[tuple[Kind[Any], ...], StoreTables]] = {}


def _build_kind(kind: Kind[Any], metadata: MetaData, naming: Naming) -> Table:
    return Table(
        naming.name_table(kind.name),
        metadata,
        Column("id", SortedText, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("type", Text, nullable=False),
        Column("document", Text, nullable=False),
        *(Column(name, SortedText) for name in kind.columns),
        *(Column(name, COLUMN_TYPES[declared.type]) for name, declared in kind.ordered.items()),
        *(Index(naming.name_index(kind.name, *key), *key, "id") for key in kind.list_walks()),
        *(Index(naming.name_index(kind.name, *names, "key"), *names, unique=True) for names in kind.unique),
        schema=naming.schema,
    )


def _build_system(metadata: MetaData, naming: Naming) -> SystemTables:
    target = _Target(metadata, naming)
    return SystemTables(
        stock=_build_stock(target),
        reservations=_build_reservations(target),
        counters=_build_counters(target),
        records=_build_records(target),
        streams=_build_streams(target),
        subscribers=target.build("subscriber", Column("name", SortedText, primary_key=True)),
        positions=_build_positions(target),
        events=_build_events(target),
        inbox=_build_inbox(target),
        layout=_build_layout(target),
        marks=_build_marks(target),
        **build_ledger_tables(target.build, target.index),
    )


@attrs.frozen
class _Target:
    """Where tables are put, and how they and their indexes are named."""

    metadata: MetaData
    naming: Naming

    def build(self, name: str, *parts: Column[Any] | CheckConstraint | Index) -> Table:
        return Table(self.naming.name_table(name), self.metadata, *parts, schema=self.naming.schema)

    def index(self, table: str, name: str, *columns: str, where: str = "") -> Index:
        only: dict[str, Any] = {"sqlite_where": text(where), "postgresql_where": text(where)} if where else {}
        return Index(self.naming.name_index(table, name), *columns, **only)


def _build_stock(target: _Target) -> Table:
    return target.build(
        "stock",
        Column("item", SortedText, primary_key=True),
        Column("merchant", SortedText, nullable=False),
        Column("on_hand", BigInteger, CheckConstraint("on_hand >= 0"), nullable=False),
        # No check holds reserved under on_hand: a merchant's count may fall below what is promised, and is then kept.
        Column("reserved", BigInteger, CheckConstraint("reserved >= 0"), nullable=False),
        Column("backorder", BigInteger, CheckConstraint("backorder >= 0"), nullable=False),
        target.index("stock", "merchant", "merchant"),
    )


def _build_reservations(target: _Target) -> Table:
    # Ended reservations are kept: partial indexes keep both walks as short as what is live.
    live = "state = 'live'"
    return target.build(
        "reservation",
        Column("id", SortedText, primary_key=True),
        Column("item", SortedText, nullable=False),
        Column("merchant", SortedText, nullable=False),
        Column("quantity", BigInteger, nullable=False),
        Column("consumed", BigInteger, nullable=False),
        Column("given_back", BigInteger, nullable=False),
        Column("state", Text, nullable=False),
        Column("expires_at", Instant),
        # In the column, as it is added to tables that are there: SQLite adds no constraint of a whole table.
        Column(
            "returned",
            BigInteger,
            CheckConstraint("0 <= returned AND returned <= consumed"),
            nullable=False,
            server_default=text("0"),
        ),
        CheckConstraint("0 <= consumed AND 0 <= given_back AND consumed + given_back <= quantity"),
        target.index("reservation", "live", "item", where=live),
        target.index("reservation", "due", "expires_at", "id", where=live),
    )


def _build_counters(target: _Target) -> Table:
    return target.build(
        "counter",
        Column("name", SortedText, primary_key=True),
        Column("claimed", BigInteger, CheckConstraint("claimed >= 0"), nullable=False),
    )


def _build_records(target: _Target) -> Table:
    return target.build(
        "record",
        Column("owner", SortedText, primary_key=True),
        Column("key", SortedText, primary_key=True),
        Column("operation", Text, nullable=False),
        Column("request", Text, nullable=False),
        Column("result", Text),
        Column("at", Instant, nullable=False),
    )


def _build_streams(target: _Target) -> Table:
    return target.build(
        "stream",
        Column("kind", SortedText, primary_key=True),
        Column("subject", SortedText, primary_key=True),
        *_list_progress(),
        # A pruned event is told from a lost one by this number only.
        Column("pruned", BigInteger, nullable=False, server_default=text("0")),
        target.index("stream", "pending", "turn", where="published < last"),
    )


def _build_positions(target: _Target) -> Table:
    return target.build(
        "position",
        Column("subscriber", SortedText, primary_key=True),
        Column("kind", SortedText, primary_key=True),
        Column("subject", SortedText, primary_key=True),
        *_list_progress(),
        target.index("position", "pending", "subscriber", "turn", where="published < last"),
        target.index("position", "stream", "kind", "subject"),
    )


def _list_progress() -> tuple[Column[Any], ...]:
    return (
        Column("last", BigInteger, nullable=False),
        Column("published", BigInteger, nullable=False),
        Column("ready_at", Instant, nullable=False),
        Column("claim", Text, nullable=False),
        Column("turn", BigInteger, nullable=False, server_default=text("0")),
    )


def _build_events(target: _Target) -> Table:
    return target.build(
        "event",
        Column("kind", SortedText, primary_key=True),
        Column("subject", SortedText, primary_key=True),
        # The number is the stream's: an autoincrement would leave a gap where a transaction was rolled back.
        Column("sequence", BigInteger, primary_key=True, autoincrement=False),
        Column("at", Instant, nullable=False),
        Column("merchant", SortedText),
        Column("buyer", SortedText),
        Column("type", Text, nullable=False),
        Column("document", Text, nullable=False),
        target.index("event", "at", "at"),
    )


def _build_inbox(target: _Target) -> Table:
    return target.build(
        "inbox",
        Column("consumer", SortedText, primary_key=True),
        Column("event", SortedText, primary_key=True),
    )


def _build_marks(target: _Target) -> Table:
    # One walk along the primary key finds who has a mark at an instant. The start stands last: before the id, SQLite
    # would go by it once it has analyzed a table of few ends, and pass over all that is over.
    return target.build(
        "mark",
        Column("kind", SortedText, primary_key=True),
        Column("text", SortedText, primary_key=True),
        Column("ends", Instant, primary_key=True),
        Column("id", SortedText, primary_key=True),
        Column("starts", Instant, primary_key=True),
        target.index("mark", "record", "kind", "id"),
    )


def _build_layout(target: _Target) -> Table:
    return target.build(
        "layout",
        Column("name", SortedText, primary_key=True),
        Column("version", Integer, nullable=False),
    )
