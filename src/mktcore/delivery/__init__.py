"""How goods travel and what that costs."""

from mktcore.delivery.shipping_fee import SHIPPING_FEES, ShippingFee

__all__ = ["SHIPPING_FEES", "ShippingFee"]
