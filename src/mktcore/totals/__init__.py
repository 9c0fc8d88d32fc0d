"""Totals that cannot drift: from lines, reductions, taxes and expenses to the figures of every level of an order."""

from mktcore.totals.compute_totals import compute_totals
from mktcore.totals.errors import InvalidTotals
from mktcore.totals.figures import ExpenseTotals, LineTotals, OrderTotals, PartTotals
from mktcore.totals.inputs import Expense, Line, Option, PinnedTax, Reduction, TaxRate, TaxTreatment
from mktcore.totals.parts_over_time import apportion_progress
from mktcore.totals.profile_comparison import compare_profiles
from mktcore.totals.rounding_profile import RoundAt, RoundingProfile
from mktcore.totals.thresholds import Threshold, apply_thresholds
from mktcore.totals.totals import Totals

__all__ = [
    "Expense",
    "ExpenseTotals",
    "InvalidTotals",
    "Line",
    "LineTotals",
    "Option",
    "OrderTotals",
    "PartTotals",
    "PinnedTax",
    "Reduction",
    "RoundAt",
    "RoundingProfile",
    "TaxRate",
    "TaxTreatment",
    "Threshold",
    "Totals",
    "apply_thresholds",
    "apportion_progress",
    "compare_profiles",
    "compute_totals",
]
