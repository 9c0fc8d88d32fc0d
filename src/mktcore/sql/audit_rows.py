"""Rows as an audit reads them: a thousand at a time, and those that no code of ours wrote as well as any other."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Text, func, select, type_coerce

from mktcore.clock import to_utc
from mktcore.sql.errors import translate_errors
from mktcore.sql.types import Instant
from mktcore.store_inspection import Kept

__all__ = ["KeptRows", "keep_row", "read_told_instant", "select_values", "tell_columns", "tell_values", "try_instant"]

_BATCH = 1000
_MOST_PROBLEM = 300


class KeptRows:
    """Reads rows through one connection.

    Attributes:
        is_postgresql: Of which database it is.
    """

    def __init__(self, connection: Connection) -> None:
        """Read through a connection whose transaction sees one moment."""
        self._connection = connection.execution_options(yield_per=_BATCH)
        self.is_postgresql = connection.dialect.name == "postgresql"

    def select(self, table: Any) -> Select[*tuple[Any, ...]]:
        """Ask for whole rows, instants as they are written: one that is none must not stop the others."""
        return select(*(self._coerce(column) for column in table.columns))

    def _coerce(self, column: Any) -> Any:
        is_raw = isinstance(column.type, Instant) and not self.is_postgresql
        return type_coerce(column, Text).label(column.name) if is_raw else column

    def read_among(self, statement: Select[*tuple[Any, ...]], column: Any, values: Iterable[str]) -> Iterator[Any]:
        """Yield the rows whose column is among some texts."""
        wanted = sorted(set(values))
        for begin in range(0, len(wanted), _BATCH):
            yield from self.read(statement.where(column.in_(wanted[begin : begin + _BATCH])))

    def count(self, statement: Select[*tuple[Any, ...]]) -> int:
        """Return the number that a statement calls "rows"."""
        (row,) = self.read(statement)
        return int(row.rows)

    def read(self, statement: Select[*tuple[Any, ...]]) -> Iterator[Any]:
        """Yield the rows of a statement."""
        with translate_errors():
            yield from self._connection.execute(statement)


def keep_row(id_: str, row: Any, read: Callable[[Any], Any], *, told: Mapping[str, object] | None = None) -> Kept[Any]:
    """Return what a row holds; where it holds nothing that can be read, why."""
    try:
        return Kept(id_, read(row), told=told or {})
    except Exception as error:  # noqa: BLE001 - what no code of ours wrote may break any rule, and must not hide the rest
        return Kept(id_, None, f"{type(error).__name__}: {error}"[:_MOST_PROBLEM], told=told or {})


def tell_columns(row: Any, names: Iterable[str], instants: set[str]) -> dict[str, object]:
    """Return what columns of a row tell, those among `instants` as such where they are."""
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's documented name of it
    return {name: try_instant(values[name]) if name in instants else values[name] for name in names}


def select_values(values: Any, table: Any, *, is_postgresql: bool) -> Any:
    """Return the rows of a column of several values of each row of a kind's table, as a list in JSON."""
    cells = [type_coerce(one, Text) for one in values.columns if one.name != "id"]
    of_row, together = (
        (func.json_build_array, func.json_agg) if is_postgresql else (func.json_array, func.json_group_array)
    )
    rows = select(together(of_row(*cells))).where(values.c.id == table.c.id).correlate(table)
    return rows.scalar_subquery().label(next(one.name for one in values.primary_key.columns if one.name != "id"))


def tell_values(found: Any, beside: Sequence[str], instants: set[str]) -> frozenset[tuple[object, ...]]:
    """Return what the rows of a column of several values tell: the text of each, and what stands beside it."""
    rows = json.loads(found) if isinstance(found, str) else found or ()
    return frozenset(
        (text, *(try_instant(one) if name in instants else one for name, one in zip(beside, told, strict=True)))
        for text, *told in rows
    )


def try_instant(value: object) -> object:
    """Return the instant that a column tells, or what else it tells."""
    try:
        return read_told_instant(value)
    except ValueError:
        return value


def read_told_instant(value: object) -> datetime | None:
    """Return the instant that a column tells.

    Raises:
        ValueError: It tells none.
    """
    if value is None:
        return None
    return to_utc(value if isinstance(value, datetime) else datetime.fromisoformat(str(value)))
