"""Repositories over the tables in memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from mktcore.adapters.memory.lasting_marks import LastingMarks
from mktcore.adapters.memory.transaction import MemorySession
from mktcore.adapters.memory.versioned_tables import View
from mktcore.persistence import Kind, NotFound, Page, Repository, StaleVersion, UniqueViolation
from mktcore.persistence.check_marked import check_marked
from mktcore.persistence.kinds import Aggregate, Column, Wanted, holds
from mktcore.persistence.queries import Query, build_query
from mktcore.persistence.references_to_ended import Ended

__all__ = ["MemoryRepository"]

T = TypeVar("T", bound=Aggregate)


class MemoryRepository(Repository[T]):
    """Whole aggregates of one kind, as one unit sees them."""

    def __init__(self, session: MemorySession, kind: Kind[T], *, followers: Sequence[Kind[Any]]) -> None:
        """Work inside a unit's session; the marks of `followers` end with records of this kind."""
        self._session = session
        self.kind = kind
        self._view: View = session.view(kind.name)
        self._reads = kind.filter_reads(session.scope)
        self._writes = kind.filter_writes(session.scope)
        self._show = kind.find_view(session.scope)
        self._lasting = LastingMarks(session, kind, followers)

    def find(self, id: str) -> T | None:  # noqa: A002 - the word of the field
        """Return the record, or None."""
        with self._session.reading():
            return self._shown(self._find(id))

    def find_many(self, ids: Iterable[str]) -> dict[str, T]:
        """Return the records that exist, by id."""
        with self._session.reading():
            found = {id: self._shown(self._find(id)) for id in sorted(set(ids))}  # noqa: A001 - as above
            return {id: value for id, value in found.items() if value is not None}  # noqa: A001 - as above

    def find_where(self, column: str, values: Iterable[Column]) -> tuple[T, ...]:
        """Return every record whose column has one of the values, in the order of ids."""
        wanted = {self.kind.check_column(column, value) for value in values}
        with self._session.reading():
            found = {key: value for one in wanted for key, value in self._scan({column: one})}
        return self._show_all([found[key] for key in sorted(found)])

    def find_lasting(self, column: str, values: Iterable[Column], unless_over: Ended) -> tuple[T, ...]:
        """Return the records whose column has one of the values, but those that name another one which has ended."""
        others = self._session.view(unless_over.kind.name)
        wanted = {self.kind.check_column(column, value) for value in values}
        texts = {value for value in wanted if isinstance(value, str)}
        if len(texts) == len(wanted) and unless_over.is_marked(self.kind, column):
            return self._find_marked(texts, unless_over.at)
        name, ends, at = unless_over.named_in, unless_over.ends, unless_over.at
        with self._session.reading():
            found = {key: value for one in wanted for key, value in self._scan({column: one})}
            over = {
                key
                for key in found
                if isinstance(end := others.find_column(self._view.find_column(key, name), ends), datetime)
                and end <= at
            }
        return self._show_all([found[key] for key in sorted(found.keys() - over)])

    def find_marked(self, marks: Iterable[str], at: datetime) -> tuple[T, ...]:
        """Return every record that has one of the marks at an instant, once, in the order of ids."""
        check_marked(self.kind)
        return self._find_marked(set(marks), at)

    def _find_marked(self, marks: set[str], at: datetime) -> tuple[T, ...]:
        with self._session.reading():
            found: dict[str, T] = self._view.find_marked(marks, at)
        return self._show_all([value for value in found.values() if self.kind.matches(value, self._reads)])

    def page(
        self,
        where: Mapping[str, Wanted] | None = None,
        *,
        order: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[T]:
        """Return up to `limit` records that match every condition, the first ones after a cursor."""
        query = build_query(self.kind, where, order=order, after=after, limit=limit)
        with self._session.reading():
            found = [value for _, value in islice(self._walk(query), query.limit + 1)]
        page = query.to_page(found)
        # After the cursor was made: it goes by what is stored, whatever is shown of it.
        return page if self._show is None else Page(self._show_all(page.items), page.next)

    def count(self, where: Mapping[str, Wanted] | None = None) -> int:
        """Return how many records match."""
        query = build_query(self.kind, where)
        with self._session.reading():
            return sum(1 for _ in self._walk(query))

    def add(self, value: T) -> T:
        """Store a new record and return it with version 1."""
        with self._session.writing():
            stored = self._add(value)
            self._lasting.follow([value.id])
            return stored

    def _add(self, value: T) -> T:
        stored = self.kind.to_new(value)
        self._check_authority(value)
        if self._view.find_latest(value.id) is not None:
            raise UniqueViolation(self.kind.name, ("id",), (value.id,))
        return self._store(stored)

    def add_many(self, values: Sequence[T]) -> None:
        """Store new records: all, or none of them."""
        with self._session.writing():
            with self._view.undo_on_error():
                for value in values:
                    self._add(value)
            self._lasting.follow([value.id for value in values])

    def save(self, value: T) -> T:
        """Store a changed record and return it with the next version."""
        with self._session.writing():
            stored = self._save(value)
            self._lasting.follow([value.id])
            return stored

    def _save(self, value: T) -> T:
        self._check_authority(value)
        self._check_version(value)
        self.kind.check_fixed(self._view.find_latest(value.id), value)
        return self._store(self.kind.to_changed(value))

    def save_many(self, values: Sequence[T]) -> None:
        """Store changed records: all, or none of them."""
        with self._session.writing():
            with self._view.undo_on_error():
                for value in values:
                    self._save(value)
            self._lasting.follow([value.id for value in values])

    def remove(self, value: T) -> None:
        """Remove a record, guarded by its version."""
        with self._session.writing():
            self._check_version(value)
            self._view.change(value.id, None)
            self._lasting.follow([value.id])

    def _find(self, key: str) -> T | None:
        found: T | None = self._view.find(key)
        return found if self.kind.matches(found, self._reads) else None

    def _shown(self, value: T | None) -> T | None:
        return value if value is None or self._show is None else self._show(value)

    def _show_all(self, values: Iterable[T]) -> tuple[T, ...]:
        return tuple(values) if self._show is None else tuple([self._show(value) for value in values])

    def _walk(self, query: Query) -> Iterator[tuple[str, T]]:
        if query.order.column is None:
            return self._scan(query.equal, "" if query.after is None else query.after.id)
        if self._reads is None:
            return iter(())
        # Both hold: the scope's conditions, and what is asked, also of one column.
        where = {**self._reads, **query.equal, **query.ranges}
        found = self._view.walk(query, where)
        return (row for row in found if self.kind.matches(row[1], self._reads))

    def _scan(self, where: Mapping[str, Column], after: str = "") -> Iterator[tuple[str, T]]:
        owned = self._reads
        if owned is None or any(name in where and not holds(where[name], wanted) for name, wanted in owned.items()):
            return iter(())
        single = {name: wanted for name, wanted in owned.items() if not isinstance(wanted, frozenset)}
        found = self._view.scan({**where, **single}, after)
        return found if len(single) == len(owned) else (row for row in found if self.kind.matches(row[1], owned))

    def _check_version(self, value: T) -> None:
        stored: T | None = self._view.find_latest(value.id)
        if stored is None or not self.kind.matches(stored, self._writes):
            raise NotFound(self.kind.name, value.id)
        # By type too: 1.0 and True equal 1, and are no versions.
        if type(value.version) is not int or stored.version != value.version:
            raise StaleVersion(self.kind.name, value.id, value.version)

    def _check_authority(self, value: T) -> None:
        if not self.kind.matches(value, self._writes):
            raise NotFound(self.kind.name, value.id)

    def _store(self, value: T) -> T:
        row = self._lasting.bind(self._view.read(value))
        columns = row[1]
        for names in self.kind.unique:
            wanted = {name: columns[name] for name in names}
            if None in wanted.values():
                continue
            if any(key != value.id for key, _ in self._view.scan(wanted, latest=True)):
                raise UniqueViolation(self.kind.name, names, tuple(wanted.values()))
        self._view.change_row(value.id, row)
        return value
