"""The catalogue as lists."""

from mktcore.access.record_list import RecordList
from mktcore.catalog.assortment import (
    CATALOG_ASSIGNMENTS,
    CATALOG_PRODUCTS,
    CATALOGS,
    Catalog,
    CatalogAssignment,
    CatalogProduct,
)
from mktcore.catalog.category import CATEGORIES, Category
from mktcore.catalog.order_choices import SPECS, Spec
from mktcore.catalog.product import PRODUCTS, Product
from mktcore.catalog.sku import SKUS, Sku

__all__ = [
    "CatalogAssignmentList",
    "CatalogList",
    "CatalogProductList",
    "CategoryList",
    "ProductList",
    "SkuList",
    "SpecList",
]


class CategoryList(RecordList[Category]):
    """The categories, which everybody sees; those at the top have no parent."""

    kind, filters = CATEGORIES, ("parent",)


class ProductList(RecordList[Product]):
    """The products that the caller may see."""

    kind, filters = PRODUCTS, ("owner", "category")


class SkuList(RecordList[Sku]):
    """The SKUs that the caller may see; a merchant's own."""

    kind, filters = SKUS, ("owner", "category", "product", "gtin")


class SpecList(RecordList[Spec]):
    """The specs that the caller may see."""

    kind, filters = SPECS, ("owner",)


class CatalogList(RecordList[Catalog]):
    """The catalogs that the caller may see."""

    kind, filters = CATALOGS, ("owner",)


class CatalogProductList(RecordList[CatalogProduct]):
    """Which products are in which catalogs, as far as the caller may see them."""

    kind, filters = CATALOG_PRODUCTS, ("owner", "catalog", "product")


class CatalogAssignmentList(RecordList[CatalogAssignment]):
    """Which catalogs are shown to whom: the operator's all, a party's own."""

    kind, filters = CATALOG_ASSIGNMENTS, ("owner", "catalog", "buyer")
