"""Reading what the files say of goods beside their ids and names."""

from collections.abc import Iterable
from typing import Any

from mktcore.goods import Gtin, Measure, Media, Unit, find_unit
from mktcore.goods.safe_text import MAX_DESCRIPTION
from mktcore.loading.row_fields import RowFields
from mktcore.merchant_items.check_item import parse_dimensions

__all__ = ["MAX_CATEGORY", "find_told", "parse_attributes", "read_attributes", "read_details", "read_packing"]

MAX_CATEGORY = 500
"""Characters in a SKU's category; stores find SKUs by it."""
_TOLD = frozenset(
    {
        *("name", "brand", "category", "tax_category", "product", "description", "attributes", "gtin", "mpn"),
        *("unit", "unit_multiplier", "weight", "dimensions", "media"),
    }
)
"""Columns that are fields of a product or SKU under the same name: those a file has replace what is known."""


def find_told(columns: Iterable[str]) -> frozenset[str]:
    """Return the fields of products or SKUs that a file with these columns tells."""
    return _TOLD & frozenset(columns)


def read_details(fields: RowFields) -> dict[str, Any]:
    """Return what products and SKUs have in common, by field."""
    media = fields.read("media", longest=MAX_DESCRIPTION)
    return {
        "brand": fields.text("brand"),
        "category": fields.text("category", longest=MAX_CATEGORY),
        "description": fields.text("description", longest=MAX_DESCRIPTION),
        "attributes": read_attributes(fields, "attributes"),
        "media": fields.join(("media",), lambda: [Media(one) for one in media.split()]) or (),
    }


def read_attributes(fields: RowFields, column: str) -> dict[str, str]:
    """Return the attributes that a column lists: `mount=E; colour=black`."""
    text = fields.text(column, longest=MAX_DESCRIPTION)
    found = parse_attributes(text)
    if found is None:
        fields.fault(column, f"{text[:40]!r} is no list of attributes", "write mount=E; colour=black")
    return found or {}


def parse_attributes(text: str) -> dict[str, str] | None:
    """Return attributes from a text, or None when it is not of this form.

    >>> parse_attributes("mount=E; colour=black"), parse_attributes("mount")
    ({'mount': 'E', 'colour': 'black'}, None)
    """
    found: dict[str, str] = {}
    for pair in text.split(";"):
        name, sign, value = (part.strip() for part in pair.partition("="))
        # A name that stands twice is a slip: nobody can tell which value is meant.
        if name and sign and name not in found:
            found[name] = value
        elif pair.strip():
            return None
    return found


def read_packing(fields: RowFields) -> dict[str, Any]:
    """Return what SKUs have beside that, by field."""
    texts = {name: fields.read(name) for name in ("gtin", "weight", "dimensions", "unit")}
    unit = find_unit(texts["unit"]) if texts["unit"] else Unit.PIECE
    if unit is None:
        fields.fault("unit", f"there is no unit {texts['unit'][:40]!r}", f"one of {', '.join(Unit)}")
    multiplier = fields.decimal("unit_multiplier") if fields.read("unit_multiplier") else 1
    if multiplier == 0:
        fields.fault("unit_multiplier", "it is zero", "how much of the unit one piece is")
    return {
        "gtin": fields.join(("gtin",), lambda: Gtin.parse(texts["gtin"])) if texts["gtin"] else None,
        "mpn": fields.text("mpn"),
        "unit": unit,
        "unit_multiplier": multiplier,
        "weight": fields.join(("weight",), lambda: Measure.parse(texts["weight"])) if texts["weight"] else None,
        "dimensions": fields.join(("dimensions",), lambda: parse_dimensions(texts["dimensions"]))
        if texts["dimensions"]
        else None,
    }
