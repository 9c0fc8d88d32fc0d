"""What is told of shipping fees: the merchant learns of its own."""

from datetime import datetime
from typing import ClassVar, Self

import attrs

from mktcore.delivery.shipping_fee import ShippingFee
from mktcore.events import Event

__all__ = ["ShippingFeeChanged"]


@attrs.frozen(kw_only=True)
class ShippingFeeChanged(Event):
    """What a merchant's shipping costs was stored or removed; buy boxes may go by what goods cost with it."""

    subject_kind: ClassVar[str] = "shipping_fee"

    @classmethod
    def of(cls, fee: ShippingFee, at: datetime) -> Self:
        """Tell of a merchant's fee."""
        return cls(subject=fee.id, at=at, merchant=fee.merchant)
