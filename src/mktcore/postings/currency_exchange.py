"""What exchanging a merchant's money moves: two balanced transactions, one in each currency, linked. Pure."""

import attrs

from mktcore.ledger import Transaction
from mktcore.money import Money
from mktcore.postings.merchant_position import MerchantPosition
from mktcore.postings.posting_row import Occasion, PostingParties
from mktcore.postings.posting_table import EXCHANGE_BOUGHT, EXCHANGE_SOLD

__all__ = ["post_exchange"]


def post_exchange(
    occasion: Occasion, merchant: str, *, sold: Money, spread: Money, bought: Money
) -> tuple[Transaction, ...]:
    """Return what an exchange moves. No transaction mixes currencies (invariant I3): each names the other.

    Args:
        occasion: Why.
        merchant: Whose available money is exchanged.
        sold: What is exchanged, without the spread.
        spread: What the marketplace keeps of the same currency.
        bought: What the merchant gets, in the other currency.
    """
    legs = (
        *EXCHANGE_SOLD.fill(
            occasion, {"n": sold, "x": spread}, PostingParties(MerchantPosition(merchant, sold.currency))
        ),
        *EXCHANGE_BOUGHT.fill(occasion, {"m": bought}, PostingParties(MerchantPosition(merchant, bought.currency))),
    )
    keys = [leg.key for leg in legs]
    return tuple(attrs.evolve(leg, linked=[key for key in keys if key != leg.key]) for leg in legs)
