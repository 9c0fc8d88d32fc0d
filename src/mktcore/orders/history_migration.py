"""The step from orders that carry their own history to a history of records, for stores of an earlier release."""

from functools import partial
from typing import Protocol, TypeVar

from mktcore.orders.history import ORDER_STEPS, split_history
from mktcore.orders.order import MARKETPLACE_ORDERS, MERCHANT_ORDERS, MarketplaceOrder, MerchantOrder
from mktcore.persistence import Committing, Kind, Pause, Repositories, Scope, Store, run_unit

__all__ = ["MigratingUnit", "migrate_history"]

PAGE = 100
O = TypeVar("O", MarketplaceOrder, MerchantOrder)  # noqa: E741 - an order


class MigratingUnit(Repositories, Committing, Protocol):
    """What moving history needs of a unit of work."""


def migrate_history(store: Store[MigratingUnit], *, pause: Pause | None = None) -> int:
    """Make records of the moves that orders of an earlier release carry, and return how many orders carried some.

    Works in pages, each in a transaction of its own, beside others who move orders; doing it again finds nothing left.

    Args:
        store: The store, opened as the operator.
        pause: Waits before a page that lost against another transaction is tried again.
    """
    return _migrate_kind(store, MARKETPLACE_ORDERS, pause) + _migrate_kind(store, MERCHANT_ORDERS, pause)


def _migrate_kind(store: Store[MigratingUnit], kind: Kind[O], pause: Pause | None) -> int:
    migrated = 0
    after: str | None = None
    while True:
        work = partial(_migrate_page, kind=kind, after=after)
        count, after = run_unit(store, Scope.operator(), work, pause=pause)
        migrated += count
        if after is None:
            return migrated


def _migrate_page(unit: MigratingUnit, *, kind: Kind[O], after: str | None) -> tuple[int, str | None]:
    page = unit.repository(kind).page(after=after, limit=PAGE)
    old = [split_history(order) for order in page.items if order.former_moves]
    if old:
        # The orders first: one that moved meanwhile is found by its version, and the page is read again.
        unit.repository(kind).save_many([order for order, _ in old])
        unit.repository(ORDER_STEPS).add_many([step for _, steps in old for step in steps])
    return len(old), page.next
