"""How a buy box chooses: the criteria, and which of them decides first."""

from collections.abc import Iterable

import attrs

from mktcore.errors import InvalidValue
from mktcore.offers.buybox.criteria import ByCondition, ByPrice, Criterion

__all__ = ["CHEAPEST", "BuyBoxPolicy"]


def _to_criteria(criteria: Iterable[Criterion]) -> tuple[Criterion, ...]:
    return tuple(criteria)


@attrs.frozen
class BuyBoxPolicy:
    """How the buy box chooses among the offers that can serve: the first criterion decides, the next among its equals.

    What is equal by all of them goes to the lesser id; let `ByRotation` be the last to give each a turn.

    Attributes:
        criteria: At least one, the one that decides first.
        reason: What explanations say of it; made from the criteria when empty.
    """

    criteria: tuple[Criterion, ...] = attrs.field(converter=_to_criteria)
    reason: str = ""

    def __attrs_post_init__(self) -> None:
        if not self.criteria:
            raise InvalidValue("BuyBoxPolicy", "criteria", self.criteria, "at least one criterion")

    def describe(self) -> str:
        """Say by what it chooses."""
        titles = ", then ".join(criterion.title for criterion in self.criteria)
        return self.reason or f"by {titles}, of those that can serve the quantity"


CHEAPEST = BuyBoxPolicy((ByCondition(), ByPrice()), "the cheapest in the best condition that can serve the quantity")
"""The policy of a marketplace that chose none."""
