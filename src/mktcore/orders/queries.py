"""Reading orders and their history, each caller its own."""

from collections.abc import Mapping
from typing import Protocol

from mktcore.orders.history import ORDER_STEPS, OrderStep, list_former_steps
from mktcore.orders.order import MARKETPLACE_ORDERS, MERCHANT_ORDERS, MarketplaceOrder, MerchantOrder, Order
from mktcore.persistence import Page, Repositories, Scope, Store
from mktcore.persistence.kinds import Wanted

__all__ = [
    "ReadingUnit",
    "get_merchant_order",
    "get_order",
    "has_ordered",
    "load_order",
    "load_order_of",
    "page_merchant_order_history",
    "page_merchant_orders",
    "page_order_history",
]


class ReadingUnit(Repositories, Protocol):
    """What reading orders needs of a unit of work."""


def has_ordered(unit: Repositories, buyer: str) -> bool:
    """Tell whether the buyer ever ordered."""
    return bool(unit.repository(MARKETPLACE_ORDERS).page({"buyer": buyer}, limit=1).items)


def load_order(unit: Repositories, order: str) -> Order:
    """Return a marketplace order with all its merchant orders, as the unit's scope reads them.

    Raises:
        NotFound: There is none for this scope.
    """
    whole = unit.repository(MARKETPLACE_ORDERS).get(order)
    found = unit.repository(MERCHANT_ORDERS).find_many(whole.merchant_order_ids)
    return Order(whole, tuple(found[part] for part in whole.merchant_order_ids))


def load_order_of(unit: Repositories, merchant_order: str) -> Order:
    """Return the whole order that a merchant order is a part of.

    Raises:
        NotFound: There is no such merchant order for this scope.
    """
    return load_order(unit, unit.repository(MERCHANT_ORDERS).get(merchant_order).order)


def get_order(store: Store[ReadingUnit], order: str, scope: Scope) -> Order:
    """Return a marketplace order with its merchant orders, as the caller may see them.

    Raises:
        NotFound: There is none for this caller; a merchant sees its merchant orders only.
    """
    with store.begin(scope) as unit:
        return load_order(unit, order).view_for(scope)


def get_merchant_order(store: Store[ReadingUnit], merchant_order: str, scope: Scope) -> MerchantOrder:
    """Return a merchant order, as the caller may see it.

    Raises:
        NotFound: There is none for this caller.
    """
    with store.begin(scope) as unit:
        return unit.repository(MERCHANT_ORDERS).get(merchant_order).view_for(scope)


def page_merchant_orders(
    store: Store[ReadingUnit],
    where: Mapping[str, Wanted],
    scope: Scope,
    *,
    order: str | None = None,
    after: str | None = None,
    limit: int = 100,
) -> Page[MerchantOrder]:
    """Return up to `limit` of the caller's merchant orders, by their ids or by `placed_at`; see `Repository.page`."""
    with store.begin(scope) as unit:
        page = unit.repository(MERCHANT_ORDERS).page(where, order=order, after=after, limit=limit)
    return Page(tuple(order.view_for(scope) for order in page.items), page.next)


def page_order_history(
    store: Store[ReadingUnit], order: str, scope: Scope, *, after: str | None = None, limit: int = 100
) -> Page[OrderStep]:
    """Return up to `limit` steps of a marketplace order, the earliest first, as the caller may see them.

    Raises:
        NotFound: There is no such order for this caller; a merchant sees the history of its merchant orders only.
    """
    with store.begin(scope) as unit:
        return _page_steps(unit, unit.repository(MARKETPLACE_ORDERS).get(order), scope, after=after, limit=limit)


def page_merchant_order_history(
    store: Store[ReadingUnit], merchant_order: str, scope: Scope, *, after: str | None = None, limit: int = 100
) -> Page[OrderStep]:
    """Return up to `limit` steps of a merchant order, the earliest first, as the caller may see them.

    Raises:
        NotFound: There is no such merchant order for this caller.
    """
    with store.begin(scope) as unit:
        return _page_steps(unit, unit.repository(MERCHANT_ORDERS).get(merchant_order), scope, after=after, limit=limit)


def _page_steps(
    unit: ReadingUnit, order: MarketplaceOrder | MerchantOrder, scope: Scope, *, after: str | None, limit: int
) -> Page[OrderStep]:
    """Return a page of what is stored, after what a document of an earlier release still carries.

    The ids of the latter are those they get when they become records, so a cursor stays good across that change.
    """
    former = [step for step in list_former_steps(order) if after is None or step.id > after]
    stored = unit.repository(ORDER_STEPS).page({"subject": order.id}, after=after, limit=limit)
    steps = (*former, *stored.items)
    shown = tuple(step.view_for(scope) for step in steps[:limit])
    return Page(shown, shown[-1].id if len(steps) > limit or stored.next is not None else None)
