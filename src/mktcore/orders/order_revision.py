"""What canceling a part of an order changed of the money of the rest: prices without discounts no longer earned."""

import attrs

from mktcore.postings import FundedPieces
from mktcore.promotions.release_limits import PromotionUse

__all__ = ["OpenDiscount", "OrderRevision", "RaisedLine"]


@attrs.frozen
class OpenDiscount:
    """What a promotion takes off the open pieces of a line from then on.

    Attributes:
        promotion: The promotion.
        minor: What it takes off them, in minor units.
        lapsed: What it took off them before, and does no more.
    """

    promotion: str
    minor: int
    lapsed: int


@attrs.frozen
class RaisedLine:
    """A line whose open pieces cost more.

    Attributes:
        line: Key of the line.
        pieces: How many pieces of it were open.
        added: What all of them cost more, tax contained.
        discounts: What promotions take off them from then on.
    """

    line: str
    pieces: int
    added: FundedPieces
    discounts: tuple[OpenDiscount, ...]


@attrs.frozen
class OrderRevision:
    """What one step changed of the prices of what was left.

    Attributes:
        number: Of the step: the version that the marketplace order got by it.
        raised: The lines whose open pieces cost more since, at least one.
        former_uses: What the order had taken of promotions' limits before: an answer is rebuilt by it.
    """

    number: int
    raised: tuple[RaisedLine, ...]
    former_uses: tuple[PromotionUse, ...] | None = None

    @property
    def added(self) -> dict[str, FundedPieces]:
        """What came on top, by line."""
        return {one.line: one.added for one in self.raised}

    @property
    def paid(self) -> int:
        """What the buyer pays more by it, in minor units, tax contained."""
        return sum([one.added.paid for one in self.raised])
