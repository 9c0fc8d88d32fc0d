"""The contexts of prices and promotions: how they are chosen, and how many a merchant may have."""

from mktcore.market_policy import MarketPolicy
from mktcore.marketplace.settings import Settings
from mktcore.offers import OFFERS
from mktcore.offers.offers_by_schedule import list_priced_offers
from mktcore.offers.price_guards import PriceHolder
from mktcore.persistence.record_quotas import Quotas
from mktcore.pricing import Prices
from mktcore.promotions import Promotions
from mktcore.promotions.pool_codes import PoolCodes
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit

__all__ = ["compose_prices"]


def compose_prices(
    runtime: Runtime[MarketUnit], policy: MarketPolicy, settings: Settings
) -> tuple[Prices, Promotions, PoolCodes]:
    """Return the use cases of prices, which learn from offers what is sold, and of promotions and their codes."""
    quotas = settings.get("quotas") or Quotas()
    prices = Prices(
        runtime,
        policy.currency,
        list_priced_offers,
        precedence=policy.precedence,
        quotas=quotas,
        holding=PriceHolder(policy.prices_include_tax),
        naming_schedules=((OFFERS, "schedule"),),
    )
    return prices, Promotions(runtime, policy.currency, quotas=quotas), PoolCodes(runtime, quotas=quotas)
