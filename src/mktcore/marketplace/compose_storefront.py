"""The context of the storefront, whose projections learn from orders what is sold."""

from collections.abc import Iterable

from mktcore.market_policy import MarketPolicy
from mktcore.marketplace.settings import Settings
from mktcore.offers import CHEAPEST
from mktcore.orders import MERCHANT_ORDERS
from mktcore.orders.events import MerchantOrderMoved, MerchantOrderPlaced
from mktcore.persistence import Repositories
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.storefront import Storefront
from mktcore.storefront.affected_skus import READERS

__all__ = ["compose_storefront"]


def compose_storefront(runtime: Runtime[MarketUnit], policy: MarketPolicy, settings: Settings) -> Storefront:
    """Return the use cases of the storefront."""
    readers = {**READERS, MerchantOrderPlaced: _read_order, MerchantOrderMoved: _read_order}
    return Storefront(runtime, policy, buy_box=settings.get("buy_box", CHEAPEST), readers=readers)


def _read_order(unit: Repositories, event: MerchantOrderPlaced | MerchantOrderMoved) -> Iterable[str]:
    """Return the SKUs of an order's lines, of whose stock it takes, or gives back."""
    found = unit.repository(MERCHANT_ORDERS).find_many([event.subject])
    return [line.sku for order in found.values() for line in order.lines]
