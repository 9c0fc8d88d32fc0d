"""The tables of a new store as SQL text, for those who review and run such statements by hand."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Dialect, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateSchema, CreateTable

from mktcore.persistence import Kind
from mktcore.persistence.kinds import index_kinds
from mktcore.sql.database_names import DEFAULT_PREFIX, InvalidNaming, Naming
from mktcore.sql.inspect_layout import LAYOUT, VERSION, name_marking
from mktcore.sql.store_tables import build_store_tables

__all__ = ["to_schema_text"]


def to_schema_text(
    kinds: Iterable[Kind[Any]], *, is_postgresql: bool, prefix: str = DEFAULT_PREFIX, schema: str | None = None
) -> str:
    """Return what makes the tables of a new store, statement by statement; a store then finds them as its own.

    Args:
        kinds: The repositories it has.
        is_postgresql: For PostgreSQL; for SQLite otherwise.
        prefix: Begins the name of every table and index.
        schema: PostgreSQL's schema that they lie in.

    Raises:
        InvalidNaming: The prefix or the schema cannot be.
    """
    if schema is not None and not is_postgresql:
        raise InvalidNaming("schema", schema)
    dialect: Dialect = postgresql.dialect() if is_postgresql else sqlite.dialect()  # type: ignore[no-untyped-call]  # as SQLAlchemy's
    statements = _list_statements(index_kinds(kinds).values(), Naming(prefix, schema), dialect)
    return "".join(f"{statement.strip()};\n\n" for statement in statements)


def _list_statements(kinds: Iterable[Kind[Any]], naming: Naming, dialect: Dialect) -> Iterator[str]:
    known = list(kinds)
    tables = build_store_tables(known, naming)
    if naming.schema is not None:
        yield str(CreateSchema(naming.schema, if_not_exists=True).compile(dialect=dialect))
    for _, table in tables.iterate():
        yield str(CreateTable(table).compile(dialect=dialect))
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            yield str(CreateIndex(index).compile(dialect=dialect))
    # What is ours is written down, so that another's table of the same name is never taken for it.
    marked = [name_marking(kind.name) for kind in known if kind.marks is not None]
    rows = [{"name": name, "version": LAYOUT} for name in (VERSION, *dict(tables.iterate()), *marked)]
    written = insert(tables.system.layout).values(rows)
    yield str(written.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
