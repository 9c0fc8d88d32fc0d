"""What shipments refuse."""

from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, Refused

__all__ = ["ShipmentRefused"]


@attrs.define(eq=False, slots=False)
class ShipmentRefused(Refused):
    """A shipment that cannot be made of what is told of it; every line is listed, and nothing was changed."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "orders.shipment-refused"
