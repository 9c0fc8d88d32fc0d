"""What undoing a sale moves: refunds, goodwill, disputes. Pure, one function per row."""

import attrs

from mktcore.ledger import Transaction
from mktcore.money import Currency, Money
from mktcore.postings.merchant_position import MerchantPosition
from mktcore.postings.posting_row import Occasion, PostingParties
from mktcore.postings.posting_table import (
    CHARGEBACK,
    CHARGEBACK_LOST,
    CHARGEBACK_WON,
    GOODWILL,
    OWN_CHARGE_REFUND,
    REFUND,
    REFUND_EXECUTED,
)
from mktcore.postings.sale_figures import SaleFigures

__all__ = [
    "SaleReversal",
    "post_chargeback",
    "post_chargeback_lost",
    "post_chargeback_won",
    "post_goodwill",
    "post_own_charge_refund",
    "post_refund",
    "post_refund_executed",
]


def post_refund_executed(
    occasion: Occasion, *, amount: Money, buyer: str, source: str = "clearing"
) -> tuple[Transaction, ...]:
    """Return what tells that a refund has reached the buyer, at the source that it was paid from."""
    return REFUND_EXECUTED.fill(occasion, {"x": amount}, PostingParties(buyer=buyer, source=source))


def post_goodwill(occasion: Occasion, *, amount: Money, buyer: str) -> tuple[Transaction, ...]:
    """Return what the marketplace gives though nobody owes it."""
    return GOODWILL.fill(occasion, {"x": amount}, PostingParties(buyer=buyer))


def post_chargeback(occasion: Occasion, *, amount: Money) -> tuple[Transaction, ...]:
    """Return what the provider takes back while a dispute is open; its fee is a gateway fee."""
    return CHARGEBACK.fill(occasion, {"x": amount}, PostingParties())


def post_chargeback_won(occasion: Occasion, *, amount: Money) -> tuple[Transaction, ...]:
    """Return what comes back of a dispute that is won."""
    return CHARGEBACK_WON.fill(occasion, {"x": amount}, PostingParties())


@attrs.frozen(kw_only=True)
class SaleReversal:
    """What is undone of a merchant's sale.

    Attributes:
        paid: What the buyer gets back of it.
        borne: What the marketplace gets back of the reductions that it bore.
        tax: The sales tax in it that the marketplace no longer owes.
        commission: The commission that is given back.
        commission_tax: The tax on it.
    """

    paid: Money
    borne: Money
    tax: Money
    commission: Money
    commission_tax: Money

    @classmethod
    def of(cls, step: SaleFigures, currency: Currency) -> "SaleReversal":
        """Return what an event undoes, by what came to the figures of a merchant's part."""
        minors = {
            "paid": step.refunded,
            "borne": max(-step.borne, 0),
            "tax": step.refunded_tax,
            "commission": max(-step.commission, 0),
            "commission_tax": max(-step.commission_tax, 0),
        }
        return cls(**{name: Money.from_minor(minor, currency) for name, minor in minors.items()})

    def to_amounts(self) -> dict[str, Money]:
        """Return the amounts by the symbols of the table."""
        return {
            "R": self.paid,
            "b": self.borne,
            "t": self.tax,
            "c'": self.commission,
            "v'": self.commission_tax,
        }


def post_refund(
    occasion: Occasion, merchant: MerchantPosition, *, reversal: SaleReversal, buyer: str
) -> tuple[Transaction, ...]:
    """Return what a refund moves: the same before the merchant was paid out and after it; what it lacks it owes."""
    return REFUND.fill(occasion, reversal.to_amounts(), PostingParties(merchant, buyer))


def post_chargeback_lost(
    occasion: Occasion, merchant: MerchantPosition, *, reversal: SaleReversal
) -> tuple[Transaction, ...]:
    """Return what a dispute moves that is lost, or the part that is: the merchant bears it as it would a refund."""
    return CHARGEBACK_LOST.fill(occasion, reversal.to_amounts(), PostingParties(merchant))


def post_own_charge_refund(occasion: Occasion, *, net: Money, tax: Money, buyer: str) -> tuple[Transaction, ...]:
    """Return what giving back an own charge moves."""
    return OWN_CHARGE_REFUND.fill(occasion, {"S": net, "s": tax}, PostingParties(buyer=buyer))
