"""What belongs to a catalogue beside its goods, as people are shown it: specs, catalogs, revisions."""

from mktcore.catalog.assortment import (
    CATALOG_ASSIGNMENTS,
    CATALOG_PRODUCTS,
    CATALOGS,
    Catalog,
    CatalogAssignment,
    CatalogProduct,
)
from mktcore.views.form import Form
from mktcore.views.plain_fields import plain_fields
from mktcore.views.record_access import show_record

__all__ = ["CATALOG", "CATALOG_ASSIGNMENT", "CATALOG_PRODUCT"]

CATALOG = Form("Catalog", Catalog, plain_fields(Catalog, "id", "name", "owner"), show=show_record(CATALOGS))
CATALOG_ASSIGNMENT = Form(
    "CatalogAssignment",
    CatalogAssignment,
    plain_fields(CatalogAssignment, "id", "catalog", "owner", "buyer"),
    show=show_record(CATALOG_ASSIGNMENTS),
)


CATALOG_PRODUCT = Form(
    "CatalogProduct",
    CatalogProduct,
    plain_fields(CatalogProduct, "id", "catalog", "product", "owner"),
    show=show_record(CATALOG_PRODUCTS),
)
