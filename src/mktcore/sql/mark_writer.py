"""Writing what records are found under, with the records and in their transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from mktcore.persistence import Kind
from mktcore.persistence.kinds import Aggregate
from mktcore.sql.record_marks import build_forget_marks, build_insert_marks, list_mark_rows
from mktcore.sql.session import SqlSession

__all__ = ["MarkWriter"]

T = TypeVar("T", bound=Aggregate)


class MarkWriter(Generic[T]):
    """Writes the marks of records of one kind, and nothing where the kind declares none.

    Two who change one record never meet here: its row was written first, under its guard, and is locked until the end.
    """

    def __init__(self, session: SqlSession, kind: Kind[T]) -> None:
        """Work inside a unit's session."""
        self._session = session
        self._kind: Kind[Any] = kind

    def add(self, values: Sequence[T]) -> None:
        """Write the marks of new records."""
        rows = list_mark_rows(self._kind, values) if self._kind.marks is not None else []
        if rows:
            self._session.write(self._session.tables.prepare(build_insert_marks), rows)

    def replace(self, values: Sequence[T]) -> None:
        """Write the marks of changed records instead of those they had."""
        self.forget(values)
        self.add(values)

    def forget(self, values: Sequence[T]) -> None:
        """Remove the marks of records."""
        if self._kind.marks is not None and values:
            named = [{"marked_kind": self._kind.name, "marked": value.id} for value in values]
            self._session.write(self._session.tables.prepare(build_forget_marks), named)

    def renew(self, written: Sequence[T], find_many: Callable[[Iterable[str]], Mapping[str, T]]) -> None:
        """Write the marks of records anew that this unit wrote as they are, where nobody was before it.

        What was written is this unit's until the commit; what somebody saved meanwhile has one version more.
        """
        versions = {value.id: value.version for value in written}
        self.replace([value for value in find_many(versions).values() if value.version == versions[value.id]])
