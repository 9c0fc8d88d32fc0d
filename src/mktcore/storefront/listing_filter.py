"""What a page of the storefront is asked for: by seller, category, attribute, price and the rest."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import attrs

from mktcore.catalog import Sku
from mktcore.catalog.inherited_goods import GoodsNature
from mktcore.errors import InvalidValue
from mktcore.money import Currency, Money
from mktcore.offers import Condition
from mktcore.persistence.errors import InvalidColumn
from mktcore.pricing import PriceResolution

__all__ = ["ListingFilter", "PriceRange"]


@attrs.frozen(kw_only=True)
class PriceRange:
    """Prices of a piece between two amounts, both of which belong to it; None leaves that side open.

    Attributes:
        at_least: The lowest.
        at_most: The highest.
    """

    at_least: Money | None = None
    at_most: Money | None = None

    def holds(self, minor: Fraction) -> bool:
        """Tell whether a price lies in it, in minor units and unrounded."""
        return (self.at_least is None or minor >= self.at_least.minor) and (
            self.at_most is None or minor <= self.at_most.minor
        )


@attrs.frozen(kw_only=True)
class ListingFilter:
    """Which entries a page has; what is None, or empty, narrows nothing.

    Attributes:
        merchant: Only what this merchant sells.
        category: Only what is of this category, or of one below it.
        product: Only variants of this product, or the SKU of this id where it belongs to none.
        brand: Only of this brand.
        attributes: Only with these values, by attribute.
        condition: Only what some offer has in this condition.
        price: Only where the leading offer's price of a piece lies in this.
        is_available: Only what can be had now, or only what cannot.
    """

    merchant: str | None = None
    category: str | None = None
    product: str | None = None
    brand: str | None = None
    attributes: Mapping[str, str] = attrs.field(factory=dict)
    condition: Condition | None = None
    price: PriceRange | None = None
    is_available: bool | None = None

    @classmethod
    def of(cls, where: Mapping[str, object] | None, currency: Currency) -> "ListingFilter":
        """Check what is asked for.

        >>> from mktcore.money import Money
        >>> euro = Money.of("1.00", "EUR").currency
        >>> asked = ListingFilter.of({"category": "photo", "condition": "new"}, euro)
        >>> asked.category, asked.condition
        ('photo', <Condition.NEW: 'new'>)

        Args:
            where: By the names of the attributes.
            currency: The market's.

        Raises:
            InvalidColumn: There is no such filter.
            InvalidValue: It is asked for a value that it cannot have.
        """
        given: dict[str, Any] = dict(where or {})
        unknown = sorted(given.keys() - {field.name for field in attrs.fields(cls)})
        if unknown:
            known = ", ".join(field.name for field in attrs.fields(cls))
            raise InvalidColumn("storefront", unknown[0], f"there is none; there are {known}")
        if given.get("price") is not None:
            _check_price(given["price"], currency)
        if given.get("condition") is not None:
            given["condition"] = _to_condition(given["condition"])
        return cls(**given)

    def __attrs_post_init__(self) -> None:
        for name in ("merchant", "category", "product", "brand"):
            if not isinstance(getattr(self, name), str | None):
                raise InvalidValue("ListingFilter", name, getattr(self, name), "a text")
        if not isinstance(self.attributes, Mapping):
            raise InvalidValue("ListingFilter", "attributes", self.attributes, 'a mapping: {"colour": "red"}')
        if not isinstance(self.is_available, bool | None):
            raise InvalidValue("ListingFilter", "is_available", self.is_available, "True or False")

    def takes_goods(self, sku: Sku, nature: GoodsNature) -> bool:
        """Tell whether goods are asked for, whoever sells them."""
        return (
            (self.product is None or self.product == sku.product_id)
            and (self.brand is None or self.brand == nature.brand)
            and (self.category is None or nature.lies_in(self.category))
            and all(nature.attributes.get(name) == value for name, value in self.attributes.items())
        )

    def takes_price(self, price: PriceResolution | None) -> bool:
        """Tell whether a leading price is asked for; None where there is none, which lies in no range."""
        if self.price is None:
            return True
        return price is not None and self.price.holds(price.exact_unit_minor)


def _check_price(price: object, currency: Currency) -> None:
    if not isinstance(price, PriceRange):
        raise InvalidValue("ListingFilter", "price", price, "a PriceRange")
    wrong = [end for end in (price.at_least, price.at_most) if end is not None and end.currency != currency]
    if wrong:
        raise InvalidValue("ListingFilter", "price", wrong[0], f"amounts in {currency}")


def _to_condition(condition: str) -> Condition:
    try:
        return Condition(condition)
    except ValueError:
        known = ", ".join(Condition)
        raise InvalidValue("ListingFilter", "condition", condition, f"one of {known}") from None
