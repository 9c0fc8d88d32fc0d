"""The context of commission: how much at most, with which tax, by which rules."""

from mktcore.commissions.commission_policy import CommissionPolicy
from mktcore.commissions.use_cases import CommissionRules
from mktcore.marketplace.settings import Settings
from mktcore.money import Currency
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit

__all__ = ["compose_commissions"]


def compose_commissions(runtime: Runtime[MarketUnit], currency: Currency, settings: Settings) -> CommissionRules:
    """Return the use cases of commission rules."""
    return CommissionRules(runtime, settings.get("commissions", CommissionPolicy()), currency)
