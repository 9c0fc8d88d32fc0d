"""Making a database what a store needs, in one transaction: new tables, new columns, and what an older release left."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import attrs
from sqlalchemy import Connection, Index, Table, func, inspect, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateColumn, CreateSchema

from mktcore.persistence import Kind
from mktcore.persistence.kinds import index_kinds, name_values
from mktcore.ports import KINDS
from mktcore.sql.data_steps import STEPS, Migrating, fill_columns, fill_marks, fill_values
from mktcore.sql.database_names import Naming
from mktcore.sql.first_release import list_old_indexes
from mktcore.sql.inspect_layout import (
    LAYOUT,
    ORIGIN,
    VERSION,
    Plan,
    check_version,
    is_first_release,
    name_marking,
    plan_layout,
    read_present,
)
from mktcore.sql.store_tables import StoreTables, share_tables
from mktcore.wire import Codec

__all__ = ["change_layout", "find_missing_layout", "lock_layout"]

_SCHEMA_LOCK = 0x6D6B7463  # any number that nobody else locks: "mktc"


def lock_layout(connection: Connection) -> None:
    """Begin the transaction, and wait until no other process changes a layout; what is read from now on stays true."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def change_layout(connection: Connection, kinds: Iterable[Kind[Any]], *, naming: Naming, codec: Codec) -> Plan:
    """Make and migrate what kinds need, in the transaction of the connection, which the caller has begun and commits.

    A market of release 0.1.0 is migrated whole: all of the library's own kinds, whichever a store is opened with, since
    a step may need several.

    Returns:
        What was done.

    Raises:
        TableTaken: Something bears one of our names that we did not make; nothing was changed.
        LayoutTooNew: A later release was here.
    """
    opened = everything = index_kinds(kinds)
    tables = share_tables(everything.values(), naming)
    present = read_present(connection, tables)
    if is_first_release(present, naming):
        everything = {**index_kinds(KINDS), **opened}
        tables = share_tables(everything.values(), naming)
        present = read_present(connection, tables)
    plan = plan_layout(present, tables, kinds=everything, holds_only=lambda kind: _holds_only(connection, kind, codec))
    # Tables of ours that are not made yet will be filled by whoever writes marks from the first record on.
    marked = {*plan.marks, *(kind.name for kind in KINDS if kind.marks is not None and plan.is_new)}
    if not any(kind.name in plan.moves for kind in KINDS):  # no market was here, only a host's own kinds
        spared = _list_tables(kind for name, kind in everything.items() if name not in opened)
        creates = tuple(name for name in plan.creates if name not in spared)
        plan = attrs.evolve(plan, creates=creates, marks=tuple(name for name in plan.marks if name in opened))
    if plan == Plan():
        return plan
    _create_tables(connection, tables, plan)
    named = dict(tables.iterate())
    for name in plan.adopts:
        _adopt_table(connection, named[name], present.columns[named[name].name])
    if "stream" in plan.adopts:
        _note_pruned(connection, tables)
    for name in plan.moves:
        _move_table(connection, tables, everything[name])
    for name, columns in plan.grows.items():
        _add_columns(connection, named[name], columns)
    known = {name: present.columns[name] for name in plan.moves}
    grown = {name for name, columns in known.items() if everything[name].readers.keys() - columns}
    grown |= plan.grows.keys() & everything.keys()
    _change_records(Migrating(connection, tables, codec), plan, grown, kinds=everything)
    for name in plan.moves:
        _drop_columns(connection, tables.kinds[name])
        _name_indexes(connection, tables, name)
    for name, columns in plan.grows.items():
        _create_indexes(connection, [one for one in named[name].indexes if set(columns) & set(one.columns.keys())])
    _write_layout(connection, tables, plan, marked=marked)
    return plan


def _list_tables(kinds: Iterable[Kind[Any]]) -> set[str]:
    return {table for kind in kinds for table in (kind.name, *(name_values(kind, name) for name in kind.several))}


def _holds_only(connection: Connection, kind: Kind[Any], codec: Codec) -> bool:
    """Tell whether the table of a kind's bare name holds its documents only; another's has rows of its own."""
    tag = codec.registry.get_type(kind.type).tag
    table = _quote(connection, kind.name)
    others = f"SELECT 1 FROM {table} WHERE type IS NULL OR type NOT LIKE :tag ESCAPE '!' LIMIT 1"  # noqa: S608 - quoted
    # To LIKE, _ and % in a tag would match anything.
    escaped = tag.replace("!", "!!").replace("_", "!_").replace("%", "!%")
    return connection.execute(text(others), {"tag": f"{escaped}.v%"}).first() is None


def _create_tables(connection: Connection, tables: StoreTables, plan: Plan) -> None:
    schema = tables.naming.schema
    if schema is not None and not inspect(connection).has_schema(schema):
        connection.execute(CreateSchema(schema))
    if plan.is_new:
        tables.system.layout.create(connection, checkfirst=False)
    named = dict(tables.iterate())
    for name in plan.creates:
        named[name].create(connection, checkfirst=False)


def _adopt_table(connection: Connection, table: Table, known: AbstractSet[str]) -> None:
    """Give a table of the first release that had its prefix what it lacks."""
    _add_columns(connection, table, [one.name for one in table.columns if one.name not in known])
    _drop_indexes(connection, list_old_indexes(), table.name)
    _create_indexes(connection, table.indexes)


def _move_table(connection: Connection, tables: StoreTables, kind: Kind[Any]) -> None:
    """Give a table of the first release its prefix, with its constraints, and the columns that it lacks."""
    table = tables.kinds[kind.name]
    # Columns are filled without indexes; the new ones are made afterwards.
    _drop_indexes(connection, list_old_indexes(kind), kind.name)
    connection.exec_driver_sql(
        f"ALTER TABLE {_quote(connection, kind.name)} RENAME TO {_quote(connection, table.name)}"
    )
    if connection.dialect.name == "postgresql":
        # Constraints keep their names when a table is renamed; a host's own table must be free to bear them.
        for constraint in connection.execute(_CONSTRAINTS, {"table": table.name}).scalars().all():
            renamed = f"{tables.naming.prefix}{constraint}"
            connection.exec_driver_sql(
                f"ALTER TABLE {_quote(connection, table.name)} RENAME CONSTRAINT {_quote(connection, constraint)}"
                f" TO {_quote(connection, renamed)}"
            )
    known = {column["name"] for column in inspect(connection).get_columns(table.name)}
    _add_columns(connection, table, [column.name for column in table.columns if column.name not in known])


_CONSTRAINTS = text(
    "SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid"
    " JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace"
    " WHERE relname = :table AND nspname = current_schema() ORDER BY conname"
)


def _change_records(migrating: Migrating, plan: Plan, grown: Iterable[str], *, kinds: Mapping[str, Kind[Any]]) -> None:
    for step in STEPS:
        if step.kind.name in plan.moves:
            step.apply(migrating)
    for name in sorted(grown):
        fill_columns(migrating, kinds[name])
    # After the steps, which may write a record again or add one.
    _fill_values(migrating, plan, kinds.values())
    for name in plan.marks:
        fill_marks(migrating, kinds[name])


def _fill_values(migrating: Migrating, plan: Plan, kinds: Iterable[Kind[Any]]) -> None:
    for kind in kinds:
        for name in kind.several:
            # A table that is made with that of its kind has nothing to tell.
            if kind.name not in plan.creates and name_values(kind, name) in {*plan.creates, *plan.grows}:
                fill_values(migrating, kind, name)


def _add_columns(connection: Connection, table: Table, columns: Iterable[str]) -> None:
    for name in columns:
        column = CreateColumn(table.c[name]).compile(dialect=connection.dialect)
        quoted = connection.dialect.identifier_preparer.format_table(table)
        connection.exec_driver_sql(f"ALTER TABLE {quoted} ADD COLUMN {column}")


def _note_pruned(connection: Connection, tables: StoreTables) -> None:
    """Say of each aggregate up to which event it was pruned; the first release left that to be guessed."""
    streams, events = tables.system.streams, tables.system.events
    same = (events.c.kind == streams.c.kind, events.c.subject == streams.c.subject)
    first = select(func.min(events.c.sequence) - 1).where(*same).scalar_subquery()
    connection.execute(update(streams).values(pruned=func.coalesce(first, streams.c.published)))


def _drop_columns(connection: Connection, table: Table) -> None:
    """Drop what the first release had and this one does not; the table is known to be ours."""
    for column in inspect(connection).get_columns(table.name):
        if column["name"] not in table.columns:
            quoted = _quote(connection, column["name"])
            connection.exec_driver_sql(f"ALTER TABLE {_quote(connection, table.name)} DROP COLUMN {quoted}")


def _drop_indexes(connection: Connection, old: Iterable[str], table: str) -> None:
    """Drop those of the old indexes that are the table's; of the same name, another table's is somebody else's."""
    own = {str(one["name"]) for one in inspect(connection).get_indexes(table)}
    for index in own.intersection(old):
        connection.exec_driver_sql(f"DROP INDEX {_quote(connection, index)}")


def _name_indexes(connection: Connection, tables: StoreTables, name: str) -> None:
    _create_indexes(connection, dict(tables.iterate())[name].indexes)


def _create_indexes(connection: Connection, indexes: Iterable[Index]) -> None:
    # By name: SQLAlchemy keeps a table's indexes in a set, and a migration should run alike everywhere.
    for index in sorted(indexes, key=lambda one: str(one.name)):
        index.create(connection, checkfirst=False)


def _write_layout(connection: Connection, tables: StoreTables, plan: Plan, *, marked: AbstractSet[str]) -> None:
    layout = tables.system.layout
    names = ["layout", VERSION] if plan.is_new else []
    rows = dict.fromkeys((*names, *plan.creates, *plan.moves, *plan.adopts), LAYOUT)
    rows |= {name_marking(name): LAYOUT for name in sorted(marked)}
    if plan.adopts:
        # A kind that a later opening adds may still have a table of the first release to move.
        rows[ORIGIN] = 1
    insert: Any = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(layout)
    kept = insert.on_conflict_do_update(index_elements=["name"], set_={"version": insert.excluded.version})
    if rows:
        connection.execute(kept, [{"name": name, "version": version} for name, version in rows.items()])


def find_missing_layout(connection: Connection, tables: StoreTables, kinds: Iterable[Kind[Any]]) -> tuple[str, ...]:
    """Return what a store lacks in a database: every column, the marks of kinds, and the version of its layout.

    Raises:
        TableTaken: The layout table is another's.
        LayoutTooNew: A later release was here.
    """
    present = read_present(connection, tables)
    check_version(present)
    lacking = [
        f"{table.name}.{column.name}"
        for _, table in tables.iterate()
        for column in table.columns
        if column.name not in present.columns.get(table.name, ())
    ]
    is_old = present.layout and present.layout[VERSION] < LAYOUT
    marked = [kind.name for kind in kinds if kind.marks is not None and present.layout]
    # Without them records are there and not found: worse than a column that is missing, which every query tells.
    lacking += [f"marks of {name}" for name in marked if name_marking(name) not in present.layout]
    return (*lacking, *([f"version {LAYOUT} of the layout"] if is_old else []))


def _quote(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
