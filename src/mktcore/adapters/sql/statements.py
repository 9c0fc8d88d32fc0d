"""The statements of one kind, built once and compiled once, whatever the values."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs
from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from mktcore.persistence import Kind
from mktcore.persistence.kinds import Column, Condition

__all__ = ["Conditions", "KindStatements", "insert_new", "to_column_text"]

NONE, EQUAL, AMONG, AMONG_OR_NONE = "none", "equal", "among", "among or none"
Shape = tuple[tuple[str, str], ...]
"""Which columns are compared, and how."""


def insert_new(table: Table, *, is_postgresql: bool) -> Executable:
    """Return an insertion that leaves a row that is there as it is; its row count tells."""
    if is_postgresql:
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def to_column_text(value: Column) -> str | None:
    """Return what a column stores: text; an int by its digits."""
    return None if value is None else str(value)


@attrs.frozen
class Conditions:
    """What rows must match: the columns compared, and the values to compare with.

    Attributes:
        shape: The columns.
        values: The values, by parameter.
    """

    shape: Shape
    values: dict[str, Any]

    @classmethod
    def of(cls, *conditions: Mapping[str, Condition]) -> "Conditions":
        """Combine conditions; every one must hold, also two on one column."""
        pairs = [pair for mapping in conditions for pair in mapping.items()]
        shape = tuple((name, _find_comparison(wanted)) for name, wanted in pairs)
        return cls(
            shape, {f"where_{n}": _to_value(wanted) for n, (_, wanted) in enumerate(pairs) if wanted is not None}
        )


def _find_comparison(wanted: Condition) -> str:
    if isinstance(wanted, frozenset):
        return AMONG_OR_NONE if None in wanted else AMONG
    return NONE if wanted is None else EQUAL


def _to_value(wanted: Condition) -> str | list[str] | None:
    if not isinstance(wanted, frozenset):
        return to_column_text(wanted)
    return sorted(text for text in map(to_column_text, wanted) if text is not None)


def _compare(column: ColumnElement[Any], comparison: str, name: str) -> ColumnElement[bool]:
    if comparison == NONE:
        return column.is_(None)
    if comparison == EQUAL:
        return column == bindparam(name)
    among = column.in_(bindparam(name, expanding=True))
    return or_(column.is_(None), among) if comparison == AMONG_OR_NONE else among


@attrs.frozen(eq=False)
class KindStatements:
    """Statements over the table of a kind.

    Attributes:
        kind: The kind.
        table: Its table.
        insert: Adds a row unless one is there.
    """

    kind: Kind[Any]
    table: Table
    insert: Executable
    _built: dict[tuple[str, Shape], Any] = attrs.field(factory=dict)

    @classmethod
    def of(cls, kind: Kind[Any], table: Table, *, is_postgresql: bool) -> "KindStatements":
        """Prepare the statements of a kind."""
        return cls(kind, table, insert_new(table, is_postgresql=is_postgresql))

    def find(self, conditions: Conditions) -> Any:
        """Select the document with the id `id`."""
        return self._get(
            "find", conditions, lambda match: self._select(match).where(self.table.c.id == bindparam("id"))
        )

    def find_among(self, column: str, conditions: Conditions) -> Any:
        """Select the documents whose column has one of `values`."""
        among = self.table.c[column].in_(bindparam("values", expanding=True))
        return self._get(f"among {column}", conditions, lambda match: self._select(match).where(among))

    def page(self, conditions: Conditions, *, is_first: bool) -> Any:
        """Select up to `limit` documents in the order of ids, after the id `after` unless it is the first page."""

        def build(match: ColumnElement[bool]) -> Any:
            page = self._select(match).order_by(self.table.c.id).limit(bindparam("limit"))
            return page if is_first else page.where(self.table.c.id > bindparam("after"))

        return self._get(f"page {is_first}", conditions, build)

    def count(self, conditions: Conditions) -> Any:
        """Count rows."""
        return self._get("count", conditions, lambda match: select(func.count()).select_from(self.table).where(match))

    def find_version(self, conditions: Conditions) -> Any:
        """Select the version of the row with the id `id`."""
        version = select(self.table.c.version).where(self.table.c.id == bindparam("id"))
        return self._get("version", conditions, version.where)

    def update(self, conditions: Conditions, *, keeps_fixed: bool = True) -> Any:
        """Change the row that has the id `old_id`, the version that was read, and the same in every fixed column.

        Whoever writes a row again as it is computes its columns anew, fixed ones too: `keeps_fixed` is False then.
        """

        def build(match: ColumnElement[bool]) -> Any:
            names = ["version", "type", "document", *self.kind.columns]
            fixed = self.kind.fixed if keeps_fixed else ()
            values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
            kept = [self.table.c[name].is_not_distinct_from(values[name]) for name in fixed]
            return update(self.table).where(self._guard(), match, *kept).values(values)

        return self._get(f"update {keeps_fixed}", conditions, build)

    def delete(self, conditions: Conditions) -> Any:
        """Remove the row that has the id `old_id` and the version that was read."""
        return self._get("delete", conditions, lambda match: delete(self.table).where(self._guard(), match))

    def _guard(self) -> ColumnElement[bool]:
        return and_(self.table.c.id == bindparam("old_id"), self.table.c.version == bindparam("old_version"))

    def _select(self, match: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
        return select(self.table.c.type, self.table.c.document).where(match)

    def _get(self, name: str, conditions: Conditions, build: Callable[[ColumnElement[bool]], Any]) -> Any:
        key = (name, conditions.shape)
        found = self._built.get(key)
        if found is None:
            matches = [
                _compare(self.table.c[column], comparison, f"where_{n}")
                for n, (column, comparison) in enumerate(conditions.shape)
            ]
            found = self._built[key] = build(and_(true(), *matches))
        return found
