"""What callers do with a cart: ask what it would cost, and place it."""

from mktcore.checkout.use_cases.place_order import PlaceOrder
from mktcore.checkout.use_cases.simulate_cart import SimulateCart

__all__ = ["PlaceOrder", "SimulateCart"]
