"""The marketplace's own catalogue."""

from mktcore.catalog.assortment import CATALOGS, Assortment, Catalog, gather_assortment
from mktcore.catalog.category import CATEGORIES, Category, CategoryTree
from mktcore.catalog.order_choices import SPECS, Choice, Spec
from mktcore.catalog.product import PRODUCTS, Product
from mktcore.catalog.revision import Revision, compare_values
from mktcore.catalog.sku import SKUS, Sku
from mktcore.catalog.store_changes import CatalogRefused
from mktcore.catalog.use_cases import MarketCatalog

__all__ = [
    "CATALOGS",
    "CATEGORIES",
    "PRODUCTS",
    "SKUS",
    "SPECS",
    "Assortment",
    "Catalog",
    "CatalogRefused",
    "Category",
    "CategoryTree",
    "Choice",
    "MarketCatalog",
    "Product",
    "Revision",
    "Sku",
    "Spec",
    "compare_values",
    "gather_assortment",
]
