"""Sourcing: from which stock items the pieces of an offer come, part by part and location by location. Pure."""

from collections.abc import Iterable, Iterator, Mapping

import attrs

from mktcore.offers.offer import BackOrders, Offer
from mktcore.offers.stock_item_id import read_location
from mktcore.offers.stock_terms import Sourcing
from mktcore.stock import StockLevel
from mktcore.stock.quantity import MAX_QUANTITY

__all__ = ["AvailableStock", "StockSource", "choose_sources", "list_safety"]


@attrs.frozen
class StockSource:
    """Pieces of one stock item.

    Attributes:
        item: Id of the stock item.
        quantity: Pieces.
        part: Id of the offer whose stock it is, for a part of a kit; empty for an offer with stock of its own.
        per: Pieces of the part in one piece of the offer.
    """

    item: str
    quantity: int
    part: str = ""
    per: int = 1

    @property
    def location(self) -> str:
        """The location that the item's id names; empty for an offer without locations."""
        return read_location(self.item)


def choose_sources(
    free: Mapping[str, int], quantity: int, sourcing: Sourcing = Sourcing.FEWEST
) -> tuple[StockSource, ...]:
    """Return from which items so many pieces come; nothing when they are too few.

    The first item, in the order of preference, that has all of them; when none has, the item with the most gives what
    it has (the preferred one of equals), and the rest is sought the same way. No choice takes fewer items. In order,
    each gives what it has before the next is asked.

    >>> [(one.item, one.quantity) for one in choose_sources({"near": 3, "far": 9, "hub": 9}, 9)]
    [('far', 9)]
    >>> [(one.item, one.quantity) for one in choose_sources({"near": 3, "far": 4, "hub": 6}, 9)]
    [('hub', 6), ('near', 3)]
    >>> [(one.item, one.quantity) for one in choose_sources({"near": 3, "far": 9}, 9, Sourcing.IN_ORDER)]
    [('near', 3), ('far', 6)]

    Args:
        free: Pieces that can be reserved, by item, the preferred first.
        quantity: Pieces wanted, 1 or more.
        sourcing: From which of several.
    """
    left = {item: pieces for item, pieces in free.items() if pieces > 0}
    if sum(left.values()) < quantity:
        return ()
    chosen, wanted = [], quantity
    while wanted:
        item = next(iter(left)) if sourcing is Sourcing.IN_ORDER else _find_fullest(left, wanted)
        taken = min(wanted, left.pop(item))
        chosen.append(StockSource(item, taken))
        wanted -= taken
    return tuple(chosen)


def _find_fullest(left: Mapping[str, int], wanted: int) -> str:
    enough = (item for item, pieces in left.items() if pieces >= wanted)
    # `max` keeps the first of equals, which is the preferred one.
    return next(enough, None) or max(left, key=left.__getitem__)


def list_safety(offers: Iterable[Offer]) -> dict[str, int]:
    """Return the pieces that are not sold, by stock item, of those that keep any back."""
    return {item: offer.stock.safety for offer in offers if offer.stock.safety for item in offer.stock_items}


@attrs.frozen
class _Pool:
    """The stock items that one part of an offer is taken from, the preferred first."""

    items: tuple[str, ...]
    part: str = ""
    per: int = 1


@attrs.frozen
class AvailableStock:
    """What can still be taken of stock items while offers are chosen for the lines of a cart, one after the other.

    Attributes:
        free: Pieces that can be reserved, by item, back-order allowance included; falls with what is taken.
        on_hand: Pieces of them that are really there.
        offers: The offers whose stock parts of kits are taken from, by id.
    """

    free: dict[str, int]
    on_hand: dict[str, int]
    offers: Mapping[str, Offer] = attrs.field(factory=dict)

    @classmethod
    def of(cls, levels: Iterable[StockLevel], offers: Mapping[str, Offer] | None = None) -> "AvailableStock":
        """Return what these levels leave to be taken.

        Args:
            levels: Stock items.
            offers: Those whose stock they are: what they keep back is not there, and kits draw on them.
        """
        found, known = tuple(levels), offers or {}
        kept = list_safety(known.values())
        free = {one.item: max(0, one.available - kept.get(one.item, 0)) for one in found}
        on_hand = {one.item: max(0, one.on_hand_free - kept.get(one.item, 0)) for one in found}
        return cls(free, on_hand, known)

    def list_items(self, offer: Offer) -> tuple[str, ...]:
        """Return every stock item that the pieces of an offer may come from."""
        return tuple(item for pool in self._list_pools(offer) for item in pool.items)

    def count(self, offer: Offer) -> int:
        """Return how many pieces an order could take of an offer."""
        return self._count(self._find_pieces(offer), offer)

    def count_on_hand(self, offer: Offer) -> int:
        """Return how many pieces of an offer are there."""
        return self._count(self.on_hand, offer)

    def source(self, offer: Offer, quantity: int) -> tuple[StockSource, ...]:
        """Take pieces of an offer, from where they are on hand if that is enough; of too few take all, for nothing."""
        found: list[StockSource] = []
        is_whole = True
        for pool in self._list_pools(offer):
            sources = self._source(pool, offer, quantity * pool.per)
            is_whole = is_whole and bool(sources)
            found += [attrs.evolve(one, part=pool.part, per=pool.per) for one in sources]
        return tuple(found) if is_whole else ()

    def _source(self, pool: _Pool, offer: Offer, pieces: int) -> tuple[StockSource, ...]:
        sourcing = offer.stock.sourcing
        sources = choose_sources(_select(self.on_hand, pool), pieces, sourcing)
        sources = sources or choose_sources(_select(self._find_pieces(offer), pool), pieces, sourcing)
        # A line that cannot be served still stands before the later ones, which must not take its pieces.
        for item, taken in [(one.item, one.quantity) for one in sources] or [(one, pieces) for one in pool.items]:
            for left in (self.free, self.on_hand):
                left[item] = max(0, left.get(item, 0) - taken)
        return sources

    def _count(self, pieces: Mapping[str, int], offer: Offer) -> int:
        """Return how often an offer is there: as its scarcest part; without limit where nothing of it is counted."""
        # Most offers are no kits: this is asked twice for each offer of each line.
        if offer.stock.counted and not offer.stock.parts:
            return sum([pieces.get(item, 0) for item in offer.stock_items])
        counts = [sum(_select(pieces, pool).values()) // pool.per for pool in self._list_pools(offer)]
        return min(counts, default=MAX_QUANTITY)

    def _list_pools(self, offer: Offer) -> Iterator[_Pool]:
        if not offer.stock.counted:
            return
        if not offer.stock.parts:
            yield _Pool(offer.stock_items)
        for part in offer.stock.parts:
            drawn = offer if part.offer == offer.id else self.offers.get(part.offer)
            # One that is gone, or another merchant's by now, gives nothing: its pool is empty.
            items = drawn.stock_items if drawn is not None and drawn.merchant == offer.merchant else ()
            if drawn is None or drawn.stock.counted:
                yield _Pool(items, part.offer, part.quantity)

    def _find_pieces(self, offer: Offer) -> Mapping[str, int]:
        return self.free if offer.backorders is BackOrders.ALLOWED else self.on_hand


def _select(pieces: Mapping[str, int], pool: _Pool) -> dict[str, int]:
    return {item: pieces.get(item, 0) for item in pool.items}
