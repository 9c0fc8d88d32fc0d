"""Carts, and what they would cost."""

from mktcore.carts.cart import Cart, CartLine
from mktcore.carts.facts import MarketFacts, OfferTerms
from mktcore.carts.gathering import SimulatingUnit, gather_facts
from mktcore.carts.policy import PRICE_TERMS, MarketPolicy, PriceTerms, PriceTermsConflict, pin_price_terms
from mktcore.carts.prices import Prices, PricesUnit
from mktcore.carts.simulating import simulate_cart
from mktcore.carts.simulation import Issue, PricedLine, Simulation
from mktcore.carts.viewing import PricedOffer, SellerView, ViewPage, ViewRequest

__all__ = [
    "PRICE_TERMS",
    "Cart",
    "CartLine",
    "Issue",
    "MarketFacts",
    "MarketPolicy",
    "OfferTerms",
    "PriceTerms",
    "PriceTermsConflict",
    "PricedLine",
    "PricedOffer",
    "Prices",
    "PricesUnit",
    "SellerView",
    "SimulatingUnit",
    "Simulation",
    "ViewPage",
    "ViewRequest",
    "gather_facts",
    "pin_price_terms",
    "simulate_cart",
]
