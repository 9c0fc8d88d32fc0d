"""One shape for every list: what a caller may see of a kind, by filters, in order, page by page.

A room declares a list by the kind, the columns that callers filter by, and a line of what it is; who may read it, and
what is shown of it, the kind says already. No list costs more for being long: a filter that no index carries is
refused, by name, instead of being searched for.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

import attrs

from mktcore.access.party_checks import check_listed
from mktcore.access.unit_checks import check_reader
from mktcore.persistence import Kind, Page, Repository, Scope, WritingUnit
from mktcore.persistence.errors import InvalidColumn, InvalidOrder, NotFound
from mktcore.persistence.indexed_queries import check_served, is_served
from mktcore.persistence.kinds import Aggregate, Condition, Wanted
from mktcore.persistence.queries import build_query
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["RecordList", "ShownList"]

T = TypeVar("T", bound=Aggregate)
S = TypeVar("S", bound=Aggregate)
U = TypeVar("U", bound=WritingUnit)
_BATCH = 500
"""Records that `iterate` reads at once: few round trips, and little in memory."""


# Without slots: rooms derive classes of use cases that have more fields, or are made of several such classes.
@attrs.frozen(slots=False)
class ShownList(ABC, Generic[T, S, U]):
    """The records of a kind, each shown as something to whom it is for.

    Attributes:
        runtime: Where they are kept.
        kind: What is listed.
        filters: The columns of the kind that callers ask by.
    """

    kind: ClassVar[Kind[Any]]
    filters: ClassVar[tuple[str, ...]]
    runtime: Runtime[U]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        # Told of under the name of the list that is asked, not of the one shape that they share.
        for verb in ("get", "page", "count", "iterate"):
            if verb not in vars(cls):
                setattr(cls, verb, vars(ShownList)[verb])
        watched(cls)

    def get(self, id: str, *, scope: Scope) -> S:  # noqa: A002 - the word of the field
        """Return a record, as the caller may see it.

        Raises:
            NotFound: There is none for this caller.
            PermissionDenied: The caller's user may not read this kind.
        """
        own = self._find_own(scope)

        def read(unit: U) -> S:
            found = self._open(unit).find(id)
            if found is None or any(self.kind.read_column(name, found) != value for name, value in own.items()):
                raise NotFound(self.kind.name, id)
            return self._show(unit, [found])[0]

        return self.runtime.read(self._read_as(scope), read)

    def page(
        self,
        *,
        scope: Scope,
        where: Mapping[str, Wanted] | None = None,
        order: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page[S]:
        """Return up to `limit` of the records that the caller may see; as fast at the end of a list as at its begin.

        Args:
            scope: Who asks.
            where: A value by filter, or a range of an ordered one: `{"placed_at": AtLeast(start)}`. Which filters go
                together is declared by the kind; see "Lists" in the documentation.
            order: An ordered filter, smallest first, or with `-` in front largest first, as `"-placed_at"` is newest
                first; by default the ids, where a range is asked for its column, and where the filters go with an
                ordered one only, that one, largest first.
            after: The `next` of the page before, asked for in the same order.
            limit: Records at most, 1 to 1,000,000.

        Raises:
            PermissionDenied: The caller's user may not read this kind, or none of it is for such a party.
            InvalidColumn: There is no such filter, or a value does not fit it.
            InvalidOrder: There is no such order.
            UnservedQuery: No index carries these filters in this order.
            InvalidCursor: `after` is of another list or order, or no cursor at all.
            InvalidLimit: No page has that many records.
        """
        asked, by = self._check(scope, where, order)
        if asked is None:
            return Page((), None)

        def read(unit: U) -> Page[S]:
            page = self._open(unit).page(asked, order=by, after=after, limit=limit)
            return Page(tuple(self._show(unit, page.items)), page.next)

        return self.runtime.read(self._read_as(scope), read)

    def count(self, *, scope: Scope, where: Mapping[str, Wanted] | None = None) -> int:
        """Return how many records match that the caller may see; it costs what there is to count, and no more.

        Raises:
            PermissionDenied, InvalidColumn, UnservedQuery: As `page` does.
        """
        asked, _ = self._check(scope, where, None)
        return (
            0 if asked is None else self.runtime.read(self._read_as(scope), lambda unit: self._open(unit).count(asked))
        )

    def iterate(
        self, *, scope: Scope, where: Mapping[str, Wanted] | None = None, order: str | None = None
    ) -> Iterator[S]:
        """Return an iterator of every record that matches, read page by page, in constant memory.

        Every page is read by itself: what others change meanwhile is met as it then is, and nothing waits for whoever
        takes its time.

        Raises:
            PermissionDenied, InvalidColumn, InvalidOrder, UnservedQuery: As `page` does.
        """
        # The first page at once: who may not ask hears it here, and not where the first record is wanted.
        return self._go_on(self.page(scope=scope, where=where, order=order, limit=_BATCH), scope, where, order=order)

    def _go_on(
        self, page: Page[S], scope: Scope, where: Mapping[str, Wanted] | None, *, order: str | None
    ) -> Iterator[S]:
        yield from page.items
        while page.next is not None:
            page = self.page(scope=scope, where=where, order=order, after=page.next, limit=_BATCH)
            yield from page.items

    def _check(
        self, scope: Scope, where: Mapping[str, Wanted] | None, order: str | None
    ) -> tuple[dict[str, Wanted] | None, str | None]:
        """Return what is asked of the store, once it is let through, and its order; None where nothing can match."""
        check_reader(scope, self.kind)
        check_listed(scope, self.kind)
        for name in where or ():
            if name not in self.filters:
                raise InvalidColumn(self.kind.name, str(name), f"no filter of this list: {', '.join(self.filters)}")
        if order is not None and order.removeprefix("-") not in self.filters:
            raise InvalidOrder(self.kind.name, order)
        own = self._find_own(scope)
        asked = {**own, **(where or {})}
        reads = self.kind.filter_reads(scope) or {}
        by = self._find_order(asked, reads) if order is None else order
        check_served(build_query(self.kind, asked, order=by), reads)
        # Asked for another's, a list holds nothing, as one that the store itself filters would.
        return asked if all(asked[name] == value for name, value in own.items()) else None, by

    def _find_order(self, asked: Mapping[str, Wanted], reads: Mapping[str, Condition]) -> str | None:
        """Return what a page goes by that nobody ordered: the ids unless the filters go with a column only."""
        if is_served(build_query(self.kind, asked), reads):
            return None
        columns = [f"-{name}" for name in self.kind.ordered if name in self.filters]
        return next((one for one in columns if is_served(build_query(self.kind, asked, order=one), reads)), None)

    def _open(self, unit: U) -> Repository[Any]:
        return unit.repository(self.kind)

    def _find_own(self, scope: Scope) -> Mapping[str, str]:  # noqa: ARG002 - for lists that are narrower than their kind
        """Return what a list asks of every record for this caller, beside what its kind asks."""
        return {}

    def _read_as(self, scope: Scope) -> Scope:
        """Return the scope to read under: the caller's own, unless a list says what it keeps from whom itself."""
        return scope

    @abstractmethod
    def _show(self, unit: U, found: Sequence[T]) -> Sequence[S]:
        """Return what the records are shown as, in their order."""


@attrs.frozen(slots=False)
class RecordList(ShownList[T, T, WritingUnit], Generic[T]):
    """The records of a kind, as whoever asks may see them.

    >>> from mktcore.access.user import USERS, User
    >>> class Users(RecordList[User]):
    ...     kind, filters = USERS, ("merchant", "buyer")
    """

    def _show(self, unit: WritingUnit, found: Sequence[T]) -> Sequence[T]:  # noqa: ARG002 - the store shows them already
        return found
