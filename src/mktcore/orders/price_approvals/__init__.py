"""Price approvals: orders whose price is not the merchant's current one, and who lets them pass."""

from mktcore.orders.price_approvals.price_approval import (
    PRICE_APPROVALS,
    ApprovalClosed,
    ApprovalState,
    NotTheirTurn,
    PriceApproval,
    PriceApprovalChanged,
    Vote,
    cast_vote,
    open_approval,
)
from mktcore.orders.price_approvals.use_cases import PriceApprovals, compare_prices

__all__ = [
    "PRICE_APPROVALS",
    "ApprovalClosed",
    "ApprovalState",
    "NotTheirTurn",
    "PriceApproval",
    "PriceApprovalChanged",
    "PriceApprovals",
    "Vote",
    "cast_vote",
    "compare_prices",
    "open_approval",
]
