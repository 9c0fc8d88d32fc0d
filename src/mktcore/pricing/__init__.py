"""Prices: schedules, who they are for, and which one applies."""

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
from mktcore.pricing.precedence import PRECEDENCE, OnQuantity, Precedence, Rule, TieBreak
from mktcore.pricing.query import PriceQuery
from mktcore.pricing.recurrence import Recurrence
from mktcore.pricing.resolution import NoPrice, PriceResolution, Unpriced
from mktcore.pricing.schedule import PRICE_SCHEDULES, PriceBreak, PriceSchedule

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
    "list_audiences",
    "needs_consent",
    "to_asked",
]
