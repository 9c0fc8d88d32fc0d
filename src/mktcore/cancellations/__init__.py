"""Cancellations: which pieces a party may cancel, what that does to money, and doing it once."""

from mktcore.cancellations.cancellation import (
    CanceledAmount,
    Cancellation,
    CancellationChanged,
    CancellationPreview,
    CancellationRefused,
    ConsentNeeded,
    RaisedAmount,
)
from mktcore.cancellations.plan_cancellation import plan_cancellation
from mktcore.cancellations.preview_cancellation import preview_cancellation
from mktcore.cancellations.use_cases import CancelOrders

__all__ = [
    "CancelOrders",
    "CanceledAmount",
    "Cancellation",
    "CancellationChanged",
    "CancellationPreview",
    "CancellationRefused",
    "ConsentNeeded",
    "RaisedAmount",
    "plan_cancellation",
    "preview_cancellation",
]
