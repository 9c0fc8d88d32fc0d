"""What other use cases ask of orders inside their own unit of work."""

from mktcore.orders.merchant_order import MERCHANT_ORDERS
from mktcore.orders.order import MARKETPLACE_ORDERS, Order
from mktcore.persistence import Repositories
from mktcore.persistence.noted_reads import Existence

__all__ = [
    "foresee_first_order",
    "has_ordered",
    "load_order",
    "load_order_of",
]


def has_ordered(unit: Repositories, buyer: str) -> bool:
    """Tell whether the buyer ever ordered; an order that was cancelled whole is none."""
    return unit.repository(MARKETPLACE_ORDERS).has({"standing": buyer})


def foresee_first_order(buyer: str) -> Existence:
    """Return what `has_ordered` looks up."""
    return Existence(MARKETPLACE_ORDERS, {"standing": buyer})


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
