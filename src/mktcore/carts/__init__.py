"""Carts, and what they would cost."""

from mktcore.carts.cart import Cart, CartLine
from mktcore.carts.gathering import SimulatingUnit, gather_facts
from mktcore.carts.policy import MarketPolicy
from mktcore.carts.serving import MarketFacts
from mktcore.carts.simulating import simulate_cart
from mktcore.carts.simulation import Issue, PricedLine, Simulation

__all__ = [
    "Cart",
    "CartLine",
    "Issue",
    "MarketFacts",
    "MarketPolicy",
    "PricedLine",
    "SimulatingUnit",
    "Simulation",
    "gather_facts",
    "simulate_cart",
]
