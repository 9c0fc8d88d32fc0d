"""What statements compare: columns with what a parameter brings, whatever the values."""

from collections.abc import Callable, Iterator, Mapping
from operator import eq, ge, gt, le, lt
from typing import Any

import attrs
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Executable,
    Table,
    Text,
    any_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from mktcore.persistence import Kind
from mktcore.persistence.kinds import Column, Condition
from mktcore.persistence.ranges import Bounds
from mktcore.sql.types import Instant, JsonList

__all__ = ["Conditions", "Shape", "compare", "insert_new", "is_among", "to_column_text", "to_stored"]

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
