"""Merchants say that price or stock of their items changed; the marketplace notes what to fetch, once for each item."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from mktcore.access import Permission, check_granted
from mktcore.ids import to_own_id
from mktcore.merchant_items.use_cases.row_outcomes import check_row_count
from mktcore.offers.refresh.pending_refresh import PENDING_REFRESHES, ItemChange, PendingRefresh, to_refresh_key
from mktcore.offers.refresh.ports import FindBindings
from mktcore.parties import Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.persistence import NotFound, Repositories, Retryable, Scope, UniqueViolation, WritingUnit
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["ChangedItem", "NotBound", "NoteChanges", "NotedItem"]


MAX_NOTED = 1_000


def _to_changes(changes: Iterable[ItemChange]) -> frozenset[ItemChange]:
    return frozenset(changes)


@attrs.frozen
class ChangedItem:
    """A merchant says that an item changed.

    Attributes:
        item: The merchant's own id of it.
        changes: What changed of it; price and stock unless told otherwise. Both are fetched in any case.
    """

    item: str = attrs.field(converter=to_own_id)
    changes: frozenset[ItemChange] = attrs.field(default=frozenset(ItemChange), converter=_to_changes)


@attrs.frozen
class NotedItem:
    """The item is bound, and its price and stock will be fetched.

    Attributes:
        item: The merchant's own id of it.
        sku: The SKU that it is bound to.
    """

    item: str
    sku: str


@attrs.frozen
class NotBound:
    """The item is bound to no SKU: nothing will be fetched.

    Attributes:
        item: The merchant's own id of it.
        remedy: What the merchant can do.
    """

    item: str
    remedy: str = "send the item, and wait until it is bound to a SKU"

    def __str__(self) -> str:
        return f"item {self.item} is bound to no SKU ({self.remedy})"


@watched
@attrs.frozen
class NoteChanges:
    """Notes what merchants say has changed.

    Attributes:
        runtime: Where it is noted, and what time it is.
        bindings: Tells which SKU an item is bound to.
    """

    runtime: Runtime[WritingUnit]
    bindings: FindBindings

    def notify(
        self, merchant: str, changed: Iterable[ChangedItem], *, scope: Scope
    ) -> tuple[NotedItem | NotBound, ...]:
        """Note that items changed, and say of each, in order, whether it will be fetched.

        An item that waits to be fetched already is not noted twice; one that is being fetched is fetched once more.

        Raises:
            NotFound: The caller is neither the operator nor this merchant.
            PermissionDenied, ActivityRefused: The caller may not write offers.
            TooManyRows: They are more than 1,000 in one call.
        """
        if not scope.covers(merchant=merchant):
            raise NotFound("merchant", merchant)
        check_granted(scope, Permission.OFFERS)
        given = tuple(changed)
        check_row_count(given, MAX_NOTED)
        return self.runtime.retry(lambda: self._note(merchant, given, scope))

    def _note(self, merchant: str, changed: tuple[ChangedItem, ...], scope: Scope) -> tuple[NotedItem | NotBound, ...]:
        now = self.runtime.now()
        try:
            with self.runtime.store.begin(scope.to_operator()) as unit:
                check_caller(unit, scope, Activity.EDIT, now=now)
                bound = self.bindings(unit, merchant, {one.item for one in changed})
                changes: dict[str, frozenset[ItemChange]] = {}
                for one in changed:
                    if one.item in bound:
                        changes[one.item] = changes.get(one.item, frozenset()) | one.changes
                if _write(unit, merchant, changes, now=now):
                    unit.commit()
        except (UniqueViolation, NotFound) as race:  # noted, or fetched, by somebody else meanwhile
            raise Retryable(race.describe()) from race
        return tuple(
            NotedItem(one.item, bound[one.item]) if one.item in bound else NotBound(one.item) for one in changed
        )


def _write(unit: Repositories, merchant: str, changes: Mapping[str, frozenset[ItemChange]], *, now: datetime) -> bool:
    """Note each item; tell whether anything had to be written."""
    pending = unit.repository(PENDING_REFRESHES)
    ids = [to_refresh_key(merchant, item) for item in changes]
    waiting = {one.item: one for one in pending.find_many(ids).values()} if ids else {}
    new = [
        PendingRefresh.of(merchant, item, due=now, changes=what)
        for item, what in changes.items()
        if item not in waiting
    ]
    # Claimed is being asked right now, maybe from before the change: it is asked once more.
    changed = [attrs.evolve(one, notices=one.notices + 1) for one in waiting.values() if one.claim]
    # One that nobody has asked about since this unit began is asked about later, and so after the change.
    changed += [one.defer(now) for one in waiting.values() if not one.claim and one.due > now]
    if new:
        pending.add_many(new)
    if changed:
        pending.save_many(changed)
    return bool(new or changed)
