"""Notes on orders as their readers see them."""

from mktcore.order_notes import ORDER_NOTES, OrderNote
from mktcore.views.figure_forms import ACTOR
from mktcore.views.form import Form, field, maybe
from mktcore.views.record_access import show_record
from mktcore.views.shapes import INSTANT, TEXT

__all__ = ["ORDER_NOTE"]


ORDER_NOTE = Form(
    "OrderNote",
    OrderNote,
    (
        field("id", TEXT, "Its id."),
        field("order", TEXT, "Id of the marketplace order."),
        maybe("merchant", TEXT, "The merchant who reads it beside the operator."),
        field("text", TEXT, "What is noted."),
        field("by", ACTOR, "Who wrote it."),
        field("at", INSTANT, "When."),
    ),
    about="What somebody noted on an order, for the marketplace and perhaps a merchant.",
    show=show_record(ORDER_NOTES),
)
