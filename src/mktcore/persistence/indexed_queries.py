"""Which queries cost the same whatever the size of the table: those that one index of the kind answers by itself."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

import attrs

from mktcore.errors import ErrorCategory
from mktcore.persistence.errors import StoreError
from mktcore.persistence.kinds import Condition, Kind
from mktcore.persistence.queries import Query

__all__ = ["UnservedQuery", "check_served", "is_served", "list_served"]


@attrs.define(eq=False, slots=False)
class UnservedQuery(StoreError):
    """A list asked by filters, in an order, that no index of the kind carries together: it would have to be searched.

    Attributes:
        kind: Of which records.
        asked: The columns that it asks one value of, with those that name the caller.
        order: What it is to go by.
        served: What is answered at once, for each order: the sets of columns.
    """

    error_category: ClassVar[ErrorCategory] = ErrorCategory.INVALID
    code: ClassVar[str] = "store.unserved-query"
    remedy: ClassVar[str] = "ask by one of the sets of filters that are served, and look through what comes"
    kind: str
    asked: tuple[str, ...]
    order: str
    served: tuple[str, ...]

    def describe(self) -> str:
        """Name what is asked, and what could be."""
        asked = " and ".join(self.asked) or "nothing"
        return f"{self.kind} by {asked}, in the order of {self.order}: served are {'; '.join(self.served)}"


def check_served(query: Query, reads: Mapping[str, Condition]) -> None:
    """Let a query pass that one index answers: its page costs the same anywhere, and however many records there are.

    Args:
        query: What is asked.
        reads: What the caller's own scope asks beside it (`Kind.filter_reads`).

    Raises:
        UnservedQuery: Records would have to be looked at one by one.
    """
    if is_served(query, reads):
        return
    asked = (*sorted(_find_asked(query, reads) | query.ranges.keys()),)
    raise UnservedQuery(query.kind.name, asked, order=str(query.order), served=tuple(_tell_served(query.kind)))


def is_served(query: Query, reads: Mapping[str, Condition]) -> bool:
    """Tell whether one index answers a query; arguments as those of `check_served`."""
    column, asked = query.order.column, _find_asked(query, reads)
    # A range of another column than that of the order is looked at row by row.
    if query.ranges.keys() - {column}:
        return False
    # Of what is unique there is one record at most, whatever is asked beside; a None is unlike any other None.
    named = {*asked} - {name for name, value in query.equal.items() if value is None}
    if any(named >= {*names} for names in query.kind.unique):
        return True
    return asked - {column} in _find_sets(query.kind, column)


def _find_asked(query: Query, reads: Mapping[str, Condition]) -> set[str]:
    # What one of several merchants shows a buyer is no value that an index could be asked for.
    return {*query.equal, *(name for name, wanted in reads.items() if not isinstance(wanted, frozenset))}


def list_served(kind: Kind[Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each order of a kind with each set of columns that pages in it are asked by.

    >>> from mktcore.persistence.kinds import Ordered, column
    >>> columns = {"shop": column("shop")}
    >>> list(list_served(Kind("order", object, columns, ordered={"no": Ordered(column("no"), int, within=("shop",))})))
    [('id', ('shop',)), ('id', ('no',)), ('no', ('shop',))]
    """
    yield from (("id", (name,)) for name in kind.readers)
    yield from (("id", names) for names in kind.together)
    for name in kind.ordered:
        yield from ((name, partner) for partner in kind.find_partners(name))
    for name, declared in kind.several.items():
        yield from ((declared.order or "id", (*partner, name)) for partner in ((), *kind.find_value_partners(name)))


def _find_sets(kind: Kind[Any], column: str | None) -> set[frozenset[str]]:
    served = {frozenset(names) for order, names in list_served(kind) if order == (column or "id")}
    # Nothing asked is a walk along the ids, or along the column.
    return {frozenset(), *served}


def _tell_served(kind: Kind[Any]) -> Iterable[str]:
    for order in ("id", *kind.ordered):
        sets = [" and ".join(names) for name, names in list_served(kind) if name == order]
        yield f"by {order}: {', '.join(sets) or 'no filter'}"
