"""What records of the catalogue were, as of any change or instant, and making one so again."""

from datetime import datetime
from typing import Any, TypeVar

import attrs

from mktcore.access import Permission, check_permission
from mktcore.catalog.revision import Revision, find_as_of, get_revision, page_revisions, view_value
from mktcore.catalog.use_cases.kept_records import WITH_HISTORY, check_writer, sign
from mktcore.clock import to_utc
from mktcore.errors import InvalidValue
from mktcore.persistence import Kind, NotFound, Page, Party, Repositories, Scope, WritingUnit
from mktcore.persistence.kinds import Aggregate
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["RecordHistory"]

T = TypeVar("T", bound=Aggregate)


# Without slots, because `MarketCatalog` is made of several classes like this one, each with the same field.
@watched
@attrs.frozen(slots=False)
class RecordHistory:
    """The history of the catalogue's records."""

    runtime: Runtime[WritingUnit]

    def page_history(
        self, kind: Kind[T], record: str, *, scope: Scope, after: str | None = None, limit: int = 100
    ) -> Page[Revision]:
        """Return a page of what a record was after each change, the oldest first; the owner's and the operator's.

        Args:
            kind: `PRODUCTS`, `SKUS`, `SPECS`, `CATEGORIES` or `MERCHANT_ITEMS`.
            record: The record's id.
            scope: Who asks.
            after: Where the page before ended.
            limit: How many at most.

        Raises:
            NotFound: The record is not the caller's, whether or not it is shown to it.
        """

        def read(unit: WritingUnit) -> Page[Revision]:
            found = page_revisions(unit, kind, record, after=after, limit=limit)
            # Nothing found is a record of its own without a history, or one of others: of those it would be false.
            if not found.items and after is None and not _is_own(unit, kind, record, scope=scope):
                raise NotFound(kind.name, record)
            return found

        page = self.runtime.read(scope, read)
        return Page(tuple(revision.view_for(scope) for revision in page.items), page.next)

    def find_as_of(self, kind: Kind[T], record: str, instant: datetime, *, scope: Scope) -> T | None:
        """Return a record as it was at an instant (aware); None when it was not there for this caller.

        Raises:
            NaiveTime, SkippedTime: That is no instant.
        """
        at = to_utc(instant)
        found = self.runtime.read(scope, lambda unit: find_as_of(unit, kind, record, instant=at))
        return view_value(found, scope)

    def roll_back(self, kind: Kind[T], record: str, *, to: int, scope: Scope, note: str = "") -> T:
        """Make a record again what a revision of it was. That is a change like any other, checked and kept in history.

        Args:
            kind: `PRODUCTS`, `SKUS`, `SPECS` or `CATEGORIES`.
            record: Its id.
            to: The revision's number.
            scope: Who asks.
            note: Why.

        Raises:
            NotFound: There is no such record, or it is another party's.
            NoSuchRevision: It has no revision of this number.
            PermissionDenied: The caller's user may not.
            InvalidValue: Records of this kind are not rolled back.
            CatalogRefused, UnknownCategory, CategoryCycle: It no longer fits what the catalogue has.
        """
        check_permission(scope, Permission.CATALOG)

        def write(unit: WritingUnit) -> T:
            kept = WITH_HISTORY.get(kind.name)
            if kept is None:
                raise InvalidValue("roll_back", "kind", kind.name, "products, SKUs, specs or categories")
            current = unit.repository(kind).get(record)
            signature = sign(self.runtime, scope, note)
            check_writer(unit, kept, current, stored=current, signature=signature)
            former: Any = get_revision(unit, kind, record, number=to).value
            # The present version: a change that somebody else makes meanwhile is not rolled over.
            restored: T = kept.put(
                unit, attrs.evolve(former, version=current.version), attrs.evolve(signature, restored=to)
            )
            return restored

        return self.runtime.run(scope.to_operator(), write)


def _is_own(unit: Repositories, kind: Kind[Any], record: str, *, scope: Scope) -> bool:
    found = unit.repository(kind).find(record)
    is_owner = found is not None and kind.merchant is not None and kind.read_column(kind.merchant, found) == scope.id
    return scope.party is Party.OPERATOR or (scope.party is Party.MERCHANT and is_owner)
