"""What is told of prices: each event names the merchant that owns the record; the operator learns of all."""

from typing import ClassVar

import attrs

from mktcore.events import Event

__all__ = ["AssignmentChanged", "PriceScheduleChanged"]


@attrs.frozen(kw_only=True)
class PriceScheduleChanged(Event):
    """A price schedule was created, changed or removed; `number` is its version, 0 once it is removed."""

    subject_kind: ClassVar[str] = "price_schedule"
    number: int


@attrs.frozen(kw_only=True)
class AssignmentChanged(Event):
    """A price schedule was given to somebody for a SKU, or taken away; `number` is 0 once it is.

    Of a whole product, `sku` is empty and `product` is its id.
    """

    subject_kind: ClassVar[str] = "assignment"
    sku: str
    number: int
    product: str | None = None
