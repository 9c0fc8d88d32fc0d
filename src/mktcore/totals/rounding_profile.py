"""Where and how amounts become whole minor units: the rounding profile a marketplace chooses and pins on each order."""

from decimal import Decimal
from enum import Enum

import attrs

from mktcore.money import Allocation, Rounding

__all__ = ["RoundAt", "RoundingProfile"]


class RoundAt(Enum):
    """The level at which an exact amount is rounded; from there it is apportioned down, never rounded again."""

    UNIT = "unit"
    """Each unit of a line on its own, then times the quantity."""
    LINE = "line"
    """Each line and each expense on its own."""
    MERCHANT = "merchant"
    """Each merchant's sum (and the marketplace's own), apportioned to its lines and expenses."""
    ORDER = "order"
    """The order's sum, apportioned to the merchants and the marketplace, and from them to lines and expenses."""


@attrs.frozen
class RoundingProfile:
    """How an order rounds: at which level, in which mode, and to which coin.

    The level holds for prices that are no whole number of minor units, for percentages, and for every tax (each name
    and rate on its own).

    Attributes:
        at: The level.
        mode: How a fraction of a minor unit becomes none or one.
        prices_at: Another level for the lines' prices; None for the same. A system that shows whole line amounts but
            rounds its tax on the order has `at=RoundAt.ORDER, prices_at=RoundAt.LINE`.
        cash_increment: The smallest coin in major units (`Decimal("0.05")`); the order's grand total is brought to a
            multiple of it by an expense of its own, which may be negative. None for payments without cash.
        cash_mode: The mode for the coin; None for `mode`.
        allocation: Who gets the left-over units of what is apportioned down; largest remainder is the fair one.
        reduction_mode: The mode for what reductions take off, and for who bears it; None for `mode`.
    """

    at: RoundAt
    mode: Rounding
    prices_at: RoundAt | None = None
    cash_increment: Decimal | None = None
    cash_mode: Rounding | None = None
    allocation: Allocation = Allocation.LARGEST_REMAINDER
    reduction_mode: Rounding | None = attrs.field(default=None, kw_only=True)

    @property
    def for_reductions(self) -> "RoundingProfile":
        """This profile with the mode of reductions as its mode.

        >>> RoundingProfile(RoundAt.LINE, Rounding.HALF_UP, reduction_mode=Rounding.DOWN).for_reductions.mode
        <Rounding.DOWN: 'ROUND_DOWN'>
        """
        return self if self.reduction_mode is None else attrs.evolve(self, mode=self.reduction_mode)
