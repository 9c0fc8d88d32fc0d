"""What is told of offers; the merchant learns of its own."""

from datetime import datetime
from typing import ClassVar, Self

import attrs

from mktcore.events import Event
from mktcore.money import Money
from mktcore.offers.offer import Approval, Offer

__all__ = [
    "ClosureChanged",
    "MerchantRated",
    "OfferChanged",
    "OfferDecided",
    "OfferRefreshed",
    "OfferUnavailable",
    "OffersLoaded",
]


@attrs.frozen(kw_only=True)
class OfferChanged(Event):
    """A merchant or the operator stored an offer; `number` is its version, 0 once it is removed.

    Attributes:
        sku: What it sells.
        former: What it sold before, where that was something else.
        number: Its version.
    """

    subject_kind: ClassVar[str] = "offer"
    sku: str
    former: str | None = None
    number: int

    @classmethod
    def of(cls, offer: Offer, at: datetime, *, before: Offer | None = None) -> Self:
        """Tell of an offer as it was stored."""
        former = None if before is None or before.sku == offer.sku else before.sku
        return cls(subject=offer.id, at=at, merchant=offer.merchant, sku=offer.sku, former=former, number=offer.version)


@attrs.frozen(kw_only=True)
class OffersLoaded(Event):
    """A folder was loaded that tells of offers, prices, stock or shipping fees; what of them changed is not told."""

    subject_kind: ClassVar[str] = "load"


@attrs.frozen(kw_only=True)
class ClosureChanged(Event):
    """A merchant closes for a while, changed that, or opens again."""

    subject_kind: ClassVar[str] = "closure"


@attrs.frozen(kw_only=True)
class MerchantRated(Event):
    """The operator stored a merchant's rating, which the buy box may go by."""

    subject_kind: ClassVar[str] = "merchant_rating"


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
