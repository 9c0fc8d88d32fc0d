"""Sourcing: from which locations the pieces of an offer come, so that as few as can be serve it. Pure."""

from collections.abc import Iterable, Mapping

import attrs

from mktcore.offers.offer import BackOrders, Offer
from mktcore.offers.stock_item_id import read_location
from mktcore.stock import StockLevel

__all__ = ["AvailableStock", "StockSource", "choose_sources"]


@attrs.frozen
class StockSource:
    """Pieces of one stock item.

    Attributes:
        item: Id of the stock item.
        quantity: Pieces.
    """

    item: str
    quantity: int

    @property
    def location(self) -> str:
        """The location that the item's id names; empty for an offer without locations."""
        return read_location(self.item)


def choose_sources(free: Mapping[str, int], quantity: int) -> tuple[StockSource, ...]:
    """Return from which items so many pieces come; nothing when they are too few.

    The first item, in the order of preference, that has all of them; when none has, the item with the most gives what
    it has (the preferred one of equals), and the rest is sought the same way. No choice takes fewer items.

    >>> [(one.item, one.quantity) for one in choose_sources({"near": 3, "far": 9, "hub": 9}, 9)]
    [('far', 9)]
    >>> [(one.item, one.quantity) for one in choose_sources({"near": 3, "far": 4, "hub": 6}, 9)]
    [('hub', 6), ('near', 3)]

    Args:
        free: Pieces that can be reserved, by item, the preferred first.
        quantity: Pieces wanted, 1 or more.
    """
    left = {item: pieces for item, pieces in free.items() if pieces > 0}
    if sum(left.values()) < quantity:
        return ()
    chosen, wanted = [], quantity
    while wanted:
        enough = (item for item, pieces in left.items() if pieces >= wanted)
        # `max` keeps the first of equals, which is the preferred one.
        item = next(enough, None) or max(left, key=left.__getitem__)
        taken = min(wanted, left.pop(item))
        chosen.append(StockSource(item, taken))
        wanted -= taken
    return tuple(chosen)


@attrs.frozen
class AvailableStock:
    """What can still be taken of stock items while offers are chosen for the lines of a cart, one after the other.

    Attributes:
        free: Pieces that can be reserved, by item, back-order allowance included; falls with what is taken.
        on_hand: Pieces of them that are really there.
    """

    free: dict[str, int]
    on_hand: dict[str, int]

    @classmethod
    def of(cls, levels: Iterable[StockLevel]) -> "AvailableStock":
        """Return what these levels leave to be taken."""
        found = tuple(levels)
        return cls({one.item: one.available for one in found}, {one.item: one.on_hand_free for one in found})

    def count(self, offer: Offer) -> int:
        """Return how many pieces an order could take of an offer."""
        return sum(self._select(self._find_pieces(offer), offer).values())

    def count_on_hand(self, offer: Offer) -> int:
        """Return how many pieces of an offer are there."""
        return sum(self._select(self.on_hand, offer).values())

    def source(self, offer: Offer, quantity: int) -> tuple[StockSource, ...]:
        """Take pieces of an offer, from where they are on hand if that is enough; of too few take all, for nothing."""
        sources = choose_sources(self._select(self.on_hand, offer), quantity)
        sources = sources or choose_sources(self._select(self._find_pieces(offer), offer), quantity)
        # A line that cannot be served still stands before the later ones, which must not take its pieces.
        for item, pieces in [(one.item, one.quantity) for one in sources] or [
            (one, quantity) for one in offer.stock_items
        ]:
            for left in (self.free, self.on_hand):
                left[item] = max(0, left.get(item, 0) - pieces)
        return sources

    def _find_pieces(self, offer: Offer) -> Mapping[str, int]:
        return self.free if offer.backorders is BackOrders.ALLOWED else self.on_hand

    def _select(self, pieces: Mapping[str, int], offer: Offer) -> dict[str, int]:
        return {item: pieces.get(item, 0) for item in offer.stock_items}
