"""The orders of many status updates, read together: as many calls for a hundred of them as for one."""

from collections.abc import Iterable, Mapping

import attrs

from mktcore.orders.order import MARKETPLACE_ORDERS, MERCHANT_ORDERS, MarketplaceOrder, MerchantOrder, Order
from mktcore.persistence import NotFound, Repositories

__all__ = ["OrderBatch", "load_batch"]


@attrs.frozen
class OrderBatch:
    """Whole orders, found by the id of one of their parts or by their own.

    Attributes:
        wholes: Marketplace orders by id.
        parts: Their merchant orders by id.
    """

    wholes: Mapping[str, MarketplaceOrder]
    parts: Mapping[str, MerchantOrder]

    def is_part(self, order: str) -> bool:
        """Tell whether an id is that of a merchant order."""
        return order in self.parts

    def name_whole(self, order: str) -> str:
        """Return the id of the marketplace order that an order is, or is a part of; its own where there is none."""
        return self.parts[order].order if order in self.parts else order

    def get_order(self, order: str) -> Order:
        """Return the whole order of an id.

        Raises:
            NotFound: There is none.
        """
        whole = self.wholes.get(self.name_whole(order))
        if whole is None:
            # In the words of `fire`: whose id it would be, nobody is told.
            raise NotFound(MERCHANT_ORDERS.name, order)
        return Order(whole, tuple(self.parts[part] for part in whole.merchant_order_ids))


def load_batch(unit: Repositories, orders: Iterable[str]) -> OrderBatch:
    """Return the whole orders that some ids of merchant orders and of marketplace orders name."""
    asked = set(orders)
    parts = unit.repository(MERCHANT_ORDERS).find_many(asked)
    named = {part.order for part in parts.values()} | (asked - parts.keys())
    wholes = unit.repository(MARKETPLACE_ORDERS).find_many(named) if named else {}
    siblings = {part for whole in wholes.values() for part in whole.merchant_order_ids} - parts.keys()
    more = unit.repository(MERCHANT_ORDERS).find_many(siblings) if siblings else {}
    return OrderBatch(wholes, {**parts, **more})
