"""From unit prices to line amounts: `per`, multipliers, options, and the rounding of what is no whole minor unit."""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from mktcore.money import Rounding, round_ratio
from mktcore.money.rounding import to_ratio
from mktcore.totals.apportionment import Bounds, apportion
from mktcore.totals.inputs import Line
from mktcore.totals.rounding_profile import RoundAt, RoundingProfile

__all__ = ["exact_line_amount", "exact_unit_amount", "line_amounts", "round_amounts"]

Loose = dict[int, Fraction]
"""Amounts that are no whole number of minor units, by the line's index."""


def exact_unit_amount(line: Line) -> Fraction:
    """Return the price of one piece of a line in minor units, options included, unrounded.

    >>> from decimal import Decimal
    >>> from mktcore.money import Money
    >>> exact_unit_amount(Line("1", "acme", Money.of("1.99", "EUR"), unit_multiplier=Decimal("0.35")))
    Fraction(1393, 20)
    """
    price = Fraction(line.unit_price.minor)
    for option in line.options:
        if option.percent is not None:
            price += line.unit_price.minor * Fraction(*to_ratio(option.percent))
        elif option.mark_up is not None and not option.once:
            price += option.mark_up.minor
    return price * Fraction(*to_ratio(line.unit_multiplier)) / line.per


def exact_line_amount(line: Line) -> Fraction:
    """Return the amount of a line in minor units, unrounded; nothing for a quantity of zero."""
    return exact_unit_amount(line) * line.quantity + _once(line)


def _once(line: Line) -> int:
    if not line.quantity:
        return 0
    return sum([option.mark_up.minor for option in line.options if option.once and option.mark_up is not None])


def line_amounts(lines: Sequence[Line], at: RoundAt, mode: Rounding) -> tuple[list[int], Loose]:
    """Return the lines' amounts in minor units, and apart the exact ones that round at the merchant or the order."""
    amounts = [line.unit_price.minor * line.quantity for line in lines]
    loose: Loose = {}
    for index, line in enumerate(lines):
        if line.per == 1 and line.unit_multiplier == 1 and not line.options:
            continue
        if at is RoundAt.UNIT:
            unit = exact_unit_amount(line)
            amounts[index] = round_ratio(unit.numerator, unit.denominator, mode) * line.quantity + _once(line)
            continue
        exact = exact_line_amount(line)
        if at is RoundAt.LINE or exact.denominator == 1:
            amounts[index] = round_ratio(exact.numerator, exact.denominator, mode)
        else:
            loose[index] = exact
    return amounts, loose


def round_amounts(
    amounts: list[int], loose: Loose, *, order: Sequence[int], bounds: Bounds, profile: RoundingProfile
) -> None:
    """Round the loose amounts as sums with the whole ones, and fill them in.

    A line whose price is whole keeps it: only the lines with a fraction share what the rounding of the sum leaves.
    """
    at = profile.prices_at or profile.at
    # One denominator for all of them makes the weights ints.
    scale = lcm(*[exact.denominator for exact in loose.values()])
    weights = [int(loose[index] * scale) if index in loose else 0 for index in order]
    whole = [0 if index in loose else amounts[index] for index in order]
    if at is RoundAt.ORDER:
        parts = _round_beside(weights, scale, sum(whole), bounds=bounds, profile=profile)
    else:
        parts = []
        for start, end in bounds:
            group = weights[start:end]
            parts += _round_beside(group, scale, sum(whole[start:end]), bounds=[(0, end - start)], profile=profile)
    for index, part in zip(order, parts, strict=True):
        if index in loose:
            amounts[index] = part


def _round_beside(
    weights: Sequence[int], scale: int, whole: int, *, bounds: Bounds, profile: RoundingProfile
) -> list[int]:
    # The whole amounts take part in the rounding (half even looks at the sum's parity), not in the apportioning.
    rounded = round_ratio(whole * scale + sum(weights), scale, profile.mode)
    return apportion(rounded - whole, weights, bounds, by=profile.allocation)
