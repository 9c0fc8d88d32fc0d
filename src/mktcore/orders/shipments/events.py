"""What happens to shipments."""

from datetime import datetime
from typing import ClassVar, Self

import attrs

from mktcore.events import Event
from mktcore.orders.shipments.shipment import Shipment

__all__ = ["ShipmentChanged", "Shipped"]


@attrs.frozen(kw_only=True)
class Shipped(Event):
    """Pieces left together.

    Attributes:
        merchant_order: Of which merchant order.
        order: Of which marketplace order.
    """

    subject_kind: ClassVar[str] = "shipment"
    merchant_order: str
    order: str

    @classmethod
    def of(cls, shipment: Shipment, *, at: datetime) -> Self:
        """Return the event of a shipment."""
        return cls(
            subject=shipment.id,
            at=at,
            merchant=shipment.merchant,
            buyer=shipment.buyer,
            merchant_order=shipment.merchant_order,
            order=shipment.order,
        )


@attrs.frozen(kw_only=True)
class ShipmentChanged(Shipped):
    """Something became of pieces of a shipment, or more is known of it: it is read anew."""
