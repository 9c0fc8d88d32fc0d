"""The statements that write the rows of a column of several values, built once for each."""

from collections.abc import Iterator, Sequence
from typing import Any

import attrs
from sqlalchemy import Table, delete, or_
from sqlalchemy.dialects import postgresql, sqlite

from mktcore.persistence import Kind
from mktcore.sql.column_comparisons import is_among, to_stored
from mktcore.sql.driver_statements import Call
from mktcore.sql.given_rows import give_rows, to_given

__all__ = ["ValueStatements"]


@attrs.frozen(eq=False)
class ValueStatements:
    """How the texts of records are kept in one table.

    Attributes:
        kind: Of the records.
        column: The column of several values.
        table: A row for each text of a record.
        is_postgresql: For which database.
    """

    kind: Kind[Any]
    column: str
    table: Table
    is_postgresql: bool
    _beside: tuple[str, ...] = attrs.field(init=False)
    _put: Any = attrs.field(init=False)
    _remove: Any = attrs.field(init=False)

    @_beside.default
    def _list_beside(self) -> tuple[str, ...]:
        return self.kind.list_beside(self.column)

    @_put.default
    def _build_put(self) -> Any:
        if not self.is_postgresql:
            return self._on_conflict(sqlite.insert(self.table))
        names = [one.name for one in self.table.columns]
        given = give_rows("rows", self.table.columns).select()
        return self._on_conflict(postgresql.insert(self.table).from_select(names, given))

    def _on_conflict(self, insert: Any) -> Any:
        # A row that a lost record left behind would stand in the way for ever: it becomes what it should be.
        keys = ["id", self.column]
        if not self._beside:
            return insert.on_conflict_do_nothing(index_elements=keys)
        differs = or_(*(self.table.c[name].is_distinct_from(insert.excluded[name]) for name in self._beside))
        changed = {name: insert.excluded[name] for name in self._beside}
        return insert.on_conflict_do_update(index_elements=keys, set_=changed, where=differs)

    @_remove.default
    def _build_remove(self) -> Any:
        return delete(self.table).where(is_among(self.table.c.id, "ids", is_postgresql=self.is_postgresql))

    def list_rows(self, value: Any) -> Iterator[dict[str, Any]]:
        """Yield the rows that a record has."""
        texts: Any = self.kind.read_held(self.column, value)
        if not texts:
            return  # as most offers are no kits, and millions are loaded
        beside = {name: to_stored(self.kind, name, self.kind.read_column(name, value)) for name in self._beside}
        for text in sorted(texts):
            yield {"id": value.id, self.column: text, **beside}

    def put(self, values: Sequence[Any]) -> list[Call]:
        """Return what adds the rows of records; nothing where they have none."""
        rows = [row for value in values for row in self.list_rows(value)]
        if not rows:
            return []
        return [Call(self._put, {"rows": to_given(rows)} if self.is_postgresql else rows)]

    def remove(self, ids: Sequence[str]) -> Call:
        """Return what removes the rows of records."""
        return Call(self._remove, {"ids": list(ids)})
