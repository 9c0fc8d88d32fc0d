"""How goods travel and what that costs."""

from mktcore.delivery.business_calendar import BusinessCalendar
from mktcore.delivery.delivery_choice import DeliveryChoice
from mktcore.delivery.delivery_method import DELIVERY_METHODS, DeliveryKind, DeliveryMethod, PickUpPoint
from mktcore.delivery.delivery_plan import DeliveryPlan
from mktcore.delivery.delivery_rate import DeliveryRate, RateBasis
from mktcore.delivery.expected_shipment import ExpectedShipment
from mktcore.delivery.ports import ParcelQuery, ShippingGateway, ShippingQuote
from mktcore.delivery.shipping_fee import SHIPPING_FEES, ShippingFee
from mktcore.delivery.transit_time import TransitTime, TransitUnit
from mktcore.delivery.use_cases import DeliveryMethods, ShippingFees, lint_shipping_fees

__all__ = [
    "DELIVERY_METHODS",
    "SHIPPING_FEES",
    "BusinessCalendar",
    "DeliveryChoice",
    "DeliveryKind",
    "DeliveryMethod",
    "DeliveryMethods",
    "DeliveryPlan",
    "DeliveryRate",
    "ExpectedShipment",
    "ParcelQuery",
    "PickUpPoint",
    "RateBasis",
    "ShippingFee",
    "ShippingFees",
    "ShippingGateway",
    "ShippingQuote",
    "TransitTime",
    "TransitUnit",
    "lint_shipping_fees",
]
