"""What the catalogue stores and publishes."""

from mktcore.catalog.assortment import (
    CATALOG_ASSIGNMENTS,
    CATALOG_PRODUCTS,
    CATALOGS,
    Catalog,
    CatalogAssignment,
    CatalogProduct,
)
from mktcore.catalog.category import CATEGORIES, CATEGORY_TREES, Category, TreeGuard
from mktcore.catalog.events import CatalogChanged, CategoryChanged, ProductChanged, SkuChanged, SpecChanged
from mktcore.catalog.order_choices import SPECS, Spec
from mktcore.catalog.product import PRODUCTS, Product
from mktcore.catalog.revision import REVISIONS, Revision
from mktcore.catalog.sku import SKUS, Sku
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]

STORED = (
    Stored("catalog.sku", 1, Sku, kind=SKUS),
    Stored("catalog.product", 1, Product, kind=PRODUCTS),
    Stored("catalog.spec", 1, Spec, kind=SPECS),
    Stored("catalog.category", 1, Category, kind=CATEGORIES),
    Stored("catalog.category-tree", 1, TreeGuard, kind=CATEGORY_TREES),
    Stored("catalog.catalog", 1, Catalog, kind=CATALOGS),
    Stored("catalog.catalog-product", 1, CatalogProduct, kind=CATALOG_PRODUCTS),
    Stored("catalog.catalog-assignment", 1, CatalogAssignment, kind=CATALOG_ASSIGNMENTS),
    Stored("catalog.revision", 1, Revision, kind=REVISIONS),
    Stored("catalog.product-changed", 1, ProductChanged),
    Stored("catalog.sku-changed", 1, SkuChanged),
    Stored("catalog.spec-changed", 1, SpecChanged),
    Stored("catalog.category-changed", 1, CategoryChanged),
    Stored("catalog.catalog-changed", 1, CatalogChanged),
)
