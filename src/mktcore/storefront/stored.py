"""What the storefront stores: when a projection has to look at a SKU again."""

from mktcore.persistence.stored import Stored
from mktcore.storefront.search_engine_listing import LISTINGS_DUE, ListingDue

__all__ = ["STORED"]

STORED = (Stored("storefront.listing-due", 1, ListingDue, kind=LISTINGS_DUE),)
