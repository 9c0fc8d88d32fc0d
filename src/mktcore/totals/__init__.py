"""Totals that cannot drift: from lines, reductions, taxes and expenses to the figures of every level of an order."""

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
from mktcore.totals.taxing import TaxDifference
from mktcore.totals.totals import Inputs, Totals

__all__ = [
    "ALL",
    "Basis",
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
    "Totals",
    "UnitPart",
    "UnknownFigure",
    "compute_from",
    "compute_totals",
]
