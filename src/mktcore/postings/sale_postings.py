"""What a sale moves: authorisation, capture, cancellation, earning, commission. Pure, one function per row."""

from datetime import datetime

import attrs

from mktcore.ledger import Hold, Transaction
from mktcore.money import Money
from mktcore.postings.merchant_position import MerchantPosition
from mktcore.postings.posting_row import Occasion, PostingParties
from mktcore.postings.posting_table import (
    AUTHORISATION,
    BILL_REVERSED,
    CANCELLATION,
    CAPTURE,
    COMMISSION,
    COMMISSION_BILLED,
    EARNING,
    FEE_PASSED_ON,
    GATEWAY_FEE,
    PROMOTION_OWED,
)

__all__ = [
    "Earning",
    "hold_payment",
    "post_bill_reversed",
    "post_cancellation",
    "post_capture",
    "post_commission",
    "post_commission_billed",
    "post_earning",
    "post_fee_passed_on",
    "post_gateway_fee",
    "post_promotion_owed",
]


def post_capture(occasion: Occasion, *, amount: Money, buyer: str, source: str = "clearing") -> tuple[Transaction, ...]:
    """Return what a payment brings; one for each source that it comes from."""
    return CAPTURE.fill(occasion, {"x": amount}, PostingParties(buyer=buyer, source=source))


def post_gateway_fee(occasion: Occasion, *, amount: Money) -> tuple[Transaction, ...]:
    """Return what a payment provider keeps."""
    return GATEWAY_FEE.fill(occasion, {"x": amount}, PostingParties())


def post_fee_passed_on(occasion: Occasion, merchant: MerchantPosition, *, amount: Money) -> tuple[Transaction, ...]:
    """Return what a merchant bears of a provider's fee."""
    return FEE_PASSED_ON.fill(occasion, {"x": amount}, PostingParties(merchant))


def post_cancellation(occasion: Occasion, *, amount: Money, buyer: str) -> tuple[Transaction, ...]:
    """Return what is due to the buyer of goods that were never earned."""
    return CANCELLATION.fill(occasion, {"x": amount}, PostingParties(buyer=buyer))


def post_promotion_owed(occasion: Occasion, merchant: MerchantPosition, *, amount: Money) -> tuple[Transaction, ...]:
    """Return what the marketplace bears of a promotion where the merchant took the payment."""
    return PROMOTION_OWED.fill(occasion, {"B": amount}, PostingParties(merchant))


def hold_payment(
    occasion: Occasion, *, amount: Money, buyer: str, source: str, expires_at: datetime | None = None
) -> tuple[Hold, ...]:
    """Return what sets money aside for an order that is not captured yet.

    Args:
        occasion: Why.
        amount: How much.
        buyer: Whose.
        source: `"prepaid"`, `"buyer_credit"`, or `"buyer_debt"` up to its limit; providers hold theirs.
        expires_at: When it is free again, UTC.
    """
    return AUTHORISATION.set_aside(occasion, amount, PostingParties(buyer=buyer, source=source), expires_at=expires_at)


@attrs.frozen(kw_only=True)
class Earning:
    """What is earned when paid goods leave.

    Attributes:
        paid: What the buyer paid for the merchant's goods and charges, tax contained.
        borne: What the marketplace bears of their reductions.
        tax: The sales tax in it that the marketplace owes.
        own_net: The marketplace's own charges that are earned with it, without tax.
        own_tax: The tax on them.
    """

    paid: Money
    borne: Money
    tax: Money
    own_net: Money
    own_tax: Money


def post_earning(
    occasion: Occasion, merchant: MerchantPosition, *, earning: Earning, buyer: str
) -> tuple[Transaction, ...]:
    """Return what the merchant earns of a portion, and the marketplace of its own charges with it.

    Tax that the marketplace owes never reaches the merchant: it is no part of what is payable.
    """
    amounts = {
        "P": earning.paid,
        "B": earning.borne,
        "T": earning.tax,
        "S": earning.own_net,
        "s": earning.own_tax,
    }
    return EARNING.fill(occasion, amounts, PostingParties(merchant, buyer))


def post_commission(
    occasion: Occasion, merchant: MerchantPosition, *, amount: Money, tax: Money
) -> tuple[Transaction, ...]:
    """Return what commission is taken; `tax` is zero where the merchant owes it itself (reverse charge)."""
    return COMMISSION.fill(occasion, {"c": amount, "v": tax}, PostingParties(merchant))


def post_commission_billed(
    occasion: Occasion, merchant: MerchantPosition, *, amount: Money, tax: Money
) -> tuple[Transaction, ...]:
    """Return what a merchant owes of commission where it took the payment itself."""
    return COMMISSION_BILLED.fill(occasion, {"c": amount, "v": tax}, PostingParties(merchant))


def post_bill_reversed(
    occasion: Occasion, merchant: MerchantPosition, *, amount: Money, tax: Money, borne: Money
) -> tuple[Transaction, ...]:
    """Return what is undone of commission and promotion where the merchant took the payment and gave it back itself."""
    return BILL_REVERSED.fill(occasion, {"c'": amount, "v'": tax, "b": borne}, PostingParties(merchant))
