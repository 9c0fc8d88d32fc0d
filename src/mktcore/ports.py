"""Every port of the library in one list, and all that it stores, for the author of an adapter."""

from mktcore.access.stored import STORED as ACCESS
from mktcore.cancellations.stored import STORED as CANCELLATIONS
from mktcore.carts.stored import STORED as CARTS
from mktcore.catalog.stored import STORED as CATALOG
from mktcore.channels.stored import STORED as CHANNELS
from mktcore.checkout.stored import STORED as CHECKOUT
from mktcore.clock import Clock
from mktcore.commissions.stored import STORED as COMMISSIONS
from mktcore.delivery.stored import STORED as DELIVERY
from mktcore.feeds.stored import STORED as FEEDS
from mktcore.forwarded_orders.stored import STORED as FORWARDED_ORDERS
from mktcore.ids import IdFactory
from mktcore.ledger import Ledger, LedgerUnit
from mktcore.ledger.stored import STORED as LEDGER
from mktcore.matching.stored import STORED as MATCHING
from mktcore.merchant_items.stored import STORED as MERCHANT_ITEMS
from mktcore.offers import MerchantGateway
from mktcore.offers.stored import STORED as OFFERS
from mktcore.order_notes.stored import STORED as ORDER_NOTES
from mktcore.order_thresholds.stored import STORED as ORDER_THRESHOLDS
from mktcore.orders.stored import STORED as ORDERS
from mktcore.parties.stored import STORED as PARTIES
from mktcore.payments.stored import STORED as PAYMENTS
from mktcore.persistence import Committing, Outbox, Repositories, Repository, Store
from mktcore.persistence.ground_stored import STORED as GROUND
from mktcore.persistence.idempotency_records import IdempotencyRecords
from mktcore.persistence.joinable_store import Joinable
from mktcore.persistence.stored import Stored, list_kinds
from mktcore.postings.stored import STORED as POSTINGS
from mktcore.pricing.stored import STORED as PRICING
from mktcore.processes.stored import STORED as PROCESSES
from mktcore.promotions.stored import STORED as PROMOTIONS
from mktcore.status_updates.stored import STORED as STATUS_UPDATES
from mktcore.stock import MarketUnit, Stock, StockUnit
from mktcore.stock.stored import STORED as STOCK
from mktcore.store_inspection import Inspected, Inspection
from mktcore.storefront.stored import STORED as STOREFRONT
from mktcore.taxes.stored import STORED as TAXES

__all__ = [
    "KINDS",
    "STORED",
    "Clock",
    "Committing",
    "IdFactory",
    "IdempotencyRecords",
    "Inspected",
    "Inspection",
    "Joinable",
    "Ledger",
    "LedgerUnit",
    "MarketUnit",
    "MerchantGateway",
    "Outbox",
    "Repositories",
    "Repository",
    "Stock",
    "StockUnit",
    "Store",
]

STORED: tuple[Stored, ...] = (
    *GROUND,
    *PROCESSES,
    *ACCESS,
    *LEDGER,
    *PARTIES,
    *CATALOG,
    *MERCHANT_ITEMS,
    *MATCHING,
    *TAXES,
    *FEEDS,
    *ORDER_THRESHOLDS,
    *CHANNELS,
    *PAYMENTS,
    *DELIVERY,
    *PRICING,
    *STOCK,
    *OFFERS,
    *PROMOTIONS,
    *COMMISSIONS,
    *POSTINGS,
    *CARTS,
    *STOREFRONT,
    *ORDERS,
    *ORDER_NOTES,
    *CANCELLATIONS,
    *STATUS_UPDATES,
    *CHECKOUT,
    *FORWARDED_ORDERS,
)
"""Every type that is stored or published, room by room from the ground up, with its tag and its present version.

A tag lives for ever; when a field changes its meaning, its name or its type, the version rises and an up-caster is
declared for the one before. A new field with a default needs neither.
"""

KINDS = list_kinds(STORED)
"""What a store keeps: one repository per kind."""
