"""Checking what a merchant sends: every problem at once."""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, ClassVar

import attrs

from mktcore.errors import MktcoreError, Refused
from mktcore.goods import Dimension, Dimensions, Gtin, InvalidMeasure, Measure, Media
from mktcore.goods.attributes import check_attributes
from mktcore.goods.dimensions import check_weight
from mktcore.goods.safe_text import MAX_CATEGORY, MAX_DESCRIPTION, MAX_NAME, check_text
from mktcore.ids import check_own_id
from mktcore.merchant_items.merchant_item import MerchantItem
from mktcore.money import Currency, Money
from mktcore.notice import Notice

__all__ = [
    "ItemRefused",
    "find_dimensions",
    "find_field_problems",
    "find_item_problems",
    "find_missing_fields",
    "find_weight",
    "parse_dimensions",
    "replace_mistyped",
]

MAX_BRAND = 200
MAX_MPN = 100
MAX_MEDIA = 50
SIDES = 3
MISTYPED = "catalog.mistyped-field"
REQUIRABLE = (
    "name",
    "brand",
    "gtin",
    "mpn",
    "category",
    "description",
    "size",
    "weight",
    "dimensions",
    "price",
    "group",
    "media",
)
"""Fields that a policy can ask for; `"gtin or mpn"` asks for one of the two."""


@attrs.define(eq=False, slots=False)
class ItemRefused(Refused):
    """What a merchant sent cannot be taken: `problems` lists everything that is wrong with it."""

    code: ClassVar[str] = "catalog.item-refused"


def parse_dimensions(text: str) -> Dimensions:
    """Return length, width and height from a text of three numbers and a unit.

    >>> print(parse_dimensions("30 x 20 x 10 cm").height)
    10 cm

    Raises:
        InvalidMeasure: It says something else.
        InvalidValue: The unit is no length.
    """
    # Merchants write the multiplication sign as well as the letter.
    parts = [part.strip() for part in text.casefold().replace("\u00d7", "x").split("x")]
    if len(parts) != SIDES:
        raise InvalidMeasure(text[:100], "not three sides")
    height = Measure.parse(parts[-1])
    # The last side names the unit of those that name none: 30 x 20 x 10 cm.
    length, width = [Measure.find(part) or Measure.parse(f"{part} {height.unit}") for part in parts[:-1]]
    return Dimensions(length, width, height)


def find_dimensions(text: str) -> Dimensions | None:
    """Return length, width and height from a text, or None where it says none that can be."""
    try:
        return parse_dimensions(text)
    except MktcoreError:
        return None


def find_weight(text: str) -> Measure | None:
    """Return the weight that a text says, or None where it says none that can be."""
    found = Measure.find(text)
    return found if found is not None and found.dimension is Dimension.MASS else None


def find_item_problems(item: MerchantItem, required: Collection[str], currency: Currency) -> Iterator[Notice]:
    """Yield everything that is wrong with what a merchant sends; `sift_item` tells what of it refuses the item.

    >>> item = MerchantItem("acme", "A-17", "", gtin="4548736133731", size="1 parsec")
    >>> for problem in find_item_problems(item, ["name", "brand"], Currency.of("EUR")):
    ...     print(problem.where, problem.code)
    name catalog.field-missing
    brand catalog.field-missing
    gtin catalog.invalid-gtin
    size catalog.invalid-measure

    Args:
        item: What it sends.
        required: Fields that the marketplace asks for; `"gtin or mpn"` asks for either.
        currency: The marketplace's.
    """
    yield from find_missing_fields(item, required)
    yield from find_field_problems(item, currency)


def find_missing_fields(
    item: MerchantItem, required: Collection[str], *, unreadable: Collection[str] = frozenset()
) -> Iterator[Notice]:
    """Yield what the marketplace asks for and the item does not have.

    Args:
        item: What a merchant sends.
        required: Fields that the marketplace asks for; `"gtin or mpn"` asks for either.
        unreadable: Fields that do not count, whatever they hold.
    """
    for asked in required:
        names = [name.strip() for name in asked.split(" or ")]
        if not any(name not in unreadable and _is_given(getattr(item, name)) for name in names):
            remedy = "send it; the marketplace asks for it"
            yield Notice("catalog.field-missing", asked, f"there is no {asked}", remedy=remedy)


def find_field_problems(item: MerchantItem, currency: Currency) -> Iterator[Notice]:
    """Yield what is wrong with each field by itself; `where` begins with the field's name."""
    mistyped = tuple(_find_mistyped(item))
    yield from mistyped
    # Every check below relies on the types, and would raise instead of telling.
    typed = replace_mistyped(item, mistyped)
    for field, check in _CHECKS:
        try:
            check(typed)
        except MktcoreError as error:
            yield error.to_notice(field)
    if typed.price is not None and (typed.price.currency != currency or typed.price.is_negative()):
        message = f"{typed.price} is no price of this marketplace"
        yield Notice("catalog.invalid-price", "price", message, remedy=f"send an amount of zero or more in {currency}")


def replace_mistyped(item: MerchantItem, problems: Iterable[Notice]) -> MerchantItem:
    """Return an item without what holds something of another type than its field."""
    places = [problem.where for problem in problems if problem.code == MISTYPED]
    changes: dict[str, Any] = dict.fromkeys((field for field in _TEXTS if field in places), "")
    if "price" in places:
        changes["price"] = None
    if any(place.startswith("attributes.") for place in places):
        typed = {name: text for name, text in item.attributes.items() if _are_texts(name, text)}
        changes["attributes"] = typed
    if any(place.startswith("media") for place in places):
        media = item.media if isinstance(item.media, (tuple, list)) else ()
        changes["media"] = tuple(reference for reference in media if isinstance(reference, str))
    return attrs.evolve(item, **changes) if changes else item


def _are_texts(*values: object) -> bool:
    return all(isinstance(value, str) for value in values)


_TEXTS = ("name", "brand", "gtin", "mpn", "category", "description", "size", "weight", "dimensions", "group")


def _find_mistyped(item: MerchantItem) -> Iterator[Notice]:
    """Yield the fields that hold something of another type, as a host that reads a feed of its own may give."""
    kinds: list[tuple[str, object, type]] = [(name, getattr(item, name), str) for name in _TEXTS]
    kinds += [
        (f"attributes.{name}", value if isinstance(name, str) else name, str) for name, value in item.attributes.items()
    ]
    kinds += [("price", item.price, Money)] if item.price is not None else []
    kinds += [("media", item.media, tuple)]
    if isinstance(item.media, tuple):
        kinds += [(f"media[{place}]", reference, str) for place, reference in enumerate(item.media)]
    for field, value, kind in kinds:
        if not isinstance(value, kind):
            message = f"a {type(value).__name__} is no {'text' if kind is str else kind.__name__}"
            yield Notice(MISTYPED, field, message, remedy="send it as text; a price as Money")


def _is_given(value: object) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value is not None and value != ()


def _check_media(item: MerchantItem) -> None:
    # Counted as letters: too many are refused in the words of any field that is too long.
    check_text("MerchantItem", "media", "x" * len(item.media), longest=MAX_MEDIA)
    for reference in item.media:
        Media(reference)


def _check_size(text: str) -> None:
    if text:
        Measure.parse(text)


_CHECKS: tuple[tuple[str, Callable[[MerchantItem], object]], ...] = (
    ("item_id", lambda item: check_own_id("merchant item", item.item_id)),
    ("name", lambda item: check_text("MerchantItem", "name", item.name, longest=MAX_NAME)),
    ("brand", lambda item: check_text("MerchantItem", "brand", item.brand, longest=MAX_BRAND)),
    ("gtin", lambda item: Gtin.parse(item.gtin) if item.gtin else None),
    ("mpn", lambda item: check_text("MerchantItem", "mpn", item.mpn, longest=MAX_MPN)),
    ("category", lambda item: check_text("MerchantItem", "category", item.category, longest=MAX_CATEGORY)),
    ("description", lambda item: check_text("MerchantItem", "description", item.description, longest=MAX_DESCRIPTION)),
    ("attributes", lambda item: check_attributes("MerchantItem", "attributes", item.attributes)),
    ("size", lambda item: _check_size(item.size)),
    ("weight", lambda item: check_weight("MerchantItem", Measure.parse(item.weight) if item.weight else None)),
    ("dimensions", lambda item: parse_dimensions(item.dimensions) if item.dimensions else None),
    ("group", lambda item: check_text("MerchantItem", "group", item.group, longest=MAX_NAME)),
    ("media", _check_media),
)
"""By field, what refuses it."""
