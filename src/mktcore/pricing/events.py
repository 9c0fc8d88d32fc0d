"""What is told of prices: each event names the merchant that owns the record; the operator learns of all."""

from datetime import datetime
from typing import ClassVar, Self

import attrs

from mktcore.events import Event
from mktcore.pricing.assignment import Assignment
from mktcore.pricing.price_schedule import PriceSchedule

__all__ = ["AssignmentChanged", "PriceScheduleChanged"]


@attrs.frozen(kw_only=True)
class PriceScheduleChanged(Event):
    """A price schedule was created, changed or removed; `number` is its version, 0 once it is removed."""

    subject_kind: ClassVar[str] = "price_schedule"
    number: int

    @classmethod
    def of(cls, schedule: PriceSchedule, number: int, *, at: datetime) -> Self:
        """Tell of a schedule by its number."""
        return cls(subject=schedule.id, at=at, merchant=schedule.owner, number=number)


@attrs.frozen(kw_only=True)
class AssignmentChanged(Event):
    """A price schedule was given to somebody for a SKU, or taken away; `number` is 0 once it is.

    Of a whole product, `sku` is empty and `product` is its id.
    """

    subject_kind: ClassVar[str] = "assignment"
    sku: str
    number: int
    product: str | None = None

    @classmethod
    def of(cls, one: Assignment, number: int, *, at: datetime) -> Self:
        """Tell of an assignment by its number."""
        return cls(subject=one.id, at=at, merchant=one.merchant, sku=one.sku, product=one.product, number=number)
