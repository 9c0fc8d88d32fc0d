"""A page of the storefront: walked by an index, cut to what the caller is shown, in bounded reading."""

from collections.abc import Sequence

import attrs

from mktcore.catalog.shown_skus import find_shown_skus
from mktcore.persistence.queries import check_limit
from mktcore.stock import MarketUnit
from mktcore.storefront.entry import StorefrontEntry, StorefrontPage
from mktcore.storefront.lanes import MetSku
from mktcore.storefront.listing_filter import ListingFilter
from mktcore.storefront.make_entries import Shelf, find_offers, gather_entries
from mktcore.storefront.walk_lanes import Walk

__all__ = ["page_entries"]

_READS = 8
"""How often a page that is not full reads on; one that finds too little then says where to go on."""
_WIDEST = 500
"""SKUs read at once where the first ones were not what is asked for."""
_HIDDEN_WIDEST = 5_000
"""And where they were all hidden: then little is read of each."""


@attrs.define(eq=False, kw_only=True)
class _Reading:
    """How far a page is.

    Attributes:
        entries: What was found.
        told: The last cursor that may be told: one behind a SKU that the caller is shown.
        reads: How often was read where something was shown.
    """

    entries: list[StorefrontEntry] = attrs.field(factory=list)
    told: str | None
    reads: int = 0


def page_entries(
    unit: MarketUnit, shelf: Shelf, walk: Walk, *, asked: ListingFilter, after: str | None, limit: int
) -> StorefrontPage:
    """Return up to `limit` entries from a cursor on.

    A page reads on until it is full, a few times at most: it may be shorter than its limit, or empty where many SKUs in
    a row are not what is asked for, and `next` tells whether there is more. A cursor names nothing that is hidden from
    the caller, so that a row of hidden SKUs is read through to its end, thousands at once.

    Args:
        unit: Under the operator's authority.
        shelf: For whom.
        walk: Along which SKUs.
        asked: Which of them.
        after: Where the page before ended.
        limit: Entries at most.

    Raises:
        InvalidCursor: `after` is of another order or other filters.
        InvalidLimit: No page has that many entries.
    """
    size = check_limit(limit)
    reading, place = _Reading(told=after), after
    while True:
        standings, following = walk.read(unit, place, size)
        shown, end = _take(unit, shelf, standings, asked=asked, reading=reading, limit=limit)
        if end is not None:
            is_last = following is None and end is standings[-1]
            return StorefrontPage(tuple(reading.entries), None if is_last else end.place)
        if following is None:
            return StorefrontPage(tuple(reading.entries), None)
        if not standings and walk.is_begin_of_lane(following):
            reading.told = following
        reading.reads += 1 if shown or not standings else 0
        if reading.reads >= _READS and reading.told != after:
            return StorefrontPage(tuple(reading.entries), reading.told)
        place, size = following, min(size * 4, _WIDEST if shown else _HIDDEN_WIDEST)


def _take(
    unit: MarketUnit,
    shelf: Shelf,
    standings: Sequence[MetSku],
    *,
    asked: ListingFilter,
    reading: _Reading,
    limit: int,
) -> tuple[bool, MetSku | None]:
    """Take what is asked for, and return whether anything was shown, and where the page ends if it is full now."""
    skus = find_shown_skus(unit, shelf.context.buyer, [one.sku for one in standings])
    offers = find_offers(unit, [sku.id for sku in skus]) if skus else {}
    sold = [sku for sku in skus if sku.id in offers]
    entries = gather_entries(unit, shelf, sold, offers=offers, asked=asked) if sold else {}
    visible = {sku.id for sku in skus}
    for one in standings:
        if one.sku.id in visible:
            reading.told = one.place
        entry = entries.get(one.sku.id)
        if entry is not None:
            reading.entries.append(entry)
            if len(reading.entries) == limit:
                return True, one
    return bool(visible), None
