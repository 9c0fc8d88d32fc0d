"""Prices: schedules, who they are for, and which one applies."""

from typing import TYPE_CHECKING

from mktcore.lazy import load_lazily
from mktcore.pricing.assignment import ASSIGNMENTS, Assignment, list_audiences, to_asked
from mktcore.pricing.book import PriceBook
from mktcore.pricing.divergence import (
    DIVERGENCE_RULES,
    Direction,
    DivergenceBand,
    DivergenceDecision,
    DivergenceRule,
    OnDivergence,
    decide_divergence,
    needs_consent,
)
from mktcore.pricing.gathering import gather_prices
from mktcore.pricing.precedence import PRECEDENCE, OnQuantity, Precedence, Rule, TieBreak
from mktcore.pricing.query import PriceQuery
from mktcore.pricing.recurrence import Recurrence
from mktcore.pricing.resolution import NoPrice, PriceResolution, Unpriced
from mktcore.pricing.schedule import PRICE_SCHEDULES, PriceBreak, PriceSchedule

if TYPE_CHECKING:
    from mktcore.pricing.linting import lint_prices, tabulate_findings

__all__ = [
    "ASSIGNMENTS",
    "DIVERGENCE_RULES",
    "PRECEDENCE",
    "PRICE_SCHEDULES",
    "Assignment",
    "Direction",
    "DivergenceBand",
    "DivergenceDecision",
    "DivergenceRule",
    "NoPrice",
    "OnDivergence",
    "OnQuantity",
    "Precedence",
    "PriceBook",
    "PriceBreak",
    "PriceQuery",
    "PriceResolution",
    "PriceSchedule",
    "Recurrence",
    "Rule",
    "TieBreak",
    "Unpriced",
    "decide_divergence",
    "gather_prices",
    "lint_prices",
    "list_audiences",
    "needs_consent",
    "tabulate_findings",
    "to_asked",
]

__getattr__ = load_lazily(
    __name__,
    {"lint_prices": "mktcore.pricing.linting", "tabulate_findings": "mktcore.pricing.linting"},
)
