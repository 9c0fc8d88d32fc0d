"""Every port of the library in one list, for the author of an adapter; defined in the contexts that need them."""

from mktcore.access import ROLES, USERS
from mktcore.carts import SimulatingUnit
from mktcore.catalog import CATALOGS, CATEGORIES, PRODUCTS, SKUS, SPECS
from mktcore.catalog.assortment import CATALOG_ASSIGNMENTS, CATALOG_PRODUCTS
from mktcore.catalog.category import CATEGORY_TREES
from mktcore.catalog.revision import REVISIONS
from mktcore.checkout import PlacingUnit
from mktcore.clock import Clock
from mktcore.commissions import COMMISSION_RULES
from mktcore.delivery import SHIPPING_FEES
from mktcore.ids import IdFactory
from mktcore.market_policy import PRICE_TERMS
from mktcore.merchant_items import MERCHANT_ITEMS
from mktcore.merchant_items.item_policy import ITEM_POLICIES
from mktcore.offers import CLOSURES, OFFERS, MerchantGateway
from mktcore.offers.buybox.merchant_ratings import MERCHANT_RATINGS
from mktcore.offers.refresh.freshness import FRESHNESS
from mktcore.offers.refresh.pending_refresh import PENDING_REFRESHES
from mktcore.orders import MARKETPLACE_ORDERS, MERCHANT_ORDERS
from mktcore.orders.firing import FiringUnit
from mktcore.orders.price_approvals.price_approval import PRICE_APPROVALS
from mktcore.parties import AGREEMENTS, MEMBERSHIPS, MERCHANTS
from mktcore.parties.onboarding.invitation import INVITATIONS
from mktcore.parties.organisations.buyer import BUYERS
from mktcore.parties.organisations.profile import PROFILES
from mktcore.parties.relations.relation import RELATIONS
from mktcore.parties.selling_rights.rights import SELLING_RIGHTS
from mktcore.persistence import Committing, Outbox, Repositories, Repository, Store
from mktcore.persistence.idempotency import IdempotencyRecords
from mktcore.pricing import ASSIGNMENTS, DIVERGENCE_RULES, PRICE_SCHEDULES
from mktcore.processes import TIMEOUTS
from mktcore.promotions import PROMOTIONS
from mktcore.stock import Stock, StockUnit
from mktcore.store_inspection import Inspected, Inspection
from mktcore.taxes import TAX_RULES

__all__ = [
    "KINDS",
    "Clock",
    "Committing",
    "FiringUnit",
    "IdFactory",
    "IdempotencyRecords",
    "Inspected",
    "Inspection",
    "MerchantGateway",
    "Outbox",
    "PlacingUnit",
    "Repositories",
    "Repository",
    "SimulatingUnit",
    "Stock",
    "StockUnit",
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
