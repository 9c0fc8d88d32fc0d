"""From a cart to an order."""

from mktcore.checkout.errors import CartAlreadyPlaced, PlacementRefusal, PlacementRefused
from mktcore.checkout.placing import PlaceOrder, PlacingUnit

__all__ = ["CartAlreadyPlaced", "PlaceOrder", "PlacementRefusal", "PlacementRefused", "PlacingUnit"]
