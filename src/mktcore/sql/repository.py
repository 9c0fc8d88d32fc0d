"""Repositories over one table per kind."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import exc, select

from mktcore.persistence import Kind, NotFound, Page, Repository, StaleVersion, UniqueViolation
from mktcore.persistence.check_marked import check_marked
from mktcore.persistence.declared_columns import is_storable
from mktcore.persistence.errors import ColumnFixed
from mktcore.persistence.kinds import Aggregate, Column, Condition, Wanted
from mktcore.persistence.queries import Query, build_query
from mktcore.persistence.references_to_ended import Ended
from mktcore.sql.column_comparisons import Conditions, to_stored
from mktcore.sql.driver_statements import Call
from mktcore.sql.kind_statements import KindStatements
from mktcore.sql.known_documents import KnownDocuments
from mktcore.sql.lookup_statements import LookupStatements, Sought
from mktcore.sql.mark_writer import MarkWriter
from mktcore.sql.session import SqlSession
from mktcore.sql.sought_records import SoughtRecords
from mktcore.sql.value_rows import ValueRows

__all__ = ["SqlRepository"]

T = TypeVar("T", bound=Aggregate)
# Far below what a statement may have of parameters: 32,766 on SQLite, 65,535 on PostgreSQL.
_BATCH = 1000
_MAX_VERSION = 2**31 - 1


class SqlRepository(Repository[T]):
    """Whole aggregates of one kind, as one unit sees them."""

    def __init__(
        self,
        session: SqlSession,
        statements: KindStatements,
        documents: KnownDocuments,
        *,
        lookups: LookupStatements | None = None,
    ) -> None:
        """Work inside a unit's session.

        Args:
            session: The unit's.
            statements: Of the kind.
            documents: Reads and writes documents.
            lookups: Of the store, where records of several kinds are looked at together.
        """
        self._sought = SoughtRecords[T](session, statements, documents, lookups=lookups)
        self._session = session
        self._statements = statements
        self.kind: Kind[T] = statements.kind
        self._documents = documents
        self._reads = self.kind.filter_reads(session.scope)
        self._writes = self.kind.filter_writes(session.scope)
        self._show = self.kind.find_view(session.scope)
        self._rows = ValueRows(session, statements)
        self.marks: MarkWriter[T] = MarkWriter(session, self.kind, lookups)

    def find(self, id: str) -> T | None:  # noqa: A002 - the word of the field
        """Return the record, or None."""
        if self._reads is None or not is_storable(id):
            return None
        conditions = Conditions.of(self.kind, self._reads)
        if self._session.noted is not None:
            return self.find_many([id]).get(id)
        found = self._read(self._statements.find(conditions), {"id": id, **conditions.values})
        return self._show_all(found)[0] if found else None

    def find_many(self, ids: Iterable[str]) -> dict[str, T]:
        """Return the records that exist, by id."""
        found = self._find_among("id", {one for one in ids if is_storable(one)})
        return {value.id: value for value in self._show_all(found)}

    def find_where(self, column: str, values: Iterable[Column]) -> tuple[T, ...]:
        """Return every record whose column has one of the values, in the order of ids."""
        wanted = {to_stored(self.kind, column, self.kind.check_column(column, value)) for value in values}
        return self._show_all(sorted(self._find_among(column, wanted), key=lambda value: value.id))

    def find_lasting(self, column: str, values: Iterable[Column], unless_over: Ended) -> tuple[T, ...]:
        """Return the records whose column has one of the values, but those that name another one which has ended.

        Only where no scope bounds what is read, as under authority; otherwise all.
        """
        asked = list(values)
        wanted = {to_stored(self.kind, column, self.kind.check_column(column, value)) for value in asked}
        bounds = self._reads or not wanted
        found = None if bounds or self._reads is None else self._sought.find_lasting(column, wanted, unless_over)
        if found is None:
            return self.find_where(column, asked)
        return self._show_all(sorted(found, key=lambda value: value.id))

    def find_marked(self, marks: Iterable[str], at: datetime) -> tuple[T, ...]:
        """Return every record that has one of the marks at an instant, once, in the order of ids."""
        check_marked(self.kind)
        wanted = frozenset(one for one in marks if is_storable(one))
        if self._reads is None or not wanted:
            return ()
        found = self._sought.find_marked(wanted, at, self._reads)
        return self._show_all(sorted(found, key=lambda value: value.id))

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
        if self._reads is None:
            return Page((), None)
        found: list[T] = []
        for statement, values in self._select_page(query, self._reads, self._find_walked(query)):
            # One more than asked for tells whether another page follows.
            if len(found) <= query.limit:
                found += self._read(statement, {**values, "limit": query.limit + 1 - len(found)}, passing=True)
        page = query.to_page(found)
        # After the cursor was made: it goes by what is stored, whatever is shown of it.
        return page if self._show is None else Page(self._show_all(page.items), page.next)

    def has(self, where: Mapping[str, Column]) -> bool:
        """Tell whether some record matches every condition."""
        query = build_query(self.kind, where)
        if self._reads is None:
            return False
        conditions = Conditions.of(self.kind, self._reads, query.equal, query.ranges)
        noted = self._session.noted
        held = None if noted is None else noted.find_existence(self.kind, conditions)
        if held is not None:
            return held
        statement = self._statements.has(conditions, along=self._find_walked(query, any_order=True))
        found = bool(self._session.fetch(statement, conditions.values))
        if noted is not None:
            noted.note(Sought.existence(self.kind, conditions), [("", "")] if found else [])
        return found

    def count(self, where: Mapping[str, Wanted] | None = None) -> int:
        """Return how many records match."""
        query = build_query(self.kind, where)
        if self._reads is None:
            return 0
        conditions = Conditions.of(self.kind, self._reads, query.equal, query.ranges)
        statement = self._statements.count(conditions, along=self._find_walked(query, any_order=True))
        return int(self._session.fetch(statement, conditions.values)[0][0])

    def add(self, value: T) -> T:
        """Store a new record and return it with version 1."""
        row, stored = self._to_new_row(value)
        if self._session.change(self._statements.insert, row) != 1:
            raise self._explain_conflict(value)
        self._rows.add([stored])
        self.marks.add([stored])
        return stored

    def add_many(self, values: Sequence[T]) -> None:
        """Store new records: all, or none of them."""
        if len(values) == 1:  # all there is: nothing of it can stay behind
            self.add(values[0])
            return
        ordered = sorted(values, key=lambda value: value.id)  # locks are taken in the order of ids
        with self._session.undo_on_error():
            for batch in _batched(ordered):
                rows = [self._to_new_row(value) for value in batch]
                if self._session.change(self._statements.insert, [row for row, _ in rows]) != len(rows):
                    raise self._explain_conflict(*batch)
                self._rows.add([stored for _, stored in rows])
                self.marks.add([stored for _, stored in rows])

    def list_additions(self, values: Sequence[T]) -> list[Call]:
        """Return what adds new records, unless they are there: the count of the first call tells."""
        rows = [self._to_new_row(value) for value in sorted(values, key=lambda value: value.id)]
        return [
            Call(self._statements.insert, [row for row, _ in rows]),
            *self._rows.list_additions([stored for _, stored in rows]),
        ]

    def explain_conflict(self, values: Sequence[T]) -> Exception:
        """Return the error of the first of some records that were not all added."""
        return self._explain_conflict(*sorted(values, key=lambda value: value.id))

    def save(self, value: T) -> T:
        """Store a changed record and return it with the next version."""
        row, stored = self._to_changed_row(value)
        self._update([value], row, 1)
        self._rows.follow([stored])
        self.marks.replace([stored])
        return stored

    def save_many(self, values: Sequence[T]) -> None:
        """Store changed records: all, or none of them."""
        if len(values) == 1:  # as above
            self.save(values[0])
            return
        ordered = sorted(values, key=lambda value: value.id)
        with self._session.undo_on_error():
            for batch in _batched(ordered):
                rows = [self._to_changed_row(value) for value in batch]
                self._update(batch, [row for row, _ in rows], len(batch))
                self._rows.follow([stored for _, stored in rows])
                self.marks.replace([stored for _, stored in rows])

    def remove(self, value: T) -> None:
        """Remove a record, guarded by its version."""
        conditions = self._check_authority(value)
        self._check_version(value)
        guard = {"old_id": value.id, "old_version": value.version, **conditions.values}
        if self._session.change(self._statements.delete(conditions), guard) != 1:
            raise self._explain_absence([value])
        self._rows.remove([value.id])
        self.marks.forget([value])
        self.marks.follow([value], are_gone=True)

    def rewrite_page(self, after: str | None) -> tuple[int, str | None]:
        """Write a page of records as they are, in the present version of their type; see `SqlStore.rewrite`.

        A record that somebody saves meanwhile is left alone: saving did the same.
        """
        page = self.page(after=after, limit=_BATCH)
        rows = [
            {"old_id": value.id, "old_version": value.version, **self._to_row(value, "new_")} for value in page.items
        ]
        for row in rows:
            del row["new_id"]
        if rows:
            self._session.write(self._statements.update(Conditions.of(self.kind), keeps_fixed=False), rows)
            self._rows.renew(page.items)
            if self.kind.marks is not None:
                self.marks.renew(page.items, self.find_many)
        return len(rows), page.next

    def _check_authority(self, value: T) -> Conditions:
        """Return what a row must match to be changed by this scope."""
        if self._writes is None:
            raise NotFound(self.kind.name, value.id)
        return Conditions.of(self.kind, self._writes)

    def _find_walked(self, query: Query, *, any_order: bool = False) -> str | None:
        """Return the column of several values whose table has all that a query asks, and in its order; or None."""
        asked = {*query.equal, *query.ranges, *(self._reads or ())}
        for name in self.kind.several.keys() & asked:
            is_in_order = any_order or query.order.column == self.kind.several[name].order
            if is_in_order and asked <= {name, *self.kind.list_beside(name)}:
                return name
        return None

    def _select_page(
        self, query: Query, reads: Mapping[str, Condition], along: str | None
    ) -> Iterator[tuple[Any, dict[str, Any]]]:
        """Yield the statements that find a page, one after the other until it is full: each walks along one index."""
        order, last = query.order, query.after
        if order.column is None:
            conditions = Conditions.of(self.kind, reads, query.equal)
            start = {} if last is None else {"after": last.id}
            yield self._statements.page(conditions, is_first=last is None, along=along), {**conditions.values, **start}
            return
        ranges = {name: bounds for name, bounds in query.ranges.items() if name != order.column}
        if query.may_hold_value():
            conditions = Conditions.of(self.kind, reads, query.equal, ranges, {order.column: query.find_bounds()})
            after: dict[str, Column] = {} if last is None else {"after": last.id, "after_value": last.value}
            statement = self._statements.page_by(conditions, order, is_first=last is None, along=along)
            yield statement, {**conditions.values, **after}
        if query.may_lack_value():
            conditions = Conditions.of(self.kind, reads, query.equal, ranges)
            is_first = last is None or last.value is not None
            after = {} if last is None or is_first else {"after": last.id}
            statement = self._statements.page_lacking(conditions, order, is_first=is_first, along=along)
            yield statement, {**conditions.values, **after}

    def _read(self, statement: Any, parameters: Mapping[str, Any], *, passing: bool = False) -> list[T]:
        if self._session.noted is not None:
            self._session.noted.lose_track()
        read = self._documents.read_passing if passing else self._documents.read_fields
        found = [read(name, document) for name, document in self._session.fetch(statement, parameters)]
        self._rows.note(found)
        return found

    def _show_all(self, values: Iterable[T]) -> tuple[T, ...]:
        return tuple(values) if self._show is None else tuple([self._show(value) for value in values])

    def _find_among(self, column: str, wanted: AbstractSet[Column]) -> list[T]:
        """Return the records whose column has one of these values, as it stores them; None among them is no value."""
        if self._reads is None or not wanted:
            return []
        noted = self._session.noted
        held, missing = ((), wanted) if noted is None else noted.find(self.kind, column, wanted)
        if not missing:
            return list(held)
        rows = self._select_among(column, missing, self._reads)
        if noted is not None and column not in self.kind.ordered:
            noted.note(Sought.among(self.kind, column, missing), rows)
        found = [self._documents.read_fields(name, document) for name, document in rows]
        self._rows.note(found)
        return [*held, *found]

    def _select_among(
        self, column: str, wanted: AbstractSet[Column], reads: Mapping[str, Condition]
    ) -> list[tuple[str, str]]:
        conditions, rows = Conditions.of(self.kind, reads), list[tuple[str, str]]()
        some: list[Any] = [value for value in wanted if value is not None]
        or_none = len(some) < len(wanted)
        for batch in _batched(sorted(some)) if some else ([],):
            statement = self._statements.find_among(column, conditions, or_none=or_none)
            found = self._session.fetch(statement, conditions.values | {"values": batch})
            rows += [(name, document) for name, document in found]
            or_none = False
        return rows

    def _to_new_row(self, value: T) -> tuple[dict[str, object], T]:
        stored = self.kind.to_new(value)
        return self._to_row(stored, ""), stored

    def _to_changed_row(self, value: T) -> tuple[dict[str, object], T]:
        conditions = self._check_authority(value)
        self._check_version(value)
        stored = self.kind.to_changed(value)
        row = self._to_row(stored, "new_")
        del row["new_id"]
        return {"old_id": value.id, "old_version": value.version, **row, **conditions.values}, stored

    def _to_row(self, stored: T, prefix: str) -> dict[str, object]:
        columns = self.kind.read_columns(stored)
        owned = self._writes
        # The row in the database is guarded by the statement; this is what it becomes: nobody gives a record away.
        if not self.kind.matches(stored, owned):
            raise NotFound(self.kind.name, stored.id)
        tag, document = self._documents.write_fields(stored)
        row: dict[str, object] = {f"{prefix}{name}": to_stored(self.kind, name, one) for name, one in columns.items()}
        return row | {
            f"{prefix}id": stored.id,
            f"{prefix}version": stored.version,
            f"{prefix}type": tag,
            f"{prefix}document": document,
        }

    def _check_version(self, value: T) -> None:
        # What the column cannot hold is no version that a record ever had.
        if type(value.version) is not int or not 0 <= value.version < _MAX_VERSION:
            raise self._explain_absence([value])

    def _update(self, values: Sequence[T], rows: Any, count: int) -> None:
        statement = self._statements.update(Conditions.of(self.kind, self._writes or {}))
        # Only unique columns can break on an update: other kinds are spared the savepoint.
        if not self.kind.unique:
            changed = self._session.change(statement, rows)
        else:
            try:
                with self._session.undo_on_error():
                    changed = self._session.change(statement, rows)
            except exc.IntegrityError:
                raise self._explain_conflict(*values, saving=True) from None
        if changed != count:
            raise self._explain_absence(values, saving=True)

    def _explain_absence(self, values: Sequence[T], *, saving: bool = False) -> NotFound | StaleVersion | ColumnFixed:
        """Return the error of the first record that is not there, or not at the version that was read."""
        conditions = Conditions.of(self.kind, self._writes or {})
        statement, columns = self._statements.find_version(conditions), self._statements.table.c
        for value in values:
            version = self._session.read(statement, {"id": value.id, **conditions.values}).scalar_one_or_none()
            if version is None:
                return NotFound(self.kind.name, value.id)
            if version != value.version:
                return StaleVersion(self.kind.name, value.id, value.version)
            for name in self.kind.fixed if saving else ():
                kept = self._session.read(select(columns[name]).where(columns.id == value.id)).scalar_one_or_none()
                if kept != to_stored(self.kind, name, self.kind.read_column(name, value)):
                    return ColumnFixed(self.kind.name, value.id, name)
        return StaleVersion(self.kind.name, values[0].id, values[0].version)

    def _explain_conflict(self, *values: T, saving: bool = False) -> Exception:
        """Return the error of the first record whose id, or unique columns, another record has."""
        table = self._statements.table
        seen: set[tuple[tuple[str, ...], tuple[object, ...]]] = set()
        for value in values:
            found: dict[str, Column] = {"id": value.id, **self.kind.read_columns(value)}
            for names in self.kind.unique if saving else (("id",), *self.kind.unique):
                wanted = tuple(found[name] for name in names)
                if None in wanted:
                    continue
                matches = [table.c[name] == to_stored(self.kind, name, found[name]) for name in names]
                others = [table.c.id != value.id] if names != ("id",) else []
                taken = self._session.read(select(table.c.id).where(*matches, *others)).first() is not None
                if taken or (names, wanted) in seen:
                    return UniqueViolation(self.kind.name, names, wanted)
                seen.add((names, wanted))
        return self._session.lose("the record that was in the way has gone")


def _batched(values: Sequence[Any]) -> Iterator[list[Any]]:
    rest = iter(values)
    while batch := list(islice(rest, _BATCH)):
        yield batch
