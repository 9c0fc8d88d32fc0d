"""SKUs, products and categories, as people are shown them."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mktcore.catalog import CATEGORIES, PRODUCTS, SKUS, Category, Product, Sku
from mktcore.catalog.order_choices import SPECS, Choice, Spec
from mktcore.catalog.revision import REVISIONS, Revision
from mktcore.goods import Dimensions, Gtin, Measure, Media
from mktcore.views.figure_forms import ACTOR
from mktcore.views.form import Form, field, maybe
from mktcore.views.plain_fields import plain_fields
from mktcore.views.record_access import show_record
from mktcore.views.shapes import TEXT, Scalar, Shape

__all__ = ["CATEGORY", "MEDIA", "PRODUCT", "REVISION", "SKU", "SPEC"]

_DIGITS = Scalar(lambda gtin: gtin.digits, {"type": "string", "pattern": "^[0-9]{14}$"})
_MEASURE = Scalar(str, {"type": "string"})
_FACTOR = Scalar(str, {"type": "string", "pattern": r"^-?[0-9]+([./][0-9]+)?([eE][+-]?[0-9]+)?$"})
"""A whole number, a decimal, or two numbers with a slash between them: nothing is rounded."""
MEDIA = Form("Media", Media, plain_fields(Media, "reference", "kind", "text"))
_SIZE = Form(
    "Dimensions",
    Dimensions,
    plain_fields(Dimensions, "length", "width", "height", forms={Measure: _MEASURE}),
)
_GOODS: Mapping[Any, Shape] = {
    Gtin: _DIGITS,
    Measure: _MEASURE,
    Media: MEDIA,
    Dimensions: _SIZE,
    int | Decimal | Fraction: _FACTOR,
}
SKU = Form(
    "Sku",
    Sku,
    (
        *plain_fields(Sku, "id", "name", "product", "owner", "brand", "category", "tax_category", "description"),
        *plain_fields(
            Sku, "attributes", "gtin", "other_gtins", "mpn", "host_ids", "dimensions", "weight", forms=_GOODS
        ),
        *plain_fields(Sku, "unit", "unit_multiplier", "price", "media", "added_at", forms=_GOODS),
        field("content", _MEASURE, "How much one piece is."),
    ),
    about="One thing that can be bought, whoever sells it.",
    show=show_record(SKUS),
)
PRODUCT = Form(
    "Product",
    Product,
    plain_fields(
        Product,
        *("id", "name", "owner", "brand", "category", "tax_category", "description", "attributes", "specs", "media"),
        forms=_GOODS,
    ),
    show=show_record(PRODUCTS),
)
CATEGORY = Form(
    "Category",
    Category,
    (*plain_fields(Category, "id", "name"), maybe("parent", TEXT, "Id of the category it lies in; absent at the top.")),
    show=show_record(CATEGORIES),
)


SPEC = Form(
    "Spec",
    Spec,
    plain_fields(
        Spec,
        *("id", "name", "choices", "owner", "required", "several"),
        forms={Choice: Form("Choice", Choice, plain_fields(Choice, "key", "name"))},
    ),
    show=show_record(SPECS),
)


REVISION = Form(
    "Revision",
    Revision,
    (
        # What it was then is a record by itself, with a view of its own.
        *plain_fields(Revision, "kind", "record", "number", "change", "at", "note", "restored"),
        maybe("by", ACTOR, "Who changed it; absent where nobody did."),
    ),
    show=show_record(REVISIONS),
)
