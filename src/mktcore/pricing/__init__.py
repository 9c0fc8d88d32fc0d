"""Prices: schedules, who they are for, and which one applies."""

from mktcore.pricing.assignment import ASSIGNMENTS, Assignment
from mktcore.pricing.load_price_book import gather_prices
from mktcore.pricing.precedence import PRECEDENCE, Precedence, PriceRule
from mktcore.pricing.price_answer import NoPrice, PriceResolution, Unpriced
from mktcore.pricing.price_book import PriceBook
from mktcore.pricing.price_divergence import DIVERGENCE_RULES, DivergenceRule, OnDivergence
from mktcore.pricing.price_lint import lint_prices
from mktcore.pricing.price_query import PriceQuery
from mktcore.pricing.price_schedule import PRICE_SCHEDULES, PriceBreak, PriceSchedule
from mktcore.pricing.recurrence import Recurrence
from mktcore.pricing.use_cases import Prices

__all__ = [
    "ASSIGNMENTS",
    "DIVERGENCE_RULES",
    "PRECEDENCE",
    "PRICE_SCHEDULES",
    "Assignment",
    "DivergenceRule",
    "NoPrice",
    "OnDivergence",
    "Precedence",
    "PriceBook",
    "PriceBreak",
    "PriceQuery",
    "PriceResolution",
    "PriceRule",
    "PriceSchedule",
    "Prices",
    "Recurrence",
    "Unpriced",
    "gather_prices",
    "lint_prices",
]
