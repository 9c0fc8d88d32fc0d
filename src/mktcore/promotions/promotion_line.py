"""A line as promotions see it."""

from collections.abc import Iterable, Mapping
from functools import cached_property

import attrs

from mktcore.money import Money
from mktcore.totals import Line

__all__ = ["PromotionLine", "list_places"]


@attrs.frozen
class PromotionLine:
    """A priced cart line.

    Attributes:
        line: What the totals compute with: its key, merchant, unit price and quantity.
        sku: The SKU.
        category: Its category; `photo/cameras` is a descendant of `photo`.
        ancestors: The categories that its category lies in, as the category tree says.
        brand: Its brand.
        attributes: Its attributes.
        on_sale: Whether it has a sale's price; None where nobody knows, as of goods in no cart.
        least_price: What a piece costs at least after all promotions; None for nothing.
        gift_of: The promotion whose gift it is; empty for what the buyer chose.
    """

    line: Line
    sku: str
    category: str = attrs.field(default="", kw_only=True)
    brand: str = attrs.field(default="", kw_only=True)
    attributes: Mapping[str, str] = attrs.field(factory=dict, hash=False, kw_only=True)
    ancestors: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    on_sale: bool | None = attrs.field(default=None, kw_only=True)
    least_price: Money | None = attrs.field(default=None, kw_only=True)
    gift_of: str = attrs.field(default="", kw_only=True)

    @cached_property
    def places(self) -> frozenset[str]:
        """The categories that it lies in: its own, those above it, and those that a path in text begins with."""
        return list_places(self.category, self.ancestors)


def list_places(category: str, ancestors: Iterable[str]) -> frozenset[str]:
    """Return the categories that goods lie in: their own, those above it, and those that a path in text begins with."""
    return frozenset([category, *ancestors, *[category[:end] for end, sign in enumerate(category) if sign == "/"]])
