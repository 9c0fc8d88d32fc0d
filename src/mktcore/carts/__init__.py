"""Carts, and what they would cost."""

from mktcore.carts.assemble_simulation import simulate_cart
from mktcore.carts.cart import Cart, CartLine
from mktcore.carts.load_facts import gather_facts
from mktcore.carts.market_facts import MarketFacts
from mktcore.carts.simulation import PricedLine, Simulation

__all__ = [
    "Cart",
    "CartLine",
    "MarketFacts",
    "PricedLine",
    "Simulation",
    "gather_facts",
    "simulate_cart",
]
