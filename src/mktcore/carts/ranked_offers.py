"""The offers of each SKU in the order of preference, kept for the lines that ask for the same.

Lines of one SKU, quantity and options are offered the same, but for what the lines before them took. So of thousands of
offers only those are looked at again that a line before was served by, or that depend on what all lines ask for.
"""

from collections.abc import Mapping, Sequence

import attrs

from mktcore.addresses import Address
from mktcore.carts.candidates import CandidateBuilder
from mktcore.carts.cart import CartLine
from mktcore.catalog.inherited_goods import GoodsNature
from mktcore.offers import BuyBox, BuyBoxPolicy, Offer
from mktcore.offers.buybox.candidate import ChoiceOccasion
from mktcore.offers.buybox.choose_offer import OfferRanking

__all__ = ["RankedOffers"]

_Asked = tuple[str, int, tuple[str, ...], Address | None]
"""SKU, quantity, options, and where it goes, on whose taxes a price may depend."""


@attrs.define(eq=False)
class _Shelf:
    """What was ranked for one question, and how much of the stock that lines took was seen."""

    ranking: OfferRanking
    seen: int


@attrs.define(eq=False, kw_only=True)
class RankedOffers:
    """Ranks offers for one line after the other.

    Attributes:
        candidates: Builds the candidates, as the lines before left the stock.
        policy: What they are ranked by.
        occasion: For whom and when.
        offers: Those that the order may take, by SKU.
        taken: The stock items that lines took of, in their order.
    """

    candidates: CandidateBuilder
    policy: BuyBoxPolicy
    occasion: ChoiceOccasion
    offers: Mapping[str, Sequence[Offer]]
    taken: list[str] = attrs.field(factory=list, init=False)
    _shelves: dict[_Asked, _Shelf] = attrs.field(factory=dict, init=False)
    _by_item: dict[str, dict[str, list[Offer]]] = attrs.field(factory=dict, init=False)
    _dependent: dict[str, list[Offer]] = attrs.field(factory=dict, init=False)

    def choose(self, line: CartLine, nature: GoodsNature) -> BuyBox:
        """Choose for a line, whose goods are of this nature."""
        asked = (line.sku, line.quantity, line.options, line.deliver_to)
        shelf = self._shelves.get(asked)
        if shelf is None:
            built = [self.candidates.build(offer, line, nature) for offer in self.offers.get(line.sku, ())]
            shelf = self._shelves[asked] = _Shelf(OfferRanking(built, self.policy, self.occasion), len(self.taken))
        else:
            for offer in self._list_changed(line, shelf.seen):
                shelf.ranking.replace(self.candidates.build(offer, line, nature))
            shelf.seen = len(self.taken)
        return shelf.ranking.choose()

    def note_taken(self, offer: Offer) -> None:
        """Note that pieces of an offer were taken, whichever line they serve."""
        self.taken += self.candidates.stock.list_items(offer)

    def _list_changed(self, line: CartLine, seen: int) -> Sequence[Offer]:
        sku = line.sku
        if sku not in self._by_item:
            index: dict[str, list[Offer]] = {}
            for offer in self.offers[sku]:
                for item in self.candidates.stock.list_items(offer):
                    index.setdefault(item, []).append(offer)
            self._by_item[sku] = index
            self._dependent[sku] = [one for one in self.offers[sku] if self.candidates.depends_on_others(one, line)]
        index = self._by_item[sku]
        changed = {one.id: one for item in set(self.taken[seen:]) for one in index.get(item, ())}
        changed |= {one.id: one for one in self._dependent[sku]}
        return list(changed.values())
