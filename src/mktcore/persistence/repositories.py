"""The port of repositories: whole aggregates, by kind, each with a version."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

import attrs

from mktcore.persistence.check_marked import check_marked
from mktcore.persistence.errors import NotFound
from mktcore.persistence.kinds import Aggregate, Column, Kind, Wanted
from mktcore.persistence.references_to_ended import Ended

__all__ = ["Page", "Repositories", "Repository", "put"]

T = TypeVar("T", bound=Aggregate)


@attrs.frozen
class Page(Generic[T]):
    """A page of records in order, and the cursor of the next one (None after the last)."""

    items: tuple[T, ...]
    next: str | None


class Repository(Protocol[T]):
    """Keeps whole aggregates of one kind, each with a version. Reads see this unit's own writes.

    What has a body here is derived from the rest; an adapter that subclasses this overrides it where it can do better.
    Every read is filtered by the scope the unit was begun with: another party's record is absent here, and saving or
    removing it raises `NotFound`.

    Attributes:
        kind: What it keeps.
    """

    kind: Kind[T]

    def find(self, id: str) -> T | None:  # noqa: A002 - the word of the field
        """Return the record, or None."""
        ...

    def get(self, id: str) -> T:  # noqa: A002
        """Return the record.

        Raises:
            NotFound: There is none that this scope can see.
        """
        found = self.find(id)
        if found is None:
            raise NotFound(self.kind.name, id)
        return found

    def find_many(self, ids: Iterable[str]) -> dict[str, T]:
        """Return the records that exist, by id, in one round trip."""
        return {id: found for id in ids if (found := self.find(id)) is not None}  # noqa: A001 - as above

    def find_where(self, column: str, values: Iterable[Column]) -> tuple[T, ...]:
        """Return every record whose column has one of the values, in the order of ids, in one round trip.

        A None matches the records without a value, here and in every query.

        Raises:
            InvalidColumn: The kind declares no such column, or a value fits none.
        """
        ...

    def find_lasting(self, column: str, values: Iterable[Column], unless_over: Ended) -> tuple[T, ...]:
        """Return the records whose column has one of the values, but those that name another one which has ended.

        A store that cannot tell returns those, too: whoever asks has to be right without it. As `find_where` otherwise.
        """
        del unless_over
        return self.find_where(column, values)

    def find_marked(self, marks: Iterable[str], at: datetime) -> tuple[T, ...]:
        """Return every record that has one of the marks at an instant, once, in the order of ids, in one round trip.

        Stores that override it keep an index by mark and by the end of its period: records that have none of the marks,
        or not any more, cost nothing.

        Args:
            marks: Texts; see `Kind.marks`.
            at: The instant, aware.

        Raises:
            InvalidColumn: The kind declares no marks.
        """
        check_marked(self.kind)
        wanted = set(marks)
        # Right for any store that implements `page`.
        return tuple(
            value
            for value in self.stream()
            if any(mark.text in wanted and mark.valid.contains(at) for mark in self.kind.read_marks(value))
        )

    def page(
        self,
        where: Mapping[str, Wanted] | None = None,
        *,
        order: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[T]:
        """Return up to `limit` records that match every condition, the first ones after a cursor.

        Costs the same at the begin and the end, whatever the size of the table, where it asks for one column's value or
        none in the order of ids; and where it asks for a range, or nothing, of the column that it goes by and for the
        value of one of its partners (`Ordered.within`) at most. Everything else costs what has to be passed over.

        Args:
            where: A value or a range by column: `{"buyer": "b1", "placed_at": AtLeast(start)}`.
            order: An ordered column, smallest first, or with `-` in front largest first; equal ones by their ids in the
                same direction, and those without a value last. By default the ids or, where a range is asked for, its
                column.
            after: The `next` of the page before, which was asked for in the same order. In the order of ids any id will
                do.
            limit: Records at most, 1 to 1,000,000.

        Raises:
            InvalidColumn: The kind declares no such column, or a value or range does not fit it.
            InvalidOrder: It declares no such ordered column.
            InvalidCursor: `after` is of another kind or order, or no cursor at all.
            InvalidLimit: No page has that many records.
        """
        ...

    def stream(self, where: Mapping[str, Wanted] | None = None, *, order: str | None = None) -> Iterator[T]:
        """Yield every record that matches, in the order of `page`, in constant memory."""
        after: str | None = None
        while True:
            page = self.page(where, order=order, after=after, limit=500)
            yield from page.items
            after = page.next
            if after is None:
                return

    def has(self, where: Mapping[str, Column]) -> bool:
        """Tell whether some record has these values in its columns; none is read to learn it.

        Raises:
            InvalidColumn: The kind declares no such column, or a value does not fit it.
        """
        # Right for any store that implements `page`; those that need not read a document override it.
        return bool(self.page(where, limit=1).items)

    def count(self, where: Mapping[str, Wanted] | None = None) -> int:
        """Return how many records match."""
        # Right for any store that implements `page`; those with an index override it.
        return sum(1 for _ in self.stream(where))

    def add(self, value: T) -> T:
        """Store a new record (its version is 0) and return it as stored, with version 1.

        Raises:
            UniqueViolation: Its id or a unique column is taken.
        """
        ...

    def add_many(self, values: Sequence[T]) -> None:
        """Store new records in batches; all or, by the unit's rollback, none."""
        ...

    def save(self, value: T) -> T:
        """Store a changed record and return it as stored, its version one higher.

        Raises:
            StaleVersion: The stored version is no longer `value.version`.
            UniqueViolation: A unique column is taken.
            NotFound: There is no such record in this scope.
        """
        ...

    def save_many(self, values: Sequence[T]) -> None:
        """Store changed records in batches, each guarded by its version, like `save`."""
        ...

    def remove(self, value: T) -> None:
        """Remove a record, guarded by its version, like `save`."""
        ...


class Repositories(Protocol):
    """Access to the repositories, by kind."""

    def repository(self, kind: Kind[T]) -> Repository[T]:
        """Return the repository of a kind that the store was opened with."""
        ...

    def add_records(self, groups: Iterable[tuple[Kind[Any], Sequence[Any]]]) -> None:
        """Store new records of several kinds, in the order given, in one round trip where the store can.

        After an error the unit can only be left: some of the records may be written.

        Raises:
            UniqueViolation: An id or a unique column is taken.
        """
        for kind, values in groups:
            self.repository(kind).add_many(values)


def put(unit: Repositories, kind: Kind[T], value: T) -> T:
    """Add a record that was never stored, save one that was, and return it with its new version."""
    repository = unit.repository(kind)
    return repository.save(value) if value.version else repository.add(value)
