"""Quantities by unit of measure: whole steps inside, such as 0.1 m, and decimals at the edge. Pure."""

from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.goods.measure import Measure

__all__ = ["NotInSteps", "to_steps"]


@attrs.define(eq=False, slots=False)
class NotInSteps(MktcoreError):
    """An amount that goods are not sold in: it is no whole number of their least step."""

    code: ClassVar[str] = "goods.not-in-steps"
    error_category: ClassVar[ErrorCategory] = ErrorCategory.INVALID
    remedy: ClassVar[str] = "take a whole number of steps; `below` and `above` are the next ones"
    amount: Measure
    step: Measure

    @property
    def above(self) -> Measure:
        """The least amount above that goods are sold in."""
        return (self.step * -(-self.amount.size // self.step.size)).to(self.amount.unit)

    @property
    def below(self) -> Measure | None:
        """The greatest amount below that goods are sold in; None below the first step."""
        steps = self.amount.size // self.step.size
        return (self.step * steps).to(self.amount.unit) if steps else None

    def describe(self) -> str:
        """Name the amount, the step, and the amounts next to it."""
        nearest = f"{self.above}" if self.below is None else f"{self.below} or {self.above}"
        return f"{self.amount} is no whole number of steps of {self.step}, as {nearest} is"


def to_steps(amount: Measure, step: Measure) -> int:
    """Return how many steps an amount is.

    >>> to_steps(Measure.parse("1.3 m"), Measure.parse("10 cm"))
    13

    Args:
        amount: What is wanted, in any unit of the step's dimension.
        step: The least that is sold.

    Raises:
        NotInSteps: It is no whole number of steps.
        DimensionMismatch: It measures something else.
    """
    steps = amount / step
    if steps.denominator != 1:
        raise NotInSteps(amount, step)
    return steps.numerator
