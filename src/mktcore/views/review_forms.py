"""Notes on orders, and reviews of them, as the marketplace and its merchants are shown them."""

from mktcore.orders.reviews import ORDER_REVIEWS, OrderReview
from mktcore.views.figure_forms import ACTOR
from mktcore.views.form import Form, field, maybe
from mktcore.views.record_access import show_record
from mktcore.views.shapes import INSTANT, TEXT

__all__ = ["ORDER_REVIEW"]

ORDER_REVIEW = Form(
    "OrderReview",
    OrderReview,
    (
        field("id", TEXT, "Its id."),
        field("order", TEXT, "Id of the marketplace order."),
        field("reason", TEXT, "Why it is held, in a word."),
        field("state", TEXT, "Whether it is held for it: open or closed."),
        field("text", TEXT, "What the reviewer should know."),
        field("opened_by", ACTOR, "Who held it."),
        field("opened_at", INSTANT, "Since when."),
        maybe("closed_by", ACTOR, "Who released it."),
        maybe("closed_at", INSTANT, "Until when."),
        maybe("outcome", TEXT, "What was found.", read=lambda review: review.outcome or None),
    ),
    about="Why the marketplace holds an order, or held it.",
    show=show_record(ORDER_REVIEWS),
)
