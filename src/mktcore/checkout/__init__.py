"""From a cart to an order."""

from mktcore.checkout.errors import CartAlreadyPlaced, PlacementRefusal, PlacementRefused
from mktcore.checkout.place_order import PlaceOrder

__all__ = ["CartAlreadyPlaced", "PlaceOrder", "PlacementRefusal", "PlacementRefused"]
