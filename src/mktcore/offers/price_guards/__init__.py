"""Guards of merchants' prices: what is too far from what is known is held until somebody approves it."""

from mktcore.offers.price_guards.held_price import HELD_PRICES, HeldPrice, HeldPriceState
from mktcore.offers.price_guards.hold_prices import PriceHolder
from mktcore.offers.price_guards.price_breach import PriceBreach
from mktcore.offers.price_guards.price_guard import PRICE_GUARDS, Meanwhile, PriceGuard, Reference
from mktcore.offers.price_guards.use_cases import HeldPrices, PriceGuards

__all__ = [
    "HELD_PRICES",
    "PRICE_GUARDS",
    "HeldPrice",
    "HeldPriceState",
    "HeldPrices",
    "Meanwhile",
    "PriceBreach",
    "PriceGuard",
    "PriceGuards",
    "PriceHolder",
    "Reference",
]
