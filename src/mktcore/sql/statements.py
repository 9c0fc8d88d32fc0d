"""The statements of one kind, built once and compiled once, whatever the values."""

from collections.abc import Callable, Iterator, Mapping
from operator import eq, ge, gt, le, lt
from typing import Any

import attrs
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Executable,
    Select,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from mktcore.persistence import Kind
from mktcore.persistence.kinds import Column, Condition
from mktcore.persistence.queries import Order
from mktcore.persistence.ranges import Bounds
from mktcore.sql.types import Instant, JsonList

__all__ = ["Conditions", "KindStatements", "Shape", "compare", "insert_new", "is_among", "to_column_text", "to_stored"]

NONE, EQUAL, AMONG, AMONG_OR_NONE = "none", "equal", "among", "among or none"
_COMPARISONS: Mapping[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    EQUAL: eq,
    ">=": ge,
    ">": gt,
    "<=": le,
    "<": lt,
}
Shape = tuple[tuple[str, str], ...]
"""Which columns are compared, and how."""


def insert_new(table: Table, *, is_postgresql: bool) -> Executable:
    """Return an insertion that leaves a row that is there as it is; its row count tells."""
    # An error would end PostgreSQL's transaction; a row count leaves the unit usable.
    if is_postgresql:
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def to_column_text(value: Column) -> str | None:
    """Return what a column that is only compared stores: text; an int by its digits."""
    return None if value is None else str(value)


def to_stored(kind: Kind[Any], name: str, value: Column) -> Column:
    """Return what a column stores: an ordered one the value itself, any other one text."""
    return value if name in kind.ordered else to_column_text(value)


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
    def of(cls, kind: Kind[Any], *conditions: Mapping[str, Condition | Bounds]) -> "Conditions":
        """Combine conditions; every one must hold, also two on one column."""
        pairs = [pair for mapping in conditions for one in mapping.items() for pair in _compare_with(kind, *one)]
        shape = tuple((name, comparison) for name, comparison, _ in pairs)
        return cls(shape, {f"where_{n}": wanted for n, (_, _, wanted) in enumerate(pairs) if wanted is not None})


def _compare_with(kind: Kind[Any], name: str, wanted: Condition | Bounds) -> Iterator[tuple[str, str, Any]]:
    """Yield how a column is compared, and with what."""
    if isinstance(wanted, Bounds):
        if wanted.low is not None:
            yield name, ">=" if wanted.holds_low else ">", wanted.low
        if wanted.high is not None:
            yield name, "<=" if wanted.holds_high else "<", wanted.high
    elif isinstance(wanted, frozenset):
        texts = sorted(text for text in map(to_column_text, wanted) if text is not None)
        yield name, AMONG_OR_NONE if None in wanted else AMONG, texts
    else:
        yield name, NONE if wanted is None else EQUAL, to_stored(kind, name, wanted)


def is_among(column: ColumnElement[Any], name: str, *, is_postgresql: bool) -> ColumnElement[bool]:
    """Compare a column with the list that a parameter brings.

    The list is one parameter, so the statement is the same whatever its length: built, compiled and prepared once.
    """
    if is_postgresql:
        # Without the collation of a `SortedText`: a cast cannot carry it, and the column's own holds.
        kept = column.type if isinstance(column.type, (BigInteger, Instant)) else Text()
        return column == any_(bindparam(name, type_=postgresql.ARRAY(kept)))
    values = func.json_each(bindparam(name, type_=JsonList())).table_valued("value")
    return column.in_(select(values.c.value))


def compare(column: ColumnElement[Any], comparison: str, name: str, *, is_postgresql: bool) -> ColumnElement[bool]:
    """Compare a column with what a parameter brings, in one of the ways that a shape names."""
    if comparison == NONE:
        return column.is_(None)
    if comparison in _COMPARISONS:
        return _COMPARISONS[comparison](column, bindparam(name))
    among = is_among(column, name, is_postgresql=is_postgresql)
    return or_(column.is_(None), among) if comparison == AMONG_OR_NONE else among


@attrs.frozen(eq=False)
class KindStatements:
    """Statements over the table of a kind.

    Attributes:
        kind: The kind.
        table: Its table.
        insert: Adds a row unless one is there.
        is_postgresql: For which database.
    """

    kind: Kind[Any]
    table: Table
    insert: Executable
    is_postgresql: bool = False
    _built: dict[tuple[str, Shape], Any] = attrs.field(factory=dict)

    @classmethod
    def of(cls, kind: Kind[Any], table: Table, *, is_postgresql: bool) -> "KindStatements":
        """Prepare the statements of a kind."""
        return cls(kind, table, insert=insert_new(table, is_postgresql=is_postgresql), is_postgresql=is_postgresql)

    def find(self, conditions: Conditions) -> Any:
        """Select the document with the id `id`."""
        return self._get(
            "find", conditions, lambda match: self._select(match).where(self.table.c.id == bindparam("id"))
        )

    def find_among(self, column: str, conditions: Conditions, *, or_none: bool = False) -> Any:
        """Select the documents whose column has one of `values`, or none."""

        def build(match: ColumnElement[bool]) -> Any:
            how = AMONG_OR_NONE if or_none else AMONG
            return self._select(match).where(
                compare(self.table.c[column], how, "values", is_postgresql=self.is_postgresql)
            )

        return self._get(f"among {column} {or_none}", conditions, build)

    def has(self, conditions: Conditions) -> Any:
        """Select 1 when there is a row."""
        return self._get(
            "has", conditions, lambda match: select(literal_column("1")).select_from(self.table).where(match).limit(1)
        )

    def page(self, conditions: Conditions, *, is_first: bool) -> Any:
        """Select up to `limit` documents in the order of ids, after the id `after` unless it is the first page."""

        def build(match: ColumnElement[bool]) -> Any:
            page = self._select(match).order_by(self.table.c.id).limit(bindparam("limit"))
            return page if is_first else page.where(self.table.c.id > bindparam("after"))

        return self._get(f"page {is_first}", conditions, build)

    def page_by(self, conditions: Conditions, order: Order, *, is_first: bool) -> Any:
        """Select up to `limit` documents with a value in a column, in its order, after `after_value` and `after`."""
        column, key = self.table.c[order.column or ""], self.table.c.id

        def build(match: ColumnElement[bool]) -> Any:
            page = self._select(match).order_by(*_direct(order, column, key)).limit(bindparam("limit"))
            if is_first:
                return page.where(self._hold_value(column))
            # Compared as a row, which both databases answer from the index; with "or" they would not.
            last = tuple_(bindparam("after_value", type_=column.type), bindparam("after", type_=key.type))
            here = tuple_(column, key)
            return page.where(here < last if order.is_descending else here > last)

        return self._get(f"page by {order} {is_first}", conditions, build)

    def page_lacking(self, conditions: Conditions, order: Order, *, is_first: bool) -> Any:
        """Select up to `limit` documents without a value in a column, in the order of ids, after the id `after`."""
        column, key = self.table.c[order.column or ""], self.table.c.id

        def build(match: ColumnElement[bool]) -> Any:
            # By the column too, which sorts nothing here: PostgreSQL finds its index by what is asked, to the letter.
            page = self._select(match).where(column.is_(None)).order_by(*_direct(order, column, key))
            page = page.limit(bindparam("limit"))
            if is_first:
                return page
            return page.where(key < bindparam("after") if order.is_descending else key > bindparam("after"))

        return self._get(f"page lacking {order} {is_first}", conditions, build)

    def _hold_value(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        if self.is_postgresql:
            return column.is_not(None)
        # To SQLite "is not null" is no range, and it would read all records without a value to find none with one.
        return column >= literal_column(str(-(2**63)) if isinstance(column.type, BigInteger) else "''")

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
            names = ["version", "type", "document", *self.kind.readers]
            fixed = self.kind.fixed if keeps_fixed else ()
            values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
            # Of two NULLs "=" is not true.
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
                compare(self.table.c[column], comparison, f"where_{n}", is_postgresql=self.is_postgresql)
                for n, (column, comparison) in enumerate(conditions.shape)
            ]
            found = self._built[key] = build(and_(true(), *matches))
        return found


def _direct(order: Order, *columns: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return [column.desc() if order.is_descending else column for column in columns]
