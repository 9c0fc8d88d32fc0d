"""Promotions as their owners write and read them."""

from typing import Protocol

import attrs

from mktcore.access import Permission, check_granted, check_permission
from mktcore.clock import Clock
from mktcore.persistence import Committing, Outbox, Page, Pause, Repositories, Scope, Store, put, run_unit
from mktcore.promotions.events import PromotionChanged
from mktcore.promotions.promotion import PROMOTIONS, Promotion

__all__ = ["PromotingUnit", "Promotions"]


class PromotingUnit(Repositories, Outbox, Committing, Protocol):
    """What administering promotions needs of a unit of work."""


@attrs.frozen
class Promotions:
    """The promotions of the operator and the merchants; each writes its own, the operator all.

    Attributes:
        store: Where they are kept.
        clock: Tells the time.
        pause: Waits before a unit that lost against another transaction is tried again.
    """

    store: Store[PromotingUnit]
    clock: Clock
    pause: Pause | None = None

    def save(self, promotion: Promotion, *, scope: Scope) -> Promotion:
        """Store a promotion, new (version 0) or changed, and return it as stored.

        Raises:
            PermissionDenied: The caller may not write promotions.
            NotFound: It is somebody else's.
            StaleVersion: Somebody changed it meanwhile.
            ColumnFixed: Its owner changed.
        """
        check_permission(scope, Permission.PROMOTIONS)

        def write(unit: PromotingUnit) -> Promotion:
            stored = put(unit, PROMOTIONS, promotion)
            unit.publish([self._tell(stored, stored.version)])
            return stored

        return run_unit(self.store, scope, write, pause=self.pause)

    def remove(self, promotion: Promotion, *, scope: Scope) -> None:
        """Remove a promotion; orders keep what it took off, its counters stay.

        Raises:
            PermissionDenied: The caller may not write promotions.
            NotFound: It is somebody else's, or was removed.
            StaleVersion: Somebody changed it meanwhile.
        """
        check_permission(scope, Permission.PROMOTIONS)

        def write(unit: PromotingUnit) -> None:
            unit.repository(PROMOTIONS).remove(promotion)
            unit.publish([self._tell(promotion, 0)])

        run_unit(self.store, scope, write, pause=self.pause)

    def get(self, promotion: str, *, scope: Scope) -> Promotion:
        """Return a promotion.

        Raises:
            NotFound: There is none that the caller owns.
        """
        check_granted(scope, Permission.PROMOTIONS)
        with self.store.begin(scope) as unit:
            return unit.repository(PROMOTIONS).get(promotion)

    def page(self, *, scope: Scope, after: str | None = None, limit: int = 100) -> Page[Promotion]:
        """Return a page of the caller's promotions."""
        check_granted(scope, Permission.PROMOTIONS)
        with self.store.begin(scope) as unit:
            return unit.repository(PROMOTIONS).page(after=after, limit=limit)

    def _tell(self, promotion: Promotion, number: int) -> PromotionChanged:
        return PromotionChanged(subject=promotion.id, at=self.clock.now(), merchant=promotion.owner, number=number)
