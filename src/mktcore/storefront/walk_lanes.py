"""Walking along lanes, one after the other, from a cursor on."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Final

import attrs

from mktcore.catalog import CATEGORIES, SKUS
from mktcore.catalog.category import to_aisle_range
from mktcore.persistence import Repositories
from mktcore.persistence.errors import InvalidCursor, InvalidOrder
from mktcore.storefront.lanes import InheritingLane, Lane, MetSku, OfferLane, SkuLane
from mktcore.storefront.listing_filter import ListingFilter

__all__ = ["ORDERS", "Walk", "find_lanes"]

_LANES: Final = 50
"""Lanes read in a row: there may be thousands of categories without goods."""
ORDERS: Final = ("name", "-name", "added", "-added")
"""What a page goes by, beside the way that its filters lead."""


@attrs.frozen
class Walk:
    """Several lanes, each after the one before.

    Attributes:
        lanes: At least one; a later one has nothing that was met in an earlier one.
    """

    lanes: tuple[Lane, ...]

    def read(self, unit: Repositories, after: str | None, limit: int) -> tuple[Sequence[MetSku], str | None]:
        """Return the next SKUs, each with the cursor behind it, and the cursor behind all that was looked at.

        They are of several lanes where the first ones have few; some more than `limit` where products have variants.

        Raises:
            InvalidCursor: The cursor is of another order or other filters, or none at all.
        """
        position, place = (0, None) if after is None else self._read_cursor(after)
        met: list[MetSku] = []
        for _ in range(_LANES):
            lane = self.lanes[position]
            standings, place = lane.read(unit, place, limit - len(met))
            met += [MetSku(one.sku, _name_cursor(lane.name, one.place)) for one in standings]
            if place is None:
                position += 1
            if position == len(self.lanes):
                return met, None
            if place is not None or len(met) >= limit:
                break
        return met, _name_cursor(self.lanes[position].name, place)

    def is_begin_of_lane(self, cursor: str) -> bool:
        """Tell whether a cursor names no record: it stands where a lane begins."""
        return self._read_cursor(cursor)[1] is None

    def _read_cursor(self, cursor: str) -> tuple[int, str | None]:
        try:
            name, place = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            return next(number for number, lane in enumerate(self.lanes) if lane.name == name), place
        # A cursor comes from outside: whatever it trips over, the caller hears that it is none.
        except (ValueError, TypeError, StopIteration) as error:
            raise InvalidCursor("storefront", cursor) from error


def _name_cursor(lane: str, place: str | None) -> str:
    return urlsafe_b64encode(json.dumps([lane, place]).encode()).decode().rstrip("=")


def find_lanes(unit: Repositories, asked: ListingFilter, order: str | None) -> Walk:
    """Return the way along the SKUs that passes over the least.

    Without an order: by the variants of a product, by what a merchant sells, by the shelves of a category and of those
    below it, or by the ids. A category costs a call for each level below it.

    Raises:
        InvalidOrder: No column carries it.
    """
    if order is not None:
        if order not in ORDERS:
            raise InvalidOrder("storefront", order)
        return Walk((SkuLane(order, order=order),))
    if asked.product is not None:
        # The id may be a product's, or that of a SKU that belongs to none.
        return Walk((SkuLane("product", {"product": asked.product}), _SingleLane(asked.product)))
    if asked.merchant is not None:
        return Walk((OfferLane(asked.merchant),))
    if asked.category is not None:
        return Walk(tuple(_list_shelves(_find_below(unit, asked.category))))
    return Walk((SkuLane("id"),))


def _find_below(unit: Repositories, category: str) -> tuple[str, ...]:
    """Return a category and all below it, the nearest first: a call for each level."""
    found = {category: None}
    level = [category]
    while level:
        children = unit.repository(CATEGORIES).find_where("parent", level)
        # The tree is guarded against circles; a store that somebody wrote by hand must not hang a page all the same.
        level = [one.id for one in children if one.id not in found]
        found |= dict.fromkeys(level)
    return tuple(found)


def _list_shelves(categories: Sequence[str]) -> list[Lane]:
    known = frozenset(categories)
    lanes: list[Lane] = []
    for category in categories:
        owns = _Shelving(category, known).owns
        where = {"aisle": to_aisle_range(category)}
        lanes += [SkuLane(f"of {category}", where, owns=owns), InheritingLane(f"below {category}", category, owns)]
    return lanes


@attrs.frozen
class _Shelving:
    """In which of several categories' lanes goods are met: that of their own, or the nearest that their path is of."""

    category: str
    known: frozenset[str]

    def owns(self, category: str) -> bool:
        while category not in self.known:
            category, slash, _ = category.rpartition("/")
            if not slash:
                return False
        return category == self.category


@attrs.frozen
class _SingleLane:
    """One SKU that belongs to no product."""

    sku: str

    @property
    def name(self) -> str:
        """What cursors call it."""
        return "single"

    def read(self, unit: Repositories, after: str | None, limit: int) -> tuple[Sequence[MetSku], str | None]:  # noqa: ARG002 - as every lane
        """Return it, in one call."""
        found = unit.repository(SKUS).find(self.sku)
        return [MetSku(found, self.sku)] if found is not None and found.product is None and after is None else [], None
