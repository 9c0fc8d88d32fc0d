"""The marketplace's own catalogue under one name: `market.catalog`."""

import attrs

from mktcore.catalog.use_cases.assortments import Assortments
from mktcore.catalog.use_cases.categories import Categories
from mktcore.catalog.use_cases.history import RecordHistory
from mktcore.catalog.use_cases.products import Products
from mktcore.catalog.use_cases.skus import Skus

__all__ = ["Assortments", "Categories", "MarketCatalog", "Products", "RecordHistory", "Skus"]


@attrs.frozen(slots=False)
class MarketCatalog(Categories, Products, Skus, Assortments, RecordHistory):
    """The catalogue of the operator and its merchants. Every call takes the scope of who asks.

    Who may write, and who sees what, is the ownership matrix's; categories are the operator's, and everybody sees them.

    Attributes:
        runtime: Where it is kept, and what time it is.
    """
