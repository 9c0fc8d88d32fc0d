"""The rows of a kind's columns of several values: they come, change and go with the records, in one transaction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from mktcore.persistence import Kind
from mktcore.sql.column_comparisons import is_among
from mktcore.sql.driver_statements import Call
from mktcore.sql.kind_statements import KindStatements
from mktcore.sql.session import SqlSession
from mktcore.sql.several_value_writes import ValueStatements

__all__ = ["ValueRows"]

_BATCH = 1000


class ValueRows:
    """The rows of one kind, as one unit writes them; nothing is done for a kind without such columns."""

    def __init__(self, session: SqlSession, statements: KindStatements) -> None:
        """Work inside a unit's session."""
        self._session = session
        self._kind: Kind[Any] = statements.kind
        self._statements = statements
        self._writes = tuple(statements.values.values())

    def note(self, values: Sequence[Any]) -> None:
        """Remember records as they are stored: one whose texts stay is saved without touching them."""
        if self._writes:
            self._session.seen.note(self._kind.name, values)

    def list_additions(self, stored: Sequence[Any]) -> list[Call]:
        """Return what adds the rows of new records."""
        return [call for writes in self._writes for call in writes.put(stored)]

    def add(self, stored: Sequence[Any]) -> None:
        """Add the rows of records that were added."""
        self._run(self.list_additions(stored))
        self.note(stored)

    def follow(self, stored: Sequence[Any]) -> None:
        """Write the rows of saved records again where they changed, or may have."""
        for writes in self._writes:
            changed = [one for one in stored if self._has_changed(writes, one)]
            self._replace(writes, changed)
        self.note(stored)

    def _has_changed(self, writes: ValueStatements, value: Any) -> bool:
        # The save was guarded by the version: what was read at that version is what the rows are of.
        before = self._session.seen.find(self._kind.name, value.id, value.version - 1)
        return before is None or [*writes.list_rows(before)] != [*writes.list_rows(value)]

    def renew(self, values: Sequence[Any]) -> None:
        """Write the rows of records again that this unit wrote as they were; who saved one meanwhile did the same."""
        if not self._writes or not values:
            return
        columns = self._statements.table.c
        among = is_among(columns.id, "ids", is_postgresql=self._session.is_postgresql)
        versions = self._session.read(
            select(columns.id, columns.version).where(among), {"ids": [one.id for one in values]}
        )
        found = {row.id: row.version for row in versions}
        for writes in self._writes:
            self._replace(writes, [one for one in values if found.get(one.id) == one.version])

    def remove(self, ids: Sequence[str]) -> None:
        """Remove the rows of records that were removed."""
        self._run([writes.remove(ids) for writes in self._writes])

    def _replace(self, writes: ValueStatements, values: Sequence[Any]) -> None:
        for begin in range(0, len(values), _BATCH):
            batch = values[begin : begin + _BATCH]
            self._run([writes.remove([one.id for one in batch]), *writes.put(batch)])

    def _run(self, calls: Sequence[Call]) -> None:
        if calls:
            self._session.write_together(calls)
