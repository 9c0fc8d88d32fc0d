"""Forwarded orders, as the marketplace and the merchants who forward are shown them."""

from mktcore.forwarded_orders import FORWARDED_ORDERS, ForwardedOrder
from mktcore.views.form import Form, field
from mktcore.views.plain_fields import plain_fields
from mktcore.views.record_access import show_record
from mktcore.views.report_forms import NOTICE
from mktcore.views.shapes import INSTANT, TEXT, WHOLE, Listed, Mapped

__all__ = ["FORWARDED_ORDER"]

FORWARDED_ORDER = Form(
    "ForwardedOrder",
    ForwardedOrder,
    (
        *plain_fields(
            ForwardedOrder,
            "id",
            "merchant_order",
            "order",
            "merchant",
            "supplier",
            "supplier_order",
            "supplier_merchant_order",
            "purchaser",
        ),
        field("lines", Mapped(WHOLE), "Pieces by line."),
        field("forwarded_at", INSTANT, "When it was forwarded."),
        field("state", TEXT, "Whether the ends still follow each other: open or closed."),
        field("shipments", Mapped(TEXT), "The merchant order's shipments by those of the supplier that they follow."),
        field("asked", Mapped(WHOLE), "Pieces by line that the supplier was asked to cancel."),
        field("troubles", Listed(NOTICE), "What could not be followed."),
    ),
    about="Pieces of a merchant order that a supplier sends for its merchant.",
    show=show_record(FORWARDED_ORDERS),
)
