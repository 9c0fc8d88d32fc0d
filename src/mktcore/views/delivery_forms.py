"""Delivery, as people are shown it: methods, what could travel how, and the shipments to expect."""

from mktcore.addresses import Address
from mktcore.delivery.business_calendar import BusinessCalendar
from mktcore.delivery.delivery_method import DELIVERY_METHODS, DeliveryMethod, PickUpPoint
from mktcore.delivery.delivery_plan import DeliveryGroup, DeliveryOption, DeliveryPlan
from mktcore.delivery.delivery_rate import DeliveryRate
from mktcore.delivery.expected_shipment import ExpectedPieces, ExpectedShipment
from mktcore.delivery.transit_time import Arrival, TransitTime
from mktcore.periods import Period
from mktcore.views.figure_forms import ADDRESS, PERIOD
from mktcore.views.form import Form, field, maybe
from mktcore.views.plain_fields import plain_fields
from mktcore.views.record_access import show_record
from mktcore.views.report_forms import NOTICE
from mktcore.views.shapes import DATE, MONEY, TEXT, WHOLE, Listed

__all__ = ["DELIVERY_METHOD", "DELIVERY_PLAN", "EXPECTED_SHIPMENT"]

_ARRIVAL = Form("Arrival", Arrival, plain_fields(Arrival, "earliest", "latest"))
EXPECTED_SHIPMENT = Form(
    "ExpectedShipment",
    ExpectedShipment,
    (
        *plain_fields(ExpectedShipment, "key", "method", "name", "point", "location"),
        maybe("arrival", _ARRIVAL, "When it comes; absent where nobody says."),
        field("cost", MONEY, "What it costs."),
        field(
            "contents",
            Listed(
                Form(
                    "ExpectedPieces",
                    ExpectedPieces,
                    plain_fields(ExpectedPieces, "line", "merchant", "quantity", "cost"),
                )
            ),
            "What it holds.",
        ),
    ),
    about="What is going to travel together.",
)
_OPTION = Form(
    "DeliveryOption",
    DeliveryOption,
    plain_fields(DeliveryOption, "method", "name", "cost", "arrival", "points", forms={Arrival: _ARRIVAL}),
)
_GROUP = Form(
    "DeliveryGroup",
    DeliveryGroup,
    (
        field("lines", Listed(TEXT), "Keys of the lines that could travel together."),
        field("options", Listed(_OPTION), "How they could, the cheapest first."),
        field("refused", Listed(NOTICE), "Why they could not by each other method."),
    ),
)
DELIVERY_PLAN = Form(
    "DeliveryPlan",
    DeliveryPlan,
    (
        field("groups", Listed(_GROUP), "What could travel together, whatever was chosen."),
        field("shipments", Listed(EXPECTED_SHIPMENT), "What is going to, as it was chosen."),
    ),
    about="How the goods could be delivered, and how they are going to be.",
)
_RATE = Form(
    "DeliveryRate",
    DeliveryRate,
    (
        *plain_fields(DeliveryRate, "first", "further", "included", "step", "above", "most"),
        field("areas", Listed(TEXT), "To where; none for everywhere.", read=lambda rate: map(str, rate.areas)),
    ),
)
_CALENDAR = Form(
    "BusinessCalendar",
    BusinessCalendar,
    (
        *plain_fields(BusinessCalendar, "time_zone", "cut_off"),
        field("weekdays", Listed(WHOLE), "On which they work, Monday is 0.", read=lambda one: sorted(one.weekdays)),
        field("closed", Listed(DATE), "Days on which they do not.", read=lambda one: sorted(one.closed)),
    ),
)
_TRANSIT = Form("TransitTime", TransitTime, plain_fields(TransitTime, "least", "most", "unit"))
_POINT = Form("PickUpPoint", PickUpPoint, plain_fields(PickUpPoint, "id", "name", "address", forms={Address: ADDRESS}))
DELIVERY_METHOD = Form(
    "DeliveryMethod",
    DeliveryMethod,
    (
        *plain_fields(DeliveryMethod, "id", "name", "merchant", "kind", "basis"),
        field("rates", Listed(_RATE), "What it costs; none for what the shipping gateway quotes."),
        *plain_fields(
            DeliveryMethod,
            *("channels", "valid", "transit", "tax_category", "is_collected_by_operator"),
            forms={Period: PERIOD, TransitTime: _TRANSIT},
        ),
        field("calendar", _CALENDAR, "Whose business days those are."),
        field("points", Listed(_POINT), "Where goods are fetched, for a pick-up."),
    ),
    show=show_record(DELIVERY_METHODS),
)
