"""What is told of offers; the merchant learns of its own."""

from datetime import datetime
from typing import ClassVar

import attrs

from mktcore.events import Event
from mktcore.money import Money
from mktcore.offers.offer import Approval

__all__ = ["OfferDecided", "OfferRefreshed", "OfferUnavailable"]


@attrs.frozen(kw_only=True)
class OfferRefreshed(Event):
    """A merchant's answer was applied.

    Attributes:
        price: What one piece costs now.
        on_hand: Pieces on hand at all locations together.
        as_of: The instant that the answer was of.
        was_unavailable: Whether the offer can be had again since then.
    """

    subject_kind: ClassVar[str] = "offer"
    price: Money
    on_hand: int
    as_of: datetime
    was_unavailable: bool = False


@attrs.frozen(kw_only=True)
class OfferUnavailable(Event):
    """An offer cannot be had any more, because its price and stock are not known to be right.

    Attributes:
        why: Why, in one clause.
    """

    subject_kind: ClassVar[str] = "offer"
    why: str


@attrs.frozen(kw_only=True)
class OfferDecided(Event):
    """The operator approved or denied an offer.

    Attributes:
        approval: What it decided.
        reason: Why.
    """

    subject_kind: ClassVar[str] = "offer"
    approval: Approval
    reason: str = ""
