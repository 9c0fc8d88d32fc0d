"""The orders of many status updates, read together: as many calls for a hundred of them as for one."""

from collections.abc import Iterable, Mapping

import attrs

from mktcore.orders.merchant_order import MERCHANT_ORDERS, MerchantOrder
from mktcore.orders.order import MARKETPLACE_ORDERS, MarketplaceOrder, Order
from mktcore.persistence import NotFound, Repositories

__all__ = ["OrderBatch", "load_batch"]


@attrs.frozen
class OrderBatch:
    """Whole orders, found by the id or the reference of one of their parts or by their own.

    Attributes:
        wholes: Marketplace orders by id.
        parts: Their merchant orders by id.
        named: Ids of orders and of merchant orders by the number or reference that they were asked by.
    """

    wholes: Mapping[str, MarketplaceOrder]
    parts: Mapping[str, MerchantOrder]
    named: Mapping[str, str] = attrs.field(factory=dict)

    def to_id(self, order: str) -> str:
        """Return the id of an order that is named by its id, its number or its reference."""
        return self.named.get(order, order)

    def is_part(self, order: str) -> bool:
        """Tell whether an id is that of a merchant order."""
        return self.to_id(order) in self.parts

    def name_whole(self, order: str) -> str:
        """Return the id of the marketplace order that an order is, or is a part of; its own where there is none."""
        id_ = self.to_id(order)
        return self.parts[id_].order if id_ in self.parts else id_

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
    """Return the whole orders that ids, numbers and references name; an id comes before a number that reads alike."""
    asked = set(orders)
    parts = unit.repository(MERCHANT_ORDERS).find_many(asked)
    ids = {part.order for part in parts.values()} | (asked - parts.keys())
    wholes = unit.repository(MARKETPLACE_ORDERS).find_many(ids) if ids else {}
    unknown = asked - parts.keys() - wholes.keys()
    numbered = _find_numbered(unit, unknown) if unknown else {}
    wholes = {**wholes, **{whole.id: whole for whole in numbered.values()}}
    siblings = {part for whole in wholes.values() for part in whole.merchant_order_ids} - parts.keys()
    more = unit.repository(MERCHANT_ORDERS).find_many(siblings) if siblings else {}
    return OrderBatch(wholes, {**parts, **more}, named={name: _to_id(name, whole) for name, whole in numbered.items()})


def _find_numbered(unit: Repositories, names: Iterable[str]) -> dict[str, MarketplaceOrder]:
    """Return marketplace orders by the number that they have, or by the reference of one of their parts."""
    # What is a merchant in a reference may have hyphens itself, and so may a number: each cut is a number to look for.
    cuts = {name: (name, *_list_cuts(name)) for name in names}
    found = unit.repository(MARKETPLACE_ORDERS).find_where(
        "number", {number for one in cuts.values() for number in one}
    )
    numbers = {whole.number: whole for whole in found}
    return {
        name: numbers[number]
        for name, options in cuts.items()
        for number in reversed(options)
        if number in numbers and _is_named(name, numbers[number])
    }


def _list_cuts(name: str) -> list[str]:
    return [name[:place] for place in range(1, len(name)) if name.startswith("--", place)]


def _is_named(name: str, whole: MarketplaceOrder) -> bool:
    return name == whole.number or name.removeprefix(f"{whole.number}--") in whole.merchants


def _to_id(name: str, whole: MarketplaceOrder) -> str:
    return whole.id if name == whole.number else f"{whole.id}--{name.removeprefix(f'{whole.number}--')}"
