"""The context of commission: how much at most, with which tax, by which rules."""

from mktcore.commissions.commission_policy import CommissionPolicy
from mktcore.commissions.use_cases import CommissionRules
from mktcore.marketplace.settings import Settings
from mktcore.money import Currency
from mktcore.orders.placed_sales import find_placed_sales
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit

__all__ = ["compose_commissions"]


def compose_commissions(runtime: Runtime[MarketUnit], currency: Currency, settings: Settings) -> CommissionRules:
    """Return the use cases of commission rules, which learn from the orders what was sold."""
    policy = settings.get("commissions", CommissionPolicy())
    return CommissionRules(runtime, policy, currency, find_sales=find_placed_sales)
