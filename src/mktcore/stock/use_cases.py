"""Stock as merchants keep it: counted, at its one place or by location."""

from collections.abc import Callable, Mapping

import attrs

from mktcore.access import Permission, check_granted
from mktcore.errors import InvalidValue
from mktcore.parties import Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.persistence import NotFound, Repositories, Scope
from mktcore.runtime import Runtime
from mktcore.stock.events import StockCounted
from mktcore.stock.level import StockCount
from mktcore.stock.ports import MarketUnit
from mktcore.telemetry import watched

__all__ = ["FindPlaces", "MerchantStock", "StockPlaces"]


@attrs.frozen
class StockPlaces:
    """Where the pieces of what a merchant offers are kept.

    Attributes:
        merchant: Whose goods they are.
        items: Id of the stock item by location; under an empty text for an offer with one place.
    """

    merchant: str
    items: Mapping[str, str]


# Offers stand above stock: whoever composes the marketplace says how they are looked up.
FindPlaces = Callable[[Repositories, str], StockPlaces | None]
"""Finds the places of an offer by its id, under the operator's authority; None when there is no such offer."""


# Without slots, because a room above adds the list of what is counted.
@watched
@attrs.frozen(slots=False)
class MerchantStock:
    """The stock behind the offers of a marketplace. Every call takes the scope of who asks.

    Attributes:
        runtime: Where stock is kept, and what time it is.
        find_places: Finds the places of an offer.
    """

    runtime: Runtime[MarketUnit]
    find_places: FindPlaces

    def count(self, offer: str, on_hand: int | Mapping[str, int], *, scope: Scope, backorder: int = 0) -> None:
        """Record how many pieces of an offer are on hand, at its one place or by location.

        Args:
            offer: Its id.
            on_hand: Pieces; by location where the offer has locations. One that is left out keeps its count.
            scope: Who asks.
            backorder: Pieces more that may be promised, at each place counted.

        Raises:
            InvalidValue: A location is none of the offer's.
            NotFound: There is no such offer of this caller.
            PermissionDenied, ActivityRefused: The caller may not count stock.
        """
        check_granted(scope, Permission.STOCK)

        def write(unit: MarketUnit) -> None:
            places = self._get_places(unit, offer, scope)
            # After ownership: to a stranger the offer does not exist, whatever its merchant may do.
            check_caller(unit, scope, Activity.EDIT, now=self.runtime.now())
            # An offer without locations has one place, which has no name.
            given = on_hand if isinstance(on_hand, Mapping) else {"": on_hand}
            _check_locations(given, places)
            counts = [
                StockCount(places.items[place], places.merchant, pieces, backorder=backorder)
                for place, pieces in given.items()
            ]
            now = self.runtime.now()
            unit.stock.set_on_hand(counts, at=now)
            unit.publish(StockCounted.of(one, now) for one in counts)

        self.runtime.run(scope.to_operator(), write)

    def _get_places(self, unit: MarketUnit, offer: str, scope: Scope) -> StockPlaces:
        found = self.find_places(unit, offer)
        if found is None or not scope.covers(merchant=found.merchant):
            raise NotFound("offer", offer)
        return found


def _check_locations(given: Mapping[str, int], places: StockPlaces) -> None:
    unknown = sorted(given.keys() - places.items.keys())
    if unknown:
        known = ", ".join(places.items) or "none"
        raise InvalidValue("Offer", "on_hand", unknown, f"locations of the offer: {known}")
