"""Price approvals: orders whose price is not the merchant's current one, and who lets them pass."""

from typing import TYPE_CHECKING

from mktcore.lazy_names import load_lazily
from mktcore.orders.price_approvals.price_approval import (
    PRICE_APPROVALS,
    ApprovalClosed,
    ApprovalState,
    NotTheirTurn,
    PriceApproval,
    PriceApprovalChanged,
    PriceNotApproved,
    Vote,
    cast_vote,
    open_approval,
)

if TYPE_CHECKING:
    from mktcore.orders.price_approvals.use_cases import PriceApprovals, compare_prices

__all__ = [
    "PRICE_APPROVALS",
    "ApprovalClosed",
    "ApprovalState",
    "NotTheirTurn",
    "PriceApproval",
    "PriceApprovalChanged",
    "PriceApprovals",
    "PriceNotApproved",
    "Vote",
    "cast_vote",
    "compare_prices",
    "open_approval",
]

# The use cases fire actions, whose effects know price approvals: only the values load with the package.
__getattr__ = load_lazily(
    __name__,
    {
        "PriceApprovals": "mktcore.orders.price_approvals.use_cases",
        "compare_prices": "mktcore.orders.price_approvals.use_cases",
    },
)
