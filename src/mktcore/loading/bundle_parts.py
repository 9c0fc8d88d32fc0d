"""Bundles as people write them in a cell: `camera; 2 x bag|case; category:films`. What is wrong names its part."""

import re

import attrs

from mktcore.errors import InvalidValue
from mktcore.promotions.line_filter import ANY_LINE
from mktcore.promotions.piece_selection import SetPart

__all__ = ["read_bundle"]

_PIECES = re.compile(r"([0-9]{1,4})\s*x\s+(.*)", re.DOTALL)
_KINDS = {"sku": "skus", "category": "categories", "brand": "brands", "merchant": "merchants"}
_REMEDY = "SKUs, or category:NAME, brand:NAME, merchant:NAME, one or other with |, 2 x before what is twice in a set"


def read_bundle(texts: tuple[str, ...]) -> tuple[SetPart, ...]:
    """Return the parts of a set.

    >>> [(part.pieces, part.of.skus, part.of.categories) for part in read_bundle(("camera", "2 x bag|case"))]
    [(1, ('camera',), ()), (2, ('bag', 'case'), ())]

    Args:
        texts: One for each part.

    Raises:
        InvalidValue: One of them is no part; it says which.
    """
    return tuple(_read_part(f"part {number}", text) for number, text in enumerate(texts, 1))


def _read_part(where: str, text: str) -> SetPart:
    counted = _PIECES.fullmatch(text.strip())
    pieces, names = (1, text.strip()) if counted is None else (int(counted[1]), counted[2].strip())
    if not pieces:
        raise InvalidValue("SetPart", where, text, "one piece, or more")
    found: dict[str, list[str]] = {}
    field = "skus"
    for name in names.split("|"):
        kind, colon, rest = name.strip().partition(":")
        # An id may hold colons: what is before the first is a kind only where it is one of these words.
        # It stays the kind of those after it: brand:Orlik|Solara.
        is_kind = bool(colon) and kind in _KINDS
        field, value = (_KINDS[kind], rest.strip()) if is_kind else (field, name.strip())
        if not value:
            raise InvalidValue("SetPart", where, text, _REMEDY)
        found.setdefault(field, []).append(value)
    if len(found) > 1:
        # A filter asks for all that it names: both a SKU and a brand would be fewer goods, not more.
        raise InvalidValue("SetPart", where, text, "names of one kind: SKUs, or categories, or brands")
    [(field, values)] = found.items()
    return SetPart(pieces, attrs.evolve(ANY_LINE, **{field: tuple(values)}))  # type: ignore[arg-type]  # all are texts
