"""The statements of one kind, built once and compiled once, whatever the values."""

from collections.abc import Callable, Mapping
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
    collate,
    delete,
    func,
    literal_column,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql

from mktcore.persistence import Kind
from mktcore.persistence.queries import PageOrder
from mktcore.sql.column_comparisons import AMONG, AMONG_OR_NONE, Conditions, Shape, compare, insert_new, is_among
from mktcore.sql.several_value_writes import ValueStatements

__all__ = ["KindStatements"]


@attrs.frozen(eq=False)
class KindStatements:
    """Statements over the table of a kind.

    Attributes:
        kind: The kind.
        table: Its table.
        insert: Adds a row unless one is there.
        marks: The table of all records' marks.
        is_postgresql: For which database.
        values: How its columns of several values are kept.
    """

    kind: Kind[Any]
    table: Table
    insert: Executable
    marks: Table
    is_postgresql: bool = False
    values: Mapping[str, ValueStatements] = attrs.field(factory=dict, kw_only=True)
    _built: dict[tuple[str, str | None, Shape], Any] = attrs.field(factory=dict, init=False)

    @classmethod
    def of(
        cls,
        kind: Kind[Any],
        table: Table,
        *,
        marks: Table,
        is_postgresql: bool,
        values: Mapping[str, Table] | None = None,
    ) -> "KindStatements":
        """Prepare the statements of a kind."""
        insert = insert_new(table, is_postgresql=is_postgresql)
        given: Mapping[str, Table] = {} if values is None else values
        kept = {name: ValueStatements(kind, name, one, is_postgresql=is_postgresql) for name, one in given.items()}
        return cls(kind, table, insert=insert, marks=marks, is_postgresql=is_postgresql, values=kept)

    def find(self, conditions: Conditions) -> Any:
        """Select the document with the id `id`."""
        return self._get(
            "find", conditions, lambda match: self._select(match).where(self.table.c.id == bindparam("id"))
        )

    def find_among(self, column: str, conditions: Conditions, *, or_none: bool = False) -> Any:
        """Select the documents whose column has one of `values`, or none."""

        def build(match: ColumnElement[bool]) -> Any:
            how = AMONG_OR_NONE if or_none else AMONG
            return self._select(match).where(self.match(column, how, "values"))

        return self._get(f"among {column} {or_none}", conditions, build)

    def find_marked(self, conditions: Conditions) -> Any:
        """Select the documents that have one of the marks `marks` at the instant `marked_at`."""

        def build(match: ColumnElement[bool]) -> Any:
            return self._select(match).where(self.compare_marks("marks", "marked_at"))

        return self._get("marked", conditions, build)

    def compare_marks(self, marks: str, at: str) -> ColumnElement[bool]:
        """Compare rows with the marks that one parameter brings, at the instant that another one brings.

        Both databases are kept from going through all marks, or all records, where they take one mark to be common:
        most of what bears it may be over.
        """
        columns = self.marks.c
        # As the index goes: what ended is not walked at all, and of what is to come no more than its entries are.
        lasts: Any = columns.ends > bindparam(at, type_=columns.ends.type)
        began = columns.starts <= bindparam(at, type_=columns.starts.type)
        mine = select(columns.id).where(columns.kind == self.kind.name, began)
        if self.is_postgresql:
            given = func.unnest(bindparam(marks, type_=postgresql.ARRAY(Text()))).column_valued("given")
            found = mine.where(columns.text == collate(given, "C"), lasts)
            return self.table.c.id == any_(func.array(found.scalar_subquery()))
        among = is_among(columns.text, marks, is_postgresql=False)
        return self.table.c.id.in_(mine.where(among, func.likelihood(lasts, literal_column("0.001"))))

    def find_ends(self, column: str) -> Any:
        """Select id and end, by an ordered column, of the rows with one of the ids `ids`, and let nobody change them.

        Whoever reads an end to write it elsewhere and whoever changes it would else miss each other.
        """

        def build(match: ColumnElement[bool]) -> Any:
            columns = self.table.c
            named = is_among(columns.id, "ids", is_postgresql=self.is_postgresql)
            found = select(columns.id, columns[column].label("ends")).where(match, named)
            return found.order_by(columns.id).with_for_update(read=True) if self.is_postgresql else found

        return self._get(f"ends {column}", Conditions.of(self.kind), build)

    def end_marks(self) -> Any:
        """Let the marks of the records that name `followed` end at `new_ends`; see `Kind.lasting`."""

        def build(match: ColumnElement[bool]) -> Any:
            lasting = self.kind.lasting
            naming = [] if lasting is None else [self.table.c[lasting.named_in] == bindparam("followed")]
            marks, ends = self.marks.c, bindparam("new_ends", type_=self.marks.c.ends.type)
            named = select(self.table.c.id).where(match, *naming)
            theirs = and_(marks.kind == self.kind.name, marks.id.in_(named), marks.ends != ends)
            return update(self.marks).where(theirs).values(ends=ends)

        return self._get("end marks", Conditions.of(self.kind), build)

    def has(self, conditions: Conditions, *, along: str | None = None) -> Any:
        """Select 1 when there is a row."""
        rows: Select[*tuple[Any, ...]] = select(literal_column("1")).select_from(self._find_walked(along)).limit(1)
        return self._get("has", conditions, rows.where, along=along)

    def page(self, conditions: Conditions, *, is_first: bool, along: str | None = None) -> Any:
        """Select up to `limit` documents in the order of ids, after the id `after` unless it is the first page.

        Args:
            conditions: What they match.
            is_first: Nothing is before them.
            along: The column of several values whose table has all that is asked, and in this order; none by default.
        """
        table = self._find_walked(along)
        key = table.c.id

        def build(match: ColumnElement[bool]) -> Any:
            page = self._walk(table, match, key).order_by(key).limit(bindparam("limit"))
            return self._open(page if is_first else page.where(key > bindparam("after")), table, PageOrder())

        return self._get(f"page {is_first}", conditions, build, along=along)

    def page_by(self, conditions: Conditions, order: PageOrder, *, is_first: bool, along: str | None = None) -> Any:
        """Select up to `limit` documents with a value in a column, in its order, after `after_value` and `after`."""
        table = self._find_walked(along)
        column, key = table.c[order.column or ""], table.c.id

        def build(match: ColumnElement[bool]) -> Any:
            page = (
                self._walk(table, match, column, key).order_by(*_direct(order, column, key)).limit(bindparam("limit"))
            )
            if is_first:
                return self._open(page.where(self._hold_value(column)), table, order)
            # Compared as a row, which both databases answer from the index; with "or" they would not.
            last = tuple_(bindparam("after_value", type_=column.type), bindparam("after", type_=key.type))
            here = tuple_(column, key)
            return self._open(page.where(here < last if order.is_descending else here > last), table, order)

        return self._get(f"page by {order} {is_first}", conditions, build, along=along)

    def page_lacking(
        self, conditions: Conditions, order: PageOrder, *, is_first: bool, along: str | None = None
    ) -> Any:
        """Select up to `limit` documents without a value in a column, in the order of ids, after the id `after`."""
        table = self._find_walked(along)
        column, key = table.c[order.column or ""], table.c.id

        def build(match: ColumnElement[bool]) -> Any:
            # By the column too, which sorts nothing here: PostgreSQL finds its index by what is asked, to the letter.
            page = self._walk(table, match, column, key).where(column.is_(None)).order_by(*_direct(order, column, key))
            page = page.limit(bindparam("limit"))
            if not is_first:
                page = page.where(key < bindparam("after") if order.is_descending else key > bindparam("after"))
            return self._open(page, table, order)

        return self._get(f"page lacking {order} {is_first}", conditions, build, along=along)

    def _find_walked(self, along: str | None) -> Table:
        return self.table if along is None else self.values[along].table

    def _walk(self, table: Table, match: ColumnElement[bool], *keys: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
        if table is self.table:
            return self._select(match)
        if self.is_postgresql:
            return select(*keys).where(match)
        return self._select(match).select_from(table.join(self.table, self.table.c.id == table.c.id))

    def _open(self, page: Select[*tuple[Any, ...]], table: Table, order: PageOrder) -> Any:
        """Return the documents of a page that was found along the texts of a column of several values."""
        if table is self.table or not self.is_postgresql:
            return page
        # The limit fences the page: joined to the records first, many of them might be read to sort and drop most.
        found = page.subquery("walked")
        keys = [found.c[name] for name in dict.fromkeys((order.column or "id", "id"))]
        documents = select(self.table.c.type, self.table.c.document)
        return documents.join_from(found, self.table, self.table.c.id == found.c.id).order_by(*_direct(order, *keys))

    def _hold_value(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        if self.is_postgresql:
            return column.is_not(None)
        # To SQLite "is not null" is no range, and it would read all records without a value to find none with one.
        return column >= literal_column(str(-(2**63)) if isinstance(column.type, BigInteger) else "''")

    def count(self, conditions: Conditions, *, along: str | None = None) -> Any:
        """Count rows."""
        rows = select(func.count()).select_from(self._find_walked(along))
        return self._get("count", conditions, rows.where, along=along)

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

    def match(self, column: str, comparison: str, name: str, *, along: str | None = None) -> ColumnElement[bool]:
        """Compare a column of the kind with what a parameter brings; one of several values has a text that matches."""
        table = self._find_walked(along)
        if column in table.c:
            return compare(table.c[column], comparison, name, is_postgresql=self.is_postgresql)
        texts = self.values[column].table.c
        matching = compare(texts[column], comparison, name, is_postgresql=self.is_postgresql)
        return table.c.id.in_(select(texts.id).where(matching))

    def _get(
        self,
        name: str,
        conditions: Conditions,
        build: Callable[[ColumnElement[bool]], Any],
        *,
        along: str | None = None,
    ) -> Any:
        key = (name, along, conditions.shape)
        found = self._built.get(key)
        if found is None:
            matches = [
                self.match(column, comparison, f"where_{n}", along=along)
                for n, (column, comparison) in enumerate(conditions.shape)
            ]
            found = self._built[key] = build(and_(true(), *matches))
        return found


def _direct(order: PageOrder, *columns: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return [column.desc() if order.is_descending else column for column in columns]
