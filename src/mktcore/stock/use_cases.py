"""Stock as merchants keep it: counted, at its one place or by location."""

from collections.abc import Callable, Mapping

import attrs

from mktcore.access import Permission, check_granted
from mktcore.errors import InvalidValue
from mktcore.parties import Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.persistence import NotFound, Repositories, Scope, answer_once
from mktcore.runtime import Runtime
from mktcore.stock.events import StockCounted
from mktcore.stock.level import StockChange, StockCount, StockLevel
from mktcore.stock.ports import MarketUnit
from mktcore.telemetry import watched

__all__ = ["ChangedStock", "FindPlaces", "MerchantStock", "StockPlaces"]


@attrs.frozen
class StockPlaces:
    """Where the pieces of what a merchant offers are kept.

    Attributes:
        merchant: Whose goods they are.
        items: Id of the stock item by location; under an empty text for an offer with one place.
    """

    merchant: str
    items: Mapping[str, str]


@attrs.frozen
class ChangedStock:
    """How a merchant's stock stood after pieces came in or went out.

    Attributes:
        levels: The items that changed, in the order of their ids.
    """

    levels: tuple[StockLevel, ...]


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
            merchant, given = self._place(unit, offer, on_hand, scope=scope)
            counts = [StockCount(item, merchant, pieces, backorder=backorder) for item, pieces in given.items()]
            now = self.runtime.now()
            unit.stock.set_on_hand(counts, at=now)
            unit.publish(StockCounted.of(one, now) for one in counts)

        self.runtime.run(scope.to_operator(), write)

    def change(self, offer: str, pieces: int | Mapping[str, int], *, key: str, scope: Scope) -> ChangedStock:
        """Record pieces of an offer that came in, or went out; whoever else does at that moment, none is lost.

        A count says how many there are, and a change how many more: asked again under its key it adds nothing.

        Args:
            offer: Its id.
            pieces: Pieces more on hand, fewer where it is below zero; by location where the offer has locations.
            key: The caller's idempotency key, such as the number of a delivery note.
            scope: Who asks.

        Returns:
            How the items stood after it, also when it is asked again.

        Raises:
            StockTooLow: More would go out than are on hand; nothing changed.
            InvalidQuantity: A number of pieces that is zero, or none.
            InvalidValue: A location is none of the offer's.
            NotFound: There is no such offer of this caller.
            IdempotencyConflict: The key was used for another request.
            PermissionDenied, ActivityRefused: The caller may not count stock.
        """
        check_granted(scope, Permission.STOCK)

        def change(unit: MarketUnit) -> ChangedStock:
            merchant, given = self._place(unit, offer, pieces, scope=scope)
            changes = [StockChange(item, merchant, more) for item, more in given.items()]
            levels = unit.stock.change_on_hand(changes, at=self.runtime.now())
            return ChangedStock(tuple(levels[item] for item in sorted(levels)))

        def answer() -> ChangedStock:
            with self.runtime.store.begin(scope.to_operator()) as unit:
                return answer_once(
                    unit,
                    lambda: change(unit),
                    answers=(ChangedStock, ChangedStock),
                    scope=scope,
                    key=key,
                    operation="change stock",
                    request={"offer": offer, "pieces": pieces},
                    at=self.runtime.now(),
                )

        return self.runtime.retry(answer)

    def _place(
        self, unit: MarketUnit, offer: str, pieces: int | Mapping[str, int], *, scope: Scope
    ) -> tuple[str, dict[str, int]]:
        """Return the offer's merchant, and the pieces by stock item, when the caller may write its stock."""
        places = self._get_places(unit, offer, scope)
        # After ownership: to a stranger the offer does not exist, whatever its merchant may do.
        check_caller(unit, scope, Activity.EDIT, now=self.runtime.now())
        # An offer without locations has one place, which has no name.
        given = pieces if isinstance(pieces, Mapping) else {"": pieces}
        _check_locations(given, places)
        return places.merchant, {places.items[place]: number for place, number in given.items()}

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
