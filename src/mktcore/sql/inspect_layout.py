"""What a database holds, as far as it concerns the library, and what has to be done so that a store can use it.

Everything is looked at, and refused, before anything is changed: a table that merely bears one of our names is
somebody else's.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from typing import Any, ClassVar

import attrs
from sqlalchemy import Connection, Table, inspect, select, text
from sqlalchemy.engine.interfaces import ReflectedColumn

from mktcore.errors import ErrorCategory
from mktcore.persistence import Kind
from mktcore.persistence.errors import StoreError
from mktcore.sql.database_names import Naming
from mktcore.sql.first_release import OWN_COLUMNS, SYSTEM_COLUMNS, could_have_made
from mktcore.sql.host_engines import OUR_OPTIONS
from mktcore.sql.store_tables import StoreTables

__all__ = [
    "LAYOUT",
    "ORIGIN",
    "VERSION",
    "LayoutTooNew",
    "Plan",
    "Present",
    "TableTaken",
    "check_free",
    "check_version",
    "is_first_release",
    "name_marking",
    "plan_layout",
    "read_present",
]

LAYOUT = 2
"""The version of what this release makes: 1 had no prefix, and no table that tells its version."""
VERSION, ORIGIN = "*", "*origin"
"""Rows of the layout table beside those that name tables; no kind has such a name."""


@attrs.define(eq=False, slots=False)
class TableTaken(StoreError):
    """Tables or indexes of our names that we did not make; nothing was changed."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "store.table-taken"
    remedy: ClassVar[str] = (
        "give the store another prefix or schema; if your own migrations made them for it, open it with create=False"
    )
    names: tuple[str, ...]

    def describe(self) -> str:
        """Name every one."""
        return f"the database has {', '.join(self.names)} of somebody else's"


@attrs.define(eq=False, slots=False)
class LayoutTooNew(StoreError):
    """A database that a later release has migrated."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "store.layout-too-new"
    remedy: ClassVar[str] = "open it with the release that migrated it, or a later one"
    version: int
    known: int

    def describe(self) -> str:
        """Name both versions."""
        return f"the database is at version {self.version} of the layout, this release knows {self.known}"


@attrs.frozen
class Present:
    """What is there.

    Attributes:
        names: Every table, view, index, sequence and type of the schema, in small letters.
        columns: The columns of tables that may be ours.
        layout: What the layout table says; empty where there is none.
    """

    names: frozenset[str]
    columns: Mapping[str, frozenset[str]]
    layout: Mapping[str, int]


@attrs.frozen
class Plan:
    """What has to be done. All names are without prefix.

    Attributes:
        creates: Tables to make.
        moves: Kinds whose tables of the first release take a prefix.
        adopts: System tables of the first release, which had it already.
        grows: Columns to add, by table.
        marks: Kinds whose records' marks are to be written.
        is_new: Whether the layout table is to be made.
    """

    creates: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()
    adopts: tuple[str, ...] = ()
    grows: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    marks: tuple[str, ...] = ()
    is_new: bool = False


def name_marking(kind: str) -> str:
    """Return the row of the layout table which says that the marks of a kind's records were written."""
    return f"{kind}*marks"


def read_present(connection: Connection, tables: StoreTables) -> Present:
    """Look at a database.

    Raises:
        TableTaken: The layout table is another's.
    """
    naming, layout = tables.naming, tables.system.layout
    ours = {table.name for _, table in tables.iterate()} | {name for name, _ in tables.iterate()}
    names = _list_names(connection, naming)
    found = inspect(connection).get_multi_columns(schema=naming.schema, filter_names=sorted(ours))
    columns = {name: _name_columns(given) for (_, name), given in found.items()}
    if layout.name not in names:
        return Present(names, columns, {})
    if columns.get(layout.name) != frozenset({"name", "version"}):
        raise TableTaken((layout.name,))
    listed = connection.execute(select(layout), execution_options=OUR_OPTIONS)
    rows = {str(row.name): int(row.version) for row in listed}
    if VERSION not in rows:
        raise TableTaken((layout.name,))
    return Present(names, columns, rows)


def _list_names(connection: Connection, naming: Naming) -> frozenset[str]:
    if connection.dialect.name == "postgresql":
        listed = connection.execute(_NAMES, {"schema": naming.schema}, execution_options=OUR_OPTIONS).scalars()
    else:
        listed = connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars()
    # SQLite takes Offer and offer for one name.
    return frozenset(str(name).lower() for name in listed)


def check_free(connection: Connection, tables: StoreTables, *, besides: Iterable[str] = ()) -> None:
    """Refuse a database in which anything bears a name of what every store has.

    Args:
        connection: To the database.
        tables: What would be made.
        besides: More names, of indexes that would be made on the way.

    Raises:
        TableTaken: Something does; it may be a market's, which is migrated from where it stands.
    """
    system = [table for name, table in tables.iterate() if name not in tables.kinds]
    wanted = {table.name for table in system} | {str(index.name) for table in system for index in table.indexes}
    taken = _list_names(connection, tables.naming) & (wanted | set(besides))
    if taken:
        raise TableTaken(tuple(sorted(taken)))


def _name_columns(given: Iterable[ReflectedColumn]) -> frozenset[str]:
    return frozenset(column["name"] for column in given)


_NAMES = text(
    "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
    " WHERE nspname = coalesce(:schema, current_schema())"
    # A table is a type too, so a host's type stands in its way.
    " UNION SELECT typname FROM pg_type JOIN pg_namespace ON pg_namespace.oid = typnamespace"
    " WHERE nspname = coalesce(:schema, current_schema())"
)


def check_version(present: Present) -> None:
    """Refuse a database that this release does not know.

    Raises:
        LayoutTooNew: A later release was here.
    """
    version = present.layout.get(VERSION, 0)
    if version > LAYOUT:
        raise LayoutTooNew(version, LAYOUT)


def is_first_release(present: Present, naming: Naming) -> bool:
    """Tell whether a market of release 0.1.0 is here, which knew neither prefix nor schema."""
    return (
        naming == Naming()
        and not present.layout
        and all(present.columns.get(naming.name_table(name)) == columns for name, columns in SYSTEM_COLUMNS.items())
    )


def plan_layout(
    present: Present,
    tables: StoreTables,
    kinds: Mapping[str, Kind[Any]],
    *,
    holds_only: Callable[[Kind[Any]], bool],
) -> Plan:
    """Say what has to be done, or refuse.

    Args:
        present: What is there.
        tables: What a store needs.
        kinds: Its kinds, by name.
        holds_only: Tells whether the table that bears a kind's bare name holds records of that kind and nothing else.

    Raises:
        TableTaken: Something bears one of our names that we did not make.
        LayoutTooNew: A later release was here.
    """
    check_version(present)
    judge = _Judge(present, tables.naming, holds_only)
    named = {name: table for name, table in tables.iterate() if name != "layout"}
    fates = {name: judge.decide(name, table, kinds.get(name)) for name, table in named.items()}
    # What a table of several values lacks can be told from the records, as all of it.
    values = {name for name, table in named.items() if table in tables.values.values()}
    fates |= {name: _Fate.GROW for name in values if judge.has_grown(name, named[name])}
    grows = {name: _find_missing(present, named[name]) for name, fate in fates.items() if fate is _Fate.GROW}
    by_fate = {wanted: tuple(name for name, fate in fates.items() if fate is wanted) for wanted in _Fate}
    made = {*by_fate[_Fate.CREATE], *by_fate[_Fate.MOVE], *by_fate[_Fate.ADOPT]}
    taken = [tables.naming.name_table(name) for name in by_fate[_Fate.REFUSE]]
    # Both databases keep tables and indexes under one set of names.
    taken += [one for one in _list_indexes(tables, made, grows) if one in present.names]
    if taken:
        raise TableTaken(tuple(taken))
    is_new = not present.layout
    marked = [name for name, kind in kinds.items() if kind.marks is not None]
    return Plan(
        by_fate[_Fate.CREATE],
        by_fate[_Fate.MOVE],
        adopts=by_fate[_Fate.ADOPT],
        grows=grows,
        marks=tuple(name for name in marked if name_marking(name) not in present.layout),
        is_new=is_new,
    )


class _Fate(Enum):
    """What becomes of a table."""

    KEEP, GROW, ADOPT, MOVE, CREATE, REFUSE = range(6)


@attrs.frozen
class _Judge:
    present: Present
    naming: Naming
    holds_only: Callable[[Kind[Any]], bool]

    def decide(self, name: str, table: Table, kind: Kind[Any] | None) -> _Fate:
        """Say what becomes of one table, by name and columns, and by what the layout table says of it."""
        if name in self.present.layout and table.name in self.present.columns:
            return self._compare(table, kind)
        if is_first_release(self.present, self.naming) and name in SYSTEM_COLUMNS:
            return _Fate.ADOPT
        if table.name in self.present.names:
            return _Fate.REFUSE
        return _Fate.MOVE if kind is not None and self._is_movable(kind) else _Fate.CREATE

    def has_grown(self, name: str, table: Table) -> bool:
        """Tell whether a table of ours is there, and lacks a column."""
        is_ours = name in self.present.layout and table.name in self.present.columns
        return is_ours and bool(_find_missing(self.present, table))

    def _compare(self, table: Table, kind: Kind[Any] | None) -> _Fate:
        missing = _find_missing(self.present, table)
        if not missing:
            return _Fate.KEEP
        # Only what records tell can be filled into a new column; of the others nobody knows what they should hold.
        return _Fate.REFUSE if kind is None or OWN_COLUMNS & set(missing) else _Fate.GROW

    def _is_movable(self, kind: Kind[Any]) -> bool:
        # Where the first release never was, no table without prefix is ours, whatever its columns.
        if not is_first_release(self.present, self.naming) and self.present.layout.get(ORIGIN) != 1:
            return False
        columns = self.present.columns.get(kind.name)
        return columns is not None and could_have_made(kind.name, columns, kind) and self.holds_only(kind)


def _find_missing(present: Present, table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if column.name not in present.columns[table.name])


def _list_indexes(tables: StoreTables, made: set[str], grows: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for name, table in tables.iterate():
        for index in table.indexes:
            if name in made or any(column.name in grows.get(name, ()) for column in index.columns):
                yield str(index.name)
