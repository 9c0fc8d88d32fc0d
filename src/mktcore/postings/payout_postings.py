"""What settling with a merchant moves: release, reserve, payout, its debts. Pure, one function per row."""

from mktcore.ledger import Transaction
from mktcore.money import Money
from mktcore.postings.merchant_position import MerchantPosition
from mktcore.postings.posting_row import Occasion, PostingParties
from mktcore.postings.posting_table import (
    DEBT_PAID,
    DEBT_WRITTEN_OFF,
    PAYOUT_DECLINED,
    PAYOUT_PAID,
    PAYOUT_RETURNED,
    PAYOUT_SENT,
    RELEASE,
    RESERVE,
    RESERVE_END,
    SWEEP,
    TAX_REMITTED,
)

__all__ = [
    "post_debt_paid",
    "post_debt_written_off",
    "post_payout_declined",
    "post_payout_paid",
    "post_payout_returned",
    "post_payout_sent",
    "post_release",
    "post_reserve",
    "post_reserve_end",
    "post_sweep",
    "post_tax_remitted",
]


def post_release(occasion: Occasion, merchant: MerchantPosition, *, amount: Money) -> tuple[Transaction, ...]:
    """Return what makes pending money available."""
    return RELEASE.fill(occasion, {"x": amount}, PostingParties(merchant))


def post_reserve(occasion: Occasion, merchant: MerchantPosition, *, amount: Money) -> tuple[Transaction, ...]:
    """Return what keeps a part of the available money back."""
    return RESERVE.fill(occasion, {"x": amount}, PostingParties(merchant))


def post_reserve_end(occasion: Occasion, merchant: MerchantPosition, *, amount: Money) -> tuple[Transaction, ...]:
    """Return what makes kept money available again."""
    return RESERVE_END.fill(occasion, {"x": amount}, PostingParties(merchant))


def post_payout_sent(occasion: Occasion, merchant: MerchantPosition, *, amount: Money) -> tuple[Transaction, ...]:
    """Return what sends a payout on its way."""
    return PAYOUT_SENT.fill(occasion, {"x": amount}, PostingParties(merchant))


def post_payout_paid(occasion: Occasion, merchant: MerchantPosition, *, amount: Money) -> tuple[Transaction, ...]:
    """Return what tells that a payout has arrived."""
    return PAYOUT_PAID.fill(occasion, {"x": amount}, PostingParties(merchant))


def post_payout_declined(occasion: Occasion, merchant: MerchantPosition, *, amount: Money) -> tuple[Transaction, ...]:
    """Return what gives back a payout that never left: it settles a debt first, and is available again."""
    return PAYOUT_DECLINED.fill(occasion, {"x": amount}, PostingParties(merchant))


def post_payout_returned(occasion: Occasion, merchant: MerchantPosition, *, amount: Money) -> tuple[Transaction, ...]:
    """Return what gives back a payout that came back after it had arrived."""
    return PAYOUT_RETURNED.fill(occasion, {"x": amount}, PostingParties(merchant))


def post_sweep(occasion: Occasion, *, amount: Money) -> tuple[Transaction, ...]:
    """Return what moves money from the provider to the bank."""
    return SWEEP.fill(occasion, {"x": amount}, PostingParties())


def post_debt_paid(occasion: Occasion, merchant: MerchantPosition, *, amount: Money) -> tuple[Transaction, ...]:
    """Return what a merchant pays of its debt."""
    return DEBT_PAID.fill(occasion, {"x": amount}, PostingParties(merchant))


def post_debt_written_off(occasion: Occasion, merchant: MerchantPosition, *, amount: Money) -> tuple[Transaction, ...]:
    """Return what the marketplace gives up of a merchant's debt."""
    return DEBT_WRITTEN_OFF.fill(occasion, {"x": amount}, PostingParties(merchant))


def post_tax_remitted(occasion: Occasion, *, sales_tax: Money, own_vat: Money) -> tuple[Transaction, ...]:
    """Return what the authority gets: tax on sales that the marketplace owes, and tax on its own services."""
    return TAX_REMITTED.fill(occasion, {"T": sales_tax, "v": own_vat}, PostingParties())
