"""Totals that cannot drift: from lines, reductions, taxes and expenses to the figures of every level of an order."""

from typing import TYPE_CHECKING

from mktcore.lazy import load_lazily
from mktcore.totals.computing import compute_from, compute_totals
from mktcore.totals.errors import InvalidProgress, InvalidTotals, UnknownFigure
from mktcore.totals.figures import ExpenseTotals, Figures, LineTotals, OrderTotals, PartTotals, TaxAmount, UnitPart
from mktcore.totals.inputs import (
    ALL,
    Basis,
    Expense,
    Line,
    Option,
    PinnedTax,
    Reduction,
    TaxRate,
    TaxTreatment,
)
from mktcore.totals.profile import RoundAt, RoundingProfile
from mktcore.totals.sheet import Inputs
from mktcore.totals.taxing import TaxDifference
from mktcore.totals.totals import Totals

if TYPE_CHECKING:
    from mktcore.totals.comparing import Difference, compare_profiles, compare_totals
    from mktcore.totals.progress import apportion_amount, apportion_progress
    from mktcore.totals.thresholds import Threshold, ThresholdKind, ThresholdNotice, ThresholdOutcome, apply_thresholds

__all__ = [
    "ALL",
    "Basis",
    "Difference",
    "Expense",
    "ExpenseTotals",
    "Figures",
    "Inputs",
    "InvalidProgress",
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
    "TaxAmount",
    "TaxDifference",
    "TaxRate",
    "TaxTreatment",
    "Threshold",
    "ThresholdKind",
    "ThresholdNotice",
    "ThresholdOutcome",
    "Totals",
    "UnitPart",
    "UnknownFigure",
    "apply_thresholds",
    "apportion_amount",
    "apportion_progress",
    "compare_profiles",
    "compare_totals",
    "compute_from",
    "compute_totals",
]

__getattr__ = load_lazily(
    __name__,
    {
        "Difference": "mktcore.totals.comparing",
        "Threshold": "mktcore.totals.thresholds",
        "ThresholdKind": "mktcore.totals.thresholds",
        "ThresholdNotice": "mktcore.totals.thresholds",
        "ThresholdOutcome": "mktcore.totals.thresholds",
        "apply_thresholds": "mktcore.totals.thresholds",
        "apportion_amount": "mktcore.totals.progress",
        "apportion_progress": "mktcore.totals.progress",
        "compare_profiles": "mktcore.totals.comparing",
        "compare_totals": "mktcore.totals.comparing",
    },
)
