"""The marketplace's own catalogue."""

from typing import TYPE_CHECKING

from mktcore.catalog.assortment import (
    CATALOG_ASSIGNMENTS,
    CATALOG_PRODUCTS,
    CATALOGS,
    Assortment,
    Catalog,
    CatalogAssignment,
    CatalogProduct,
    gather_assortment,
)
from mktcore.catalog.cataloguing import Cataloguing, CataloguingUnit
from mktcore.catalog.category import CATEGORIES, CATEGORY_TREES, Category, CategoryTree
from mktcore.catalog.details import Dimensions, Media, MediaKind
from mktcore.catalog.gtin import Gtin, InvalidGtin
from mktcore.catalog.items import MERCHANT_ITEMS, MerchantItem, MerchantItems
from mktcore.catalog.measures import InvalidMeasure, Measure
from mktcore.catalog.product import PRODUCTS, Product
from mktcore.catalog.revision import REVISIONS, Revision, compare_values
from mktcore.catalog.saving import CatalogRefused
from mktcore.catalog.sku import SKUS, Sku
from mktcore.catalog.spec import SPECS, Choice, Spec, check_choices
from mktcore.catalog.units import Dimension, Unit, find_unit
from mktcore.lazy import load_lazily

if TYPE_CHECKING:
    from mktcore.catalog.matcher import Matcher

__all__ = [
    "CATALOGS",
    "CATALOG_ASSIGNMENTS",
    "CATALOG_PRODUCTS",
    "CATEGORIES",
    "CATEGORY_TREES",
    "MERCHANT_ITEMS",
    "PRODUCTS",
    "REVISIONS",
    "SKUS",
    "SPECS",
    "Assortment",
    "Catalog",
    "CatalogAssignment",
    "CatalogProduct",
    "CatalogRefused",
    "Cataloguing",
    "CataloguingUnit",
    "Category",
    "CategoryTree",
    "Choice",
    "Dimension",
    "Dimensions",
    "Gtin",
    "InvalidGtin",
    "InvalidMeasure",
    "Matcher",
    "Measure",
    "Media",
    "MediaKind",
    "MerchantItem",
    "MerchantItems",
    "Product",
    "Revision",
    "Sku",
    "Spec",
    "Unit",
    "check_choices",
    "compare_values",
    "find_unit",
    "gather_assortment",
]

__getattr__ = load_lazily(__name__, {"Matcher": "mktcore.catalog.matcher"})
