"""Every port of the library in one list, for the author of an adapter; defined in the contexts that need them."""

from mktcore.carts import PRICE_TERMS, SimulatingUnit
from mktcore.catalog import (
    CATALOG_ASSIGNMENTS,
    CATALOG_PRODUCTS,
    CATALOGS,
    CATEGORIES,
    CATEGORY_TREES,
    PRODUCTS,
    REVISIONS,
    SKUS,
    SPECS,
)
from mktcore.catalog.items import ITEM_POLICIES, MERCHANT_ITEMS
from mktcore.checkout import PlacingUnit
from mktcore.clock import Clock
from mktcore.commissions import COMMISSION_RULES
from mktcore.delivery import SHIPPING_FEES
from mktcore.ids import IdFactory
from mktcore.offers import (
    CLOSURES,
    FRESHNESS,
    MERCHANT_RATINGS,
    OFFERS,
    PENDING_REFRESHES,
    MerchantGateway,
    Stock,
    Stocking,
)
from mktcore.orders import MARKETPLACE_ORDERS, MERCHANT_ORDERS, PRICE_APPROVALS, FiringUnit
from mktcore.parties import (
    AGREEMENTS,
    BUYERS,
    INVITATIONS,
    MEMBERSHIPS,
    MERCHANTS,
    PROFILES,
    RELATIONS,
    ROLES,
    SELLING_RIGHTS,
    USERS,
)
from mktcore.pricing import ASSIGNMENTS, DIVERGENCE_RULES, PRICE_SCHEDULES
from mktcore.processes import TIMEOUTS
from mktcore.promotions import PROMOTIONS
from mktcore.taxes import TAX_RULES
from mktcore.unit_of_work import Committing, IdempotencyRecords, Outbox, Repositories, Repository, Store

__all__ = [
    "KINDS",
    "Clock",
    "Committing",
    "FiringUnit",
    "IdFactory",
    "IdempotencyRecords",
    "MerchantGateway",
    "Outbox",
    "PlacingUnit",
    "Repositories",
    "Repository",
    "SimulatingUnit",
    "Stock",
    "Stocking",
    "Store",
]

KINDS = (
    PRICE_TERMS,
    MERCHANTS,
    SKUS,
    TAX_RULES,
    SHIPPING_FEES,
    PRICE_SCHEDULES,
    ASSIGNMENTS,
    DIVERGENCE_RULES,
    OFFERS,
    PROMOTIONS,
    COMMISSION_RULES,
    MARKETPLACE_ORDERS,
    MERCHANT_ORDERS,
    PRICE_APPROVALS,
    TIMEOUTS,
    BUYERS,
    USERS,
    ROLES,
    RELATIONS,
    MEMBERSHIPS,
    SELLING_RIGHTS,
    AGREEMENTS,
    PROFILES,
    INVITATIONS,
    CLOSURES,
    FRESHNESS,
    MERCHANT_RATINGS,
    PENDING_REFRESHES,
    CATEGORIES,
    CATEGORY_TREES,
    PRODUCTS,
    SPECS,
    CATALOGS,
    CATALOG_PRODUCTS,
    CATALOG_ASSIGNMENTS,
    REVISIONS,
    MERCHANT_ITEMS,
    ITEM_POLICIES,
)
"""What a store keeps: one repository per kind."""
