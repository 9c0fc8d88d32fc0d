"""The context of offers: merchants' gateways in, use cases out."""

from mktcore.adapters.call_within_deadline import PatientCalls
from mktcore.market_policy import MarketPolicy
from mktcore.marketplace.settings import Settings
from mktcore.merchant_items import find_bindings
from mktcore.offers import Offers, RefreshPolicy
from mktcore.offers.price_guards import PriceHolder
from mktcore.offers.refresh.use_cases.fetch_answers import FetchAnswers
from mktcore.offers.refresh.use_cases.notifications import NoteChanges
from mktcore.persistence.record_quotas import Quotas
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit

__all__ = ["compose_offers"]


def compose_offers(runtime: Runtime[MarketUnit], market: MarketPolicy, settings: Settings) -> Offers:
    """Return the use cases of offers; without a merchant gateway they fetch nothing."""
    bindings = settings.get("bindings", find_bindings)
    gateway = settings.get("merchant_gateway")
    quotas = settings.get("quotas") or Quotas()
    answers, holder, currency = None, PriceHolder(market.prices_include_tax), market.currency
    if gateway is not None:
        policy = settings.get("refresh_policy", RefreshPolicy())
        answers = FetchAnswers(
            runtime,
            currency,
            bindings=bindings,
            gateway=gateway,
            within=PatientCalls(),
            policy=policy,
            quotas=quotas,
            holder=holder,
        )
    return Offers(runtime, NoteChanges(runtime, bindings), answers, currency=currency, quotas=quotas, holder=holder)
