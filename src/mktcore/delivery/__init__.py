"""How goods travel and what that costs."""

from mktcore.delivery.events import ShippingFeeChanged
from mktcore.delivery.shipping_fee import SHIPPING_FEES, ShippingFee
from mktcore.delivery.use_cases import ShippingFees, lint_shipping_fees

__all__ = ["SHIPPING_FEES", "ShippingFee", "ShippingFeeChanged", "ShippingFees", "lint_shipping_fees"]
