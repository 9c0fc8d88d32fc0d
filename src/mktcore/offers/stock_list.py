"""The stock behind offers as a list: what each of the caller's offers has, at every place."""

from collections.abc import Mapping, Sequence

import attrs

from mktcore.access import Permission, check_permission
from mktcore.access.record_list import ShownList
from mktcore.offers.offer import OFFERS, Offer
from mktcore.persistence import Party, Scope
from mktcore.stock import MarketUnit, MerchantStock, StockLevel

__all__ = ["OfferStock", "StockList", "StockOfOffer"]


@attrs.frozen
class StockOfOffer:
    """What an offer has.

    Attributes:
        id: The offer's id.
        merchant: Whose goods they are.
        sku: What is offered.
        places: How the stock stands by location, in the order in which the offer prefers them; under an empty text for
            an offer with one place. A place where nobody counted has none.
        version: The offer's version.
    """

    id: str
    merchant: str
    sku: str
    places: Mapping[str, StockLevel]
    version: int = 0

    @property
    def available(self) -> int:
        """Pieces that can be promised, at all places together."""
        return sum([level.available for level in self.places.values()])


class StockList(ShownList[Offer, StockOfOffer, MarketUnit]):
    """What stands behind the caller's offers, asked by what the offers say; the operator sees it of all."""

    kind = OFFERS
    filters = ("merchant", "sku", "approval")

    def _find_own(self, scope: Scope) -> Mapping[str, str]:
        # Offers are read by everybody; what stands behind them, by their merchants.
        check_permission(scope, Permission.STOCK)
        return {"merchant": scope.id} if scope.party is Party.MERCHANT else {}

    def _read_as(self, scope: Scope) -> Scope:
        return scope.to_operator()

    def _show(self, unit: MarketUnit, found: Sequence[Offer]) -> Sequence[StockOfOffer]:
        levels = unit.stock.find_levels([item for offer in found for item in offer.stock_items])
        return [_show_offer(offer, levels) for offer in found]


@attrs.frozen(slots=False)
class OfferStock(MerchantStock):
    """The stock behind the offers of a marketplace: counted by offer, and listed.

    Attributes:
        runtime: Where stock is kept, and what time it is.
        find_places: Finds the places of an offer.
    """

    @property
    def levels(self) -> StockList:
        """What each of the caller's offers has, at every place, as a list."""
        return StockList(self.runtime)


def _show_offer(offer: Offer, levels: Mapping[str, StockLevel]) -> StockOfOffer:
    places = zip(offer.locations or ("",), offer.stock_items, strict=True)
    counted = {place: levels[item] for place, item in places if item in levels}
    return StockOfOffer(offer.id, offer.merchant, offer.sku, places=counted, version=offer.version)
