"""Reading orders, each caller its own."""

from collections.abc import Mapping
from typing import Protocol

from mktcore.orders.order import MARKETPLACE_ORDERS, MERCHANT_ORDERS, MerchantOrder, Order
from mktcore.persistence import Page, Repositories, Scope, Store
from mktcore.persistence.kinds import Wanted

__all__ = ["ReadingUnit", "get_merchant_order", "get_order", "has_ordered", "page_merchant_orders"]


class ReadingUnit(Repositories, Protocol):
    """What reading orders needs of a unit of work."""


def has_ordered(unit: ReadingUnit, buyer: str) -> bool:
    """Tell whether the buyer ever ordered."""
    return bool(unit.repository(MARKETPLACE_ORDERS).page({"buyer": buyer}, limit=1).items)


def get_order(store: Store[ReadingUnit], order: str, scope: Scope) -> Order:
    """Return a marketplace order with its merchant orders, as the caller may see them.

    Raises:
        NotFound: There is none for this caller; a merchant sees its merchant orders only.
    """
    with store.begin(scope) as unit:
        whole = unit.repository(MARKETPLACE_ORDERS).get(order)
        parts = unit.repository(MERCHANT_ORDERS).find_many(whole.merchant_order_ids)
    return Order(whole, tuple(parts[id_] for id_ in whole.merchant_order_ids)).view_for(scope)


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
