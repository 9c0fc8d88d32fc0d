"""What price administration asks of those who keep offers: what is sold at which schedule."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import attrs

from mktcore.persistence import Repositories, WritingUnit
from mktcore.pricing.assignment import Assignment
from mktcore.pricing.price_schedule import PriceSchedule

__all__ = ["HoldPrices", "ListPricedOffers", "PricedOffer"]


@attrs.frozen
class PricedOffer:
    """What prices need to know of an offer.

    Attributes:
        id: Its id.
        merchant: Who sells.
        sku: What.
        schedule: Id of the price schedule that it names.
        product: The product of the SKU; None where it belongs to none.
    """

    id: str
    merchant: str
    sku: str
    schedule: str = attrs.field(kw_only=True)
    product: str | None = attrs.field(default=None, kw_only=True)


class ListPricedOffers(Protocol):
    """Lists what is sold; offers stand above prices, so they are handed in."""

    def __call__(self, unit: Repositories, merchant: str | None) -> Iterable[PricedOffer]:
        """Return the offers of a merchant, or of all for None, in any order.

        Args:
            unit: Under the operator's authority; it is only read.
            merchant: Whose offers.
        """
        ...


class HoldPrices(Protocol):
    """Holds what merchants want to ask and somebody has to look at first; offers, which it asks of, stand above."""

    def hold_schedule(self, unit: WritingUnit, schedule: PriceSchedule, *, now: datetime) -> bool:
        """Tell whether a merchant's schedule must not be stored as it is; then it is noted, in this unit.

        Args:
            unit: Under the operator's authority; the caller commits it.
            schedule: What is to be stored.
            now: The instant, UTC.
        """
        ...

    def hold_assignment(self, unit: WritingUnit, assignment: Assignment, *, now: datetime) -> bool:
        """Tell the same of an assignment."""
        ...

    def withdraw(self, unit: WritingUnit, kind: str, name: str, *, now: datetime) -> None:
        """Drop what is held of a schedule or an assignment: another one takes its place.

        Args:
            unit: Under the operator's authority; the caller commits it.
            kind: `schedule` or `assignment`.
            name: Its id.
            now: The instant, UTC.
        """
        ...
