"""The catalogue, which learns from rooms above it what names its SKUs."""

from mktcore.catalog import SKUS, MarketCatalog
from mktcore.merchant_items.merchant_item import MERCHANT_ITEMS
from mktcore.money import Currency
from mktcore.offers import OFFERS
from mktcore.persistence import Repositories
from mktcore.pricing.assignment import ASSIGNMENTS
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit

__all__ = ["compose_catalog", "knows_sku"]


def compose_catalog(runtime: Runtime[MarketUnit], currency: Currency) -> MarketCatalog:
    """Return the use cases of the catalogue; a SKU that is offered, priced or bound is not removed."""
    naming = ((OFFERS, "sku"), (ASSIGNMENTS, "sku"), (MERCHANT_ITEMS, "sku"))
    priced = ((ASSIGNMENTS, "product"),)
    return MarketCatalog(runtime, naming_skus=naming, naming_products=priced, currency=currency)


def knows_sku(unit: Repositories, sku: str) -> bool:
    """Tell rooms below the catalogue whether there is a SKU; the unit is the operator's."""
    return unit.repository(SKUS).find(sku) is not None
