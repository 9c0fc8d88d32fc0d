"""Lanes: orders in which a page walks along SKUs by an index, so that what it passes over is little.

A place is where a walk stands: the text from which a lane goes on. It names a SKU, an offer or a product.
"""

import json
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

import attrs

from mktcore.catalog import PRODUCTS, SKUS, Product, Sku
from mktcore.catalog.category import to_aisle_range
from mktcore.offers import OFFERS, Offer
from mktcore.persistence import Repositories
from mktcore.persistence.errors import InvalidCursor
from mktcore.persistence.kinds import Wanted
from mktcore.persistence.queries import build_query

__all__ = ["InheritingLane", "Lane", "MetSku", "OfferLane", "SkuLane"]

Owns = Callable[[str], bool]
"""Tells whether goods of a category are met in a lane, as several lanes may pass them."""


@attrs.frozen
class MetSku:
    """A SKU where a walk meets it, and the place behind it."""

    sku: Sku
    place: str


class Lane(Protocol):
    """An order of SKUs."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What cursors call it."""

    @abstractmethod
    def read(self, unit: Repositories, after: str | None, limit: int) -> tuple[Sequence[MetSku], str | None]:
        """Return the next SKUs, and the place behind all that was looked at; None at the end.

        Raises:
            InvalidCursor: The place is none of this lane.
        """


@attrs.frozen
class SkuLane:
    """SKUs as a column of theirs has them.

    Attributes:
        name: What cursors call it.
        where: Which SKUs.
        order: As `Repository.page` takes it.
        owns: Which of them are met in this lane, by their own category.
    """

    name: str
    where: Mapping[str, Wanted] = attrs.field(factory=dict)
    order: str | None = None
    owns: Owns | None = None

    def read(self, unit: Repositories, after: str | None, limit: int) -> tuple[Sequence[MetSku], str | None]:
        """Return the next SKUs in one call."""
        page = unit.repository(SKUS).page(self.where, order=self.order, after=after, limit=limit)
        query = build_query(SKUS, self.where, order=self.order)
        met = [sku for sku in page.items if self.owns is None or self.owns(sku.category)]
        return [MetSku(sku, query.name_position(sku)) for sku in met], page.next


@attrs.frozen
class OfferLane:
    """What a merchant sells, in the order of its offers' ids; a SKU is met at the first of them."""

    merchant: str

    @property
    def name(self) -> str:
        """What cursors call it."""
        return "merchant"

    def read(self, unit: Repositories, after: str | None, limit: int) -> tuple[Sequence[MetSku], str | None]:
        """Return the next SKUs in three calls."""
        page = unit.repository(OFFERS).page({"merchant": self.merchant}, after=after, limit=limit)
        skus = unit.repository(SKUS).find_many({offer.sku for offer in page.items})
        firsts = _find_firsts(unit, self.merchant, skus)
        met = [offer for offer in page.items if firsts.get(offer.sku) == offer.id]
        return [MetSku(skus[offer.sku], offer.id) for offer in met], page.next


def _find_firsts(unit: Repositories, merchant: str, skus: Iterable[str]) -> dict[str, str]:
    """Return the first of a merchant's offers of each SKU."""
    firsts: dict[str, str] = {}
    # In the order of ids.
    found: Sequence[Offer] = unit.repository(OFFERS).find_where("sku", set(skus))
    for offer in found:
        if offer.merchant == merchant:
            firsts.setdefault(offer.sku, offer.id)
    return firsts


@attrs.frozen
class InheritingLane:
    """Variants that leave their category to their product, in the order of the products.

    Attributes:
        name: What cursors call it.
        category: The products' category; products of paths of text below it are passed too.
        owns: Which products are met in this lane, by their category.
    """

    name: str
    category: str
    owns: Owns

    def read(self, unit: Repositories, after: str | None, limit: int) -> tuple[Sequence[MetSku], str | None]:
        """Return the variants of the next products in two calls."""
        former, last = _read_place(after)
        where = {"aisle": to_aisle_range(self.category)}
        page = unit.repository(PRODUCTS).page(where, after=former, limit=limit)
        products = [one for one in page.items if self.owns(one.category)]
        variants = self._group_variants(unit, products)
        query = build_query(PRODUCTS, where)
        standings: list[MetSku] = []
        for product in page.items:
            # Of the product that the page before ended in, only what it left.
            left = [sku for sku in variants.get(product.id, ()) if product is not page.items[0] or sku.id > last]
            standings += [MetSku(sku, json.dumps([former, sku.id])) for sku in left]
            former = query.name_position(product)
        return standings, None if page.next is None else json.dumps([page.next, ""])

    @staticmethod
    def _group_variants(unit: Repositories, products: Sequence[Product]) -> dict[str, list[Sku]]:
        groups: dict[str, list[Sku]] = {}
        found = unit.repository(SKUS).find_where("product", [one.id for one in products]) if products else ()
        for sku in found:
            if sku.product is not None and not sku.category:
                groups.setdefault(sku.product, []).append(sku)
        return groups


def _read_place(place: str | None) -> tuple[str | None, str]:
    """Return the cursor of the product before, and the last SKU of the next one that was met."""
    if place is None:
        return None, ""
    try:
        former, last = json.loads(place)
    except (ValueError, TypeError) as error:
        raise InvalidCursor("storefront", place) from error
    if not isinstance(former, str | None) or not isinstance(last, str):
        raise InvalidCursor("storefront", place)
    return former, last
