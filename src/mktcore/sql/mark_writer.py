"""Writing what records are found under, with the records and in their transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from mktcore.persistence import Kind
from mktcore.persistence.dated_mark import FOREVER
from mktcore.persistence.kinds import Aggregate
from mktcore.sql.lookup_statements import LookupStatements
from mktcore.sql.record_marks import build_forget_marks, build_insert_marks, list_mark_rows
from mktcore.sql.session import SqlSession

__all__ = ["MarkWriter"]

T = TypeVar("T", bound=Aggregate)


class MarkWriter(Generic[T]):
    """Writes the marks of records of one kind, where it declares some, and ends those that its records end.

    Two who change one record never meet here: its row was written first, under its guard, and is locked until the end.
    """

    def __init__(self, session: SqlSession, kind: Kind[T], lookups: LookupStatements | None) -> None:
        """Work inside a unit's session; without `lookups` no record ends what is said of another one."""
        self._session = session
        self._kind: Kind[Any] = kind
        self._kinds = {} if lookups is None else lookups.kinds
        self._followers = () if lookups is None else lookups.followers.get(kind.name, ())

    def add(self, values: Sequence[T]) -> None:
        """Write the marks of new records, and end those of what names them."""
        self._add(values, self._find_ends(values))
        # Nothing was cut short by a record that was not there.
        self.follow([value for value in values if self._ends_something(value)])

    def replace(self, values: Sequence[T]) -> None:
        """Write the marks of changed records instead of those they had, and end those of what names them."""
        # What they name is locked before their marks are touched, as whoever changes that locks it before them.
        ends = self._find_ends(values)
        self.forget(values)
        self._add(values, ends)
        self.follow(values)

    def forget(self, values: Sequence[T]) -> None:
        """Remove the marks of records."""
        if self._kind.marks is not None and values:
            named = [{"marked_kind": self._kind.name, "marked": value.id} for value in values]
            self._session.change(self._session.tables.prepare(build_forget_marks), named)

    def renew(self, written: Sequence[T], find_many: Callable[[Iterable[str]], Mapping[str, T]]) -> None:
        """Write the marks of records anew that this unit wrote as they are, where nobody was before it.

        What was written is this unit's until the commit; what somebody saved meanwhile has one version more.
        """
        versions = {value.id: value.version for value in written}
        self.replace([value for value in find_many(versions).values() if value.version == versions[value.id]])

    def follow(self, values: Sequence[T], *, are_gone: bool = False) -> None:
        """End the marks of records that name these, as their kind declares it, when these end."""
        for column, follower in self._followers:
            ends = [None if are_gone else self._kind.read_column(column, value) for value in values]
            rows = [{"followed": one.id, "new_ends": end or FOREVER} for one, end in zip(values, ends, strict=True)]
            if rows:
                self._session.change(follower.end_marks(), rows)

    def _add(self, values: Sequence[T], ends: Mapping[str, datetime]) -> None:
        rows = list_mark_rows(self._kind, values, ends) if self._kind.marks is not None else []
        if rows:
            self._session.change(self._session.tables.prepare(build_insert_marks), rows)

    def _find_ends(self, values: Sequence[T]) -> dict[str, datetime]:
        """Return when the records end that these name, by id, and keep them so until this unit ends."""
        lasting = self._kind.lasting
        other = None if lasting is None else self._kinds.get(lasting.kind)
        if lasting is None or other is None or not values:
            return {}
        named = sorted({str(self._kind.read_column(lasting.named_in, value)) for value in values})
        found = self._session.write(other.find_ends(lasting.ends), {"ids": named})
        return {row.id: row.ends for row in found if row.ends is not None}

    def _ends_something(self, value: T) -> bool:
        return any(self._kind.read_column(column, value) is not None for column, _ in self._followers)
