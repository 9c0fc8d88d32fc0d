"""What delivery stores."""

from mktcore.delivery.delivery_method import DELIVERY_METHODS, DeliveryMethod
from mktcore.delivery.events import ShippingFeeChanged
from mktcore.delivery.shipping_fee import SHIPPING_FEES, ShippingFee
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]

STORED = (
    Stored("delivery.shipping-fee", 1, ShippingFee, kind=SHIPPING_FEES),
    Stored("delivery.shipping-fee-changed", 1, ShippingFeeChanged),
    Stored("delivery.delivery-method", 1, DeliveryMethod, kind=DELIVERY_METHODS),
)
