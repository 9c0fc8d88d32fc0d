"""Sifting what a merchant sends: one field that cannot be read does not keep the others out."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

import attrs

from mktcore.errors import MktcoreError
from mktcore.goods import Media
from mktcore.goods.attributes import MAX_ATTRIBUTES, check_attributes
from mktcore.goods.safe_text import MAX_CATEGORY, MAX_DESCRIPTION, MAX_NAME, show_hidden
from mktcore.merchant_items.check_item import (
    MAX_BRAND,
    MAX_MEDIA,
    MAX_MPN,
    find_field_problems,
    find_missing_fields,
    replace_mistyped,
)
from mktcore.merchant_items.merchant_item import MerchantItem
from mktcore.money import Currency
from mktcore.notice import Notice

__all__ = ["SiftedItem", "sift_item"]

MAX_KEPT = 160
"""Characters of a text that is kept although it cannot be read, for a person to look at."""
MAX_LINES = 40
MAX_LINE = 500
ESSENTIAL = frozenset({"item_id"})
"""Fields without which nobody could speak of the item."""
PROSE = frozenset({"name", "category", "description"})
"""Fields of which the beginning says nearly as much."""
UNREAD = frozenset({"gtin", "size", "weight", "dimensions"})
"""Fields that are kept as the text that they are, and do not count as sent."""


@attrs.frozen
class SiftedItem:
    """What can be received of what a merchant sends.

    Attributes:
        item: Without what cannot be kept.
        problems: Everything that is wrong with what was sent, by field.
        is_refused: Whether nothing is received: its own id cannot be one, or it lacks what the marketplace asks for.
    """

    item: MerchantItem
    problems: tuple[Notice, ...]
    is_refused: bool

    @property
    def lines(self) -> tuple[str, ...]:
        """The problems as lines of text, bounded as what is stored must be."""
        return tuple(show_hidden(str(problem))[:MAX_LINE] for problem in self.problems[:MAX_LINES])


def sift_item(item: MerchantItem, required: Collection[str], currency: Currency) -> SiftedItem:
    """Return what of an item is received, and what is wrong with it.

    A number, a measure or dimensions that cannot be read are kept as the text that they are. A name, a category or a
    description that is too long is cut, one that hides something shows it as a blank. Anything else is left out.

    >>> from mktcore.money import Money
    >>> pot = MerchantItem("acme", "P 7", "Pot", weight="0 g", price=Money.of("9.00", "USD"))
    >>> sifted = sift_item(pot, ["name"], Currency.of("EUR"))
    >>> [problem.where for problem in sifted.problems], sifted.is_refused, sifted.item.weight, sifted.item.price
    (['weight', 'price'], False, '0 g', None)

    Args:
        item: What a merchant sends.
        required: Fields that the marketplace asks for; `"gtin or mpn"` asks for either.
        currency: The marketplace's.
    """
    found = tuple(find_field_problems(item, currency))
    typed = replace_mistyped(item, found)
    faulty = {_name_field(problem) for problem in found}
    mended: dict[str, Any] = {field: mend(typed) for field, mend in _MENDERS.items() if field in faulty}
    kept = attrs.evolve(typed, **mended)
    missing = tuple(find_missing_fields(kept, required, unreadable=faulty & UNREAD))
    # What is there and cannot be read is told as that, and not as missing too.
    told = tuple(problem for problem in missing if not any(field in problem.where.split() for field in faulty))
    return SiftedItem(kept, told + found, is_refused=bool(missing) or not faulty.isdisjoint(ESSENTIAL))


def _name_field(problem: Notice) -> str:
    return problem.where.partition(".")[0].partition("[")[0]


def _mend_text(item: MerchantItem, *, field: str, longest: int) -> str:
    shown = show_hidden(getattr(item, field))
    # Half a brand or half a part number is another one.
    return shown[:longest] if field in PROSE else shown if len(shown) <= longest else ""


def _mend_unread(item: MerchantItem, *, field: str) -> str:
    text: str = show_hidden(getattr(item, field))
    return text if len(text) <= MAX_KEPT else ""


def _mend_attributes(item: MerchantItem) -> Mapping[str, str]:
    sound = {}
    for name, text in item.attributes.items():
        try:
            check_attributes("MerchantItem", "attributes", {name: text})
        except MktcoreError:
            continue
        sound[name] = text
    return dict(list(sound.items())[:MAX_ATTRIBUTES])


def _mend_media(item: MerchantItem) -> tuple[str, ...]:
    sound = []
    for reference in item.media:
        try:
            Media(reference)
        except MktcoreError:
            continue
        sound.append(reference)
    return tuple(sound[:MAX_MEDIA])


_LIMITS = {
    "name": MAX_NAME,
    "brand": MAX_BRAND,
    "mpn": MAX_MPN,
    "category": MAX_CATEGORY,
    "description": MAX_DESCRIPTION,
    "group": MAX_NAME,
}
_MENDERS: Mapping[str, Callable[[MerchantItem], object]] = {
    **{field: partial(_mend_text, field=field, longest=longest) for field, longest in _LIMITS.items()},
    **{field: partial(_mend_unread, field=field) for field in sorted(UNREAD)},
    "attributes": _mend_attributes,
    "media": _mend_media,
    "price": lambda _: None,
}
"""By field, what is kept of one with a problem."""
