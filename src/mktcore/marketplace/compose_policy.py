"""How prices are stated, chosen and rounded, from a marketplace's settings."""

from mktcore.market_policy import MarketPolicy
from mktcore.marketplace.settings import Settings
from mktcore.money import Currency, Rounding
from mktcore.pricing import PRECEDENCE
from mktcore.promotions import BY_PRIORITY
from mktcore.totals import RoundAt, RoundingProfile

__all__ = ["compose_policy"]


def compose_policy(currency: str | Currency, settings: Settings) -> MarketPolicy:
    """Return how prices are stated, chosen and rounded."""
    return MarketPolicy(
        Currency.of(currency),
        settings.get("prices_include_tax", True),
        settings.get("profile") or RoundingProfile(at=RoundAt.LINE, mode=Rounding.HALF_UP),
        promotions=settings.get("promotions", BY_PRIORITY),
        precedence=settings.get("precedence", PRECEDENCE),
    )
