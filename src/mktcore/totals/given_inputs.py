"""What totals are computed from, whole, so that they can be explained and computed again."""

import attrs

from mktcore.money import Currency
from mktcore.totals.inputs import Expense, Line, Reduction
from mktcore.totals.rounding_profile import RoundingProfile

__all__ = ["Inputs"]


@attrs.frozen
class Inputs:
    """What totals were computed from; kept, so that they can be explained and computed again."""

    lines: tuple[Line, ...]
    reductions: tuple[Reduction, ...]
    expenses: tuple[Expense, ...]
    prices_include_tax: bool
    profile: RoundingProfile
    currency: Currency
