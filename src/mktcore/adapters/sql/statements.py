"""The statements of one kind, built once per store and compiled once by SQLAlchemy."""

from collections.abc import Mapping
from typing import Any

import attrs
from sqlalchemy import (
    ColumnElement,
    Delete,
    Executable,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    delete,
    false,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from mktcore.unit_of_work import Column, Condition, Kind

__all__ = ["KindStatements", "insert_new"]


def insert_new(table: Table, *, is_postgresql: bool) -> Executable:
    """Return an insertion that leaves a row that is there as it is; its row count tells."""
    if is_postgresql:
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


@attrs.frozen(eq=False)
class KindStatements:
    """Statements over the table of a kind, narrowed by the columns that a scope must match.

    Attributes:
        kind: The kind.
        table: Its table.
        insert: Adds a row unless one is there.
    """

    kind: Kind[Any]
    table: Table
    insert: Executable

    @classmethod
    def of(cls, kind: Kind[Any], table: Table, *, is_postgresql: bool) -> "KindStatements":
        """Build the statements of a kind."""
        return cls(kind, table, insert_new(table, is_postgresql=is_postgresql))

    def match(
        self, owned: Mapping[str, Condition] | None, where: Mapping[str, Column] | None = None
    ) -> ColumnElement[bool]:
        """Return the condition that a row is the scope's, and matches every column asked."""
        if owned is None:
            return false()
        conditions = [*owned.items(), *(where or {}).items()]
        return and_(True, *(self._hold(name, value) for name, value in conditions))  # noqa: FBT003 - SQL

    def _hold(self, name: str, wanted: Condition) -> ColumnElement[bool]:
        column = self.table.c[name]
        if not isinstance(wanted, frozenset):
            return column == to_text(wanted)
        among = column.in_(sorted(text for text in map(to_text, wanted) if text is not None))
        return or_(column.is_(None), among) if None in wanted else among

    def select(self, condition: ColumnElement[bool]) -> Select[Any]:
        """Select documents."""
        columns = self.table.c
        return select(columns.id, columns.type, columns.document).where(condition)

    def select_page(self, condition: ColumnElement[bool], after: str | None, limit: int) -> Select[Any]:
        """Select the documents that follow an id."""
        found = self.select(condition).order_by(self.table.c.id).limit(limit)
        return found if after is None else found.where(self.table.c.id > after)

    def count(self, condition: ColumnElement[bool]) -> Select[int]:
        """Count rows."""
        return select(func.count()).select_from(self.table).where(condition)

    def update(self, owned: Mapping[str, Condition] | None) -> Update:
        """Change the row that has the version that was read."""
        names = ["version", "type", "document", *self.kind.columns]
        guard = and_(self.table.c.id == bindparam("old_id"), self.table.c.version == bindparam("old_version"))
        kept = [self.table.c[name].is_not_distinct_from(bindparam(f"new_{name}")) for name in self.kind.fixed]
        return (
            update(self.table)
            .where(guard, self.match(owned), *kept)
            .values({name: bindparam(f"new_{name}") for name in names})
        )

    def delete(self, owned: Mapping[str, Condition] | None) -> Delete:
        """Remove the row that has the version that was read."""
        guard = and_(self.table.c.id == bindparam("old_id"), self.table.c.version == bindparam("old_version"))
        return delete(self.table).where(guard, self.match(owned))


def to_text(value: Column) -> str | None:
    """Return what a column stores: text; an int by its digits."""
    return None if value is None else str(value)
