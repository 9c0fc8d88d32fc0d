"""From a cart to an order."""

from mktcore.checkout.errors import CartAlreadyPlaced, PlacementRefusal, PlacementRefused
from mktcore.checkout.use_cases import PlaceOrder, SimulateCart

__all__ = ["CartAlreadyPlaced", "PlaceOrder", "PlacementRefusal", "PlacementRefused", "SimulateCart"]
