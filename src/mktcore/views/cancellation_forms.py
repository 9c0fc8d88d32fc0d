"""What canceling pieces would do, before it is agreed to."""

from mktcore.cancellations.cancellation import CanceledAmount, CancellationPreview, RaisedAmount
from mktcore.views.form import Form, field
from mktcore.views.plain_fields import plain_fields
from mktcore.views.shapes import MONEY, Listed

__all__ = ["CANCELLATION_PREVIEW"]

_AMOUNT = Form(
    "CanceledAmount",
    CanceledAmount,
    plain_fields(CanceledAmount, "key", "merchant", "is_charge", "amount", "tax"),
)
_RAISED = Form(
    "RaisedAmount",
    RaisedAmount,
    plain_fields(RaisedAmount, "line", "merchant", "pieces", "amount", "tax", "promotions"),
)
CANCELLATION_PREVIEW = Form(
    "CancellationPreview",
    CancellationPreview,
    (
        *plain_fields(CancellationPreview, "order", "canceled", "asked"),
        field("amount", MONEY, "What the buyer no longer pays, or gets back; tax contained."),
        field("amounts", Listed(_AMOUNT), "What is taken off each line and charge."),
        *plain_fields(CancellationPreview, "grand_before", "grand_after", "tax_after", "commission_back"),
        field("raised", Listed(_RAISED), "What the rest costs more, once all of it is canceled that is asked for."),
    ),
    show=CancellationPreview.view_for,
)
