"""What a page is asked for, checked once for every store: conditions, order, where to go on, how many.

A page goes by the ids, or by an ordered column and, where two records hold the same there, by their ids. Records
without a value come last in both directions, so that asking for the newest first never begins with what has no date.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from zlib import crc32

import attrs

from mktcore.ids import InvalidId, check_id
from mktcore.persistence.declared_columns import MAX_INT
from mktcore.persistence.errors import InvalidColumn, InvalidCursor, InvalidLimit, InvalidOrder
from mktcore.persistence.kinds import Aggregate, Column, Kind, Wanted, holds
from mktcore.persistence.ranges import Above, AtLeast, AtMost, Below, Between, Bounds
from mktcore.persistence.repositories import Page

__all__ = [
    "PageOrder",
    "PagePosition",
    "Query",
    "build_query",
    "check_conditions",
    "check_limit",
    "check_sequence",
    "select_page",
]

T = TypeVar("T", bound=Aggregate)
MAX_LIMIT = 1_000_000
_RANGES = (Between, AtLeast, Above, AtMost, Below)
_MARK = "~"  # no id begins with it, so the cursor of a column is never taken for one of the ids


@attrs.frozen
class PageOrder:
    """What a page goes by.

    Attributes:
        column: An ordered column; None for the ids.
        is_descending: Largest first; of equal ones, the largest id first.
    """

    column: str | None = None
    is_descending: bool = False

    def __str__(self) -> str:
        return f"{'-' if self.is_descending else ''}{self.column or 'id'}"


@attrs.frozen
class PagePosition:
    """The last record of a page: what it holds in the column that the page goes by, and its id."""

    value: Column
    id: str


@attrs.frozen
class Query:
    """A page to find, every part of it checked.

    Attributes:
        kind: Of which records.
        equal: What columns must hold.
        ranges: Within what ordered columns must lie.
        order: What it goes by.
        after: Where the page before ended; None for the first one.
        limit: Records at most.
    """

    kind: Kind[Any]
    equal: Mapping[str, Column]
    ranges: Mapping[str, Bounds]
    order: PageOrder = PageOrder()
    after: PagePosition | None = None
    limit: int = 1

    def may_lack_value(self) -> bool:
        """Tell whether records without a value in the column it goes by can match."""
        column = self.order.column
        return column is not None and column not in self.ranges and self.equal.get(column) is None

    def may_hold_value(self) -> bool:
        """Tell whether records with a value in the column it goes by can match and follow."""
        column = self.order.column
        # Those without a value come last: once the page before ended among them, none with one follows.
        is_over = self.after is not None and self.after.value is None
        return not is_over and self.equal.get(column or "", "") is not None

    def find_bounds(self) -> Bounds:
        """Return the range of the column it goes by without the end that the position behind it makes needless.

        A store that is told both ends may start its walk at the wrong one, and read again all that lies between.
        """
        bounds = self.ranges.get(self.order.column or "", Bounds())
        # A cursor out of range comes with other conditions than its page had: both ends are needed then.
        if self.after is None or self.after.value is None or not bounds.hold(self.after.value):
            return bounds
        if self.order.is_descending:
            return attrs.evolve(bounds, high=None)
        return attrs.evolve(bounds, low=None)

    def is_reached(self, value: Column, id: str) -> bool:  # noqa: A002 - the word of the field
        """Tell whether a record comes after the position where the page before ended."""
        if self.after is None:
            return True
        # Also in descending order: what lacks a value always comes last.
        if (value is None) != (self.after.value is None):
            return value is None
        mine, last = (value, id), (self.after.value, self.after.id)
        found: bool = mine < last if self.order.is_descending else mine > last
        return found

    def to_page(self, found: Sequence[Any]) -> Page[Any]:
        """Return the page of what was found: in order, one record more than the limit where there are more."""
        # Only one more than asked for proves a next page: a full page alone may be the last.
        items = tuple(found[: self.limit])
        return Page(items, self.name_position(items[-1]) if len(found) > self.limit else None)

    def name_position(self, last: Any) -> str:
        """Return the cursor of the page that follows a record."""
        column = self.order.column
        if column is None:
            found: str = last.id
            return found
        value = self.kind.read_column(column, last)
        shown = value.isoformat() if isinstance(value, datetime) else value
        text = json.dumps([shown, last.id])
        return _MARK + urlsafe_b64encode(f"{self._sign(text)}{text}".encode()).decode().rstrip("=")

    def _sign(self, text: str) -> str:
        # Not a secret: it finds what was cut, mixed up, or given to another order, before the store looks anywhere.
        return f"{crc32(f'{self.kind.name} {self.order} {text}'.encode()):08x}"

    def read_position(self, cursor: str) -> PagePosition:
        """Return the position that a cursor names.

        Raises:
            InvalidCursor: It is of another kind or order, or no cursor at all.
        """
        try:
            if self.order.column is None:
                return PagePosition(None, check_id(self.kind.name, cursor))
            encoded = cursor.removeprefix(_MARK)
            # The padding was left off, as cursors travel in addresses.
            plain = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
            if not cursor.startswith(_MARK) or self._sign(plain[8:]) != plain[:8]:
                raise InvalidCursor(self.kind.name, cursor)
            value, last = json.loads(plain[8:])
            if value is not None and self.kind.ordered[self.order.column].type is datetime:
                value = datetime.fromisoformat(value)
            return PagePosition(self.kind.check_column(self.order.column, value), check_id(self.kind.name, last))
        # A cursor comes from outside: whatever it trips over, the caller hears that it is none.
        except (ValueError, TypeError, AttributeError, InvalidId, InvalidColumn):
            raise InvalidCursor(self.kind.name, str(cursor)) from None


def check_limit(limit: int) -> int:
    """Return a number of records that a page can have: 1 to 1,000,000.

    Raises:
        InvalidLimit: It is not one.
    """
    if type(limit) is not int or not 1 <= limit <= MAX_LIMIT:
        raise InvalidLimit(repr(limit)[:60])
    return limit


def check_sequence(kind: str, after: int) -> int:
    """Return the number of an event after which those of an aggregate are asked for, as a store can compare it.

    Raises:
        InvalidCursor: It is no whole number.
    """
    if type(after) is not int:
        raise InvalidCursor(kind, repr(after)[:60])
    return max(0, min(after, MAX_INT))


def check_conditions(
    kind: Kind[Any], where: Mapping[str, Wanted] | None
) -> tuple[dict[str, Column], dict[str, Bounds]]:
    """Return the values and the ranges that a query asks for.

    Raises:
        InvalidColumn: The kind declares no such column, or a value does not fit it.
    """
    equal: dict[str, Column] = {}
    ranges: dict[str, Bounds] = {}
    for name, wanted in (where or {}).items():
        if isinstance(wanted, _RANGES):
            ranges[name] = kind.check_range(name, wanted)
        else:
            equal[name] = kind.check_column(name, wanted)
    return equal, ranges


def build_query(
    kind: Kind[Any],
    where: Mapping[str, Wanted] | None,
    *,
    order: str | None = None,
    after: str | None = None,
    limit: int = 1,
) -> Query:
    """Check what a page is asked for.

    Raises:
        InvalidColumn: The kind declares no such column, or a value does not fit it.
        InvalidOrder: It declares no such ordered column.
        InvalidCursor: `after` is of another kind or order, or no cursor at all.
        InvalidLimit: No page has that many records.
    """
    equal, ranges = check_conditions(kind, where)
    wanted, count = _read_order(kind, order, ranges), check_limit(limit)
    query = Query(kind, equal=equal, ranges=ranges, order=wanted, after=None, limit=count)
    return (
        Query(kind, equal=equal, ranges=ranges, order=wanted, after=query.read_position(after), limit=count)
        if after
        else query
    )


def _read_order(kind: Kind[Any], order: str | None, ranges: Mapping[str, Bounds]) -> PageOrder:
    if order is None:
        # By ids, a range would have to be searched through or sorted for every page; by its column it is walked.
        return PageOrder(next(iter(ranges), None))
    name = order.removeprefix("-") if isinstance(order, str) else ""
    if name not in kind.ordered:
        raise InvalidOrder(kind.name, str(order))
    return PageOrder(name, is_descending=order.startswith("-"))


def select_page(query: Query, values: Iterable[T]) -> Page[T]:
    """Return the page of records that are all at hand, for stores that have no index.

    Args:
        query: What is asked for.
        values: Records that the caller may see, in any order.
    """
    column = query.order.column
    conditions = {**query.equal, **query.ranges}
    rows = [
        (None if column is None else query.kind.read_column(column, value), value.id, value)
        for value in values
        if all(holds(query.kind.read_held(name, value), wanted) for name, wanted in conditions.items())
    ]
    following = [row for row in rows if query.is_reached(*row[:2])]
    with_value = sorted((row for row in following if row[0] is not None), key=_sort_key)
    without = sorted((row for row in following if row[0] is None), key=_sort_key)
    if query.order.is_descending:
        # Ids go down too: a descending page is the ascending one read backwards.
        with_value.reverse()
        without.reverse()
    return query.to_page([value for _, _, value in (*with_value, *without)])


def _sort_key(row: tuple[Column, str, Any]) -> Any:
    return row[1] if row[0] is None else row[:2]
