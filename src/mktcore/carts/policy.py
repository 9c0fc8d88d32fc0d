"""The marketplace's policy on money, pinned on each order."""

import attrs

from mktcore.money import Currency
from mktcore.pricing import PRECEDENCE, Precedence
from mktcore.promotions import BY_PRIORITY, PromotionPolicy
from mktcore.totals import RoundingProfile

__all__ = ["MarketPolicy"]


@attrs.frozen
class MarketPolicy:
    """How this marketplace states and rounds its prices.

    Attributes:
        currency: The currency of its prices.
        prices_include_tax: Whether prices, fees and reductions contain their tax.
        profile: Where and how totals are rounded.
        promotions: How promotions are chosen where not all combine.
        precedence: By which rules one of several prices applies.
    """

    currency: Currency
    prices_include_tax: bool
    profile: RoundingProfile
    promotions: PromotionPolicy = BY_PRIORITY
    precedence: Precedence = PRECEDENCE
