"""What a buyer's own money moves: escrow, deposit, prepaid money, goods on account. Pure, one function per row."""

from mktcore.ledger import Transaction
from mktcore.money import Money
from mktcore.postings.merchant_position import MerchantPosition
from mktcore.postings.posting_row import Occasion, PostingParties
from mktcore.postings.posting_table import (
    ACCOUNT_PAID,
    BAD_DEBT,
    DEPOSIT_APPLIED,
    DEPOSIT_RETURNED,
    DEPOSIT_TAKEN,
    ESCROW_FUNDED,
    ESCROW_REFUNDED,
    ESCROW_RELEASED,
    FORFEIT,
    TOP_UP,
    WITHDRAWAL,
)

__all__ = [
    "post_account_paid",
    "post_bad_debt",
    "post_deposit_applied",
    "post_deposit_returned",
    "post_deposit_taken",
    "post_escrow_funded",
    "post_escrow_refunded",
    "post_escrow_released",
    "post_forfeit",
    "post_top_up",
    "post_withdrawal",
]


def post_escrow_funded(occasion: Occasion, *, amount: Money, buyer: str) -> tuple[Transaction, ...]:
    """Return what a buyer puts into escrow."""
    return ESCROW_FUNDED.fill(occasion, {"x": amount}, PostingParties(buyer=buyer))


def post_escrow_released(
    occasion: Occasion, merchant: MerchantPosition, *, amount: Money, buyer: str
) -> tuple[Transaction, ...]:
    """Return what the merchant gets of an escrow; its commission is posted beside it."""
    return ESCROW_RELEASED.fill(occasion, {"x": amount}, PostingParties(merchant, buyer))


def post_escrow_refunded(occasion: Occasion, *, amount: Money, buyer: str) -> tuple[Transaction, ...]:
    """Return what the buyer gets back of an escrow."""
    return ESCROW_REFUNDED.fill(occasion, {"x": amount}, PostingParties(buyer=buyer))


def post_deposit_taken(occasion: Occasion, *, amount: Money, buyer: str) -> tuple[Transaction, ...]:
    """Return what a buyer leaves as a deposit."""
    return DEPOSIT_TAKEN.fill(occasion, {"x": amount}, PostingParties(buyer=buyer))


def post_deposit_applied(occasion: Occasion, *, amount: Money, buyer: str) -> tuple[Transaction, ...]:
    """Return what a deposit pays of an order."""
    return DEPOSIT_APPLIED.fill(occasion, {"x": amount}, PostingParties(buyer=buyer))


def post_deposit_returned(occasion: Occasion, *, amount: Money, buyer: str) -> tuple[Transaction, ...]:
    """Return what the buyer gets back of a deposit."""
    return DEPOSIT_RETURNED.fill(occasion, {"x": amount}, PostingParties(buyer=buyer))


def post_withdrawal(occasion: Occasion, *, amount: Money, buyer: str) -> tuple[Transaction, ...]:
    """Return what a buyer takes out of its prepaid money."""
    return WITHDRAWAL.fill(occasion, {"x": amount}, PostingParties(buyer=buyer))


def post_account_paid(occasion: Occasion, *, amount: Money, buyer: str) -> tuple[Transaction, ...]:
    """Return what a buyer pays of goods on account."""
    return ACCOUNT_PAID.fill(occasion, {"x": amount}, PostingParties(buyer=buyer))


def post_bad_debt(occasion: Occasion, *, amount: Money, buyer: str) -> tuple[Transaction, ...]:
    """Return what of goods on account will never be paid: the marketplace bears it."""
    return BAD_DEBT.fill(occasion, {"x": amount}, PostingParties(buyer=buyer))


def post_top_up(occasion: Occasion, *, amount: Money, buyer: str, into: str = "prepaid") -> tuple[Transaction, ...]:
    """Return what a buyer pays in beforehand.

    Args:
        occasion: Why.
        amount: How much.
        buyer: Who.
        into: `"prepaid"`, or `"buyer_credit"`.
    """
    return TOP_UP.fill(occasion, {"x": amount}, PostingParties(buyer=buyer, source=into))


def post_forfeit(
    occasion: Occasion, merchant: MerchantPosition, *, amount: Money, share: Money, tax: Money, buyer: str
) -> tuple[Transaction, ...]:
    """Return what becomes of a forfeited deposit.

    Args:
        occasion: Why.
        merchant: The merchant's position.
        amount: What is forfeited.
        share: Of it, the merchant's share; the marketplace keeps the rest.
        tax: Of the rest, the tax in it.
        buyer: Whose deposit it was.
    """
    return FORFEIT.fill(occasion, {"D": amount, "m": share, "w": tax}, PostingParties(merchant, buyer))
