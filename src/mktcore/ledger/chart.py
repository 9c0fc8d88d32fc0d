"""The chart of accounts: which accounts there are, who owns them, on which side they grow, and which are guarded."""

from collections.abc import Mapping
from enum import StrEnum

import attrs

from mktcore.persistence import Party

__all__ = ["CHART", "AccountType", "Guard", "Side"]


class Side(StrEnum):
    """The two sides of a book."""

    DEBIT = "debit"
    CREDIT = "credit"

    @property
    def sign(self) -> int:
        """The sign of an amount on this side: debits are positive, credits negative."""
        return 1 if self is Side.DEBIT else -1


class Guard(StrEnum):
    """What no posting may take an account past."""

    FLOOR = "floor"
    """A least balance: 0 unless a limit says otherwise."""
    CEILING = "ceiling"
    """A greatest balance: 0 until a limit says otherwise."""


@attrs.frozen
class AccountType:
    """What all accounts of one name have in common.

    Attributes:
        name: How it is written in an account: `"available"`.
        code: Two letters, as the posting table has it: `"AV"`.
        party: Whose accounts these are.
        side: The side on which it grows; its balance is told positive there.
        title: What its balance is.
        guard: What no posting may take it past, holds included; None where every balance can be.
    """

    name: str
    code: str
    party: Party
    side: Side
    title: str
    guard: Guard | None = None

    @property
    def spending(self) -> Side | None:
        """The side that brings a guarded account nearer to its limit; None for one without."""
        if self.guard is None:
            return None
        grows = self.side is Side.DEBIT
        return Side.DEBIT if grows is (self.guard is Guard.CEILING) else Side.CREDIT


_OPERATOR, _MERCHANT, _BUYER = Party.OPERATOR, Party.MERCHANT, Party.BUYER
_DEBIT, _CREDIT = Side.DEBIT, Side.CREDIT
_FLOOR = Guard.FLOOR

# positional: a row of the chart, in the order of the table in the documents
_TYPES = (
    AccountType("clearing", "CL", _OPERATOR, _DEBIT, "money at payment providers"),
    AccountType("bank", "BK", _OPERATOR, _DEBIT, "money in the bank"),
    AccountType("promotion_cost", "PR", _OPERATOR, _DEBIT, "reductions that the marketplace bears"),
    AccountType("gateway_fees", "GF", _OPERATOR, _DEBIT, "what payment providers charge"),
    AccountType("losses", "LO", _OPERATOR, _DEBIT, "goodwill and bad debts"),
    AccountType("disputes", "DS", _OPERATOR, _DEBIT, "money taken back in disputes not decided yet"),
    AccountType("exchange_position", "FX", _OPERATOR, _DEBIT, "what exchanges left in this currency"),
    AccountType("sales_tax", "TX", _OPERATOR, _CREDIT, "tax on sales that the marketplace owes"),
    AccountType("own_vat", "VT", _OPERATOR, _CREDIT, "tax on the marketplace's own services"),
    AccountType("commission_income", "CI", _OPERATOR, _CREDIT, "commission earned"),
    AccountType("service_income", "SI", _OPERATOR, _CREDIT, "fees and charges earned"),
    AccountType("forfeit_income", "FI", _OPERATOR, _CREDIT, "the marketplace's share of forfeits"),
    AccountType("pending", "PE", _MERCHANT, _CREDIT, "earned, and not released yet", _FLOOR),
    AccountType("available", "AV", _MERCHANT, _CREDIT, "earned, and ready to be paid out", _FLOOR),
    AccountType("reserve", "RS", _MERCHANT, _CREDIT, "kept back for a time", _FLOOR),
    AccountType("in_transit", "IT", _MERCHANT, _CREDIT, "paid out, and not arrived yet", _FLOOR),
    AccountType("merchant_debt", "MR", _MERCHANT, _DEBIT, "what the merchant owes", _FLOOR),
    AccountType("order_funds", "OF", _BUYER, _CREDIT, "paid for orders, and not earned yet", _FLOOR),
    AccountType("refund_due", "RD", _BUYER, _CREDIT, "decided to be given back, and not sent yet", _FLOOR),
    AccountType("escrow", "ES", _BUYER, _CREDIT, "held for others until a condition is met", _FLOOR),
    AccountType("deposit", "DP", _BUYER, _CREDIT, "paid as a security", _FLOOR),
    AccountType("prepaid", "PP", _BUYER, _CREDIT, "paid in beforehand", _FLOOR),
    AccountType("buyer_credit", "BC", _BUYER, _CREDIT, "credit that the marketplace gave", _FLOOR),
    AccountType("buyer_debt", "AR", _BUYER, _DEBIT, "goods on account, up to a limit", Guard.CEILING),
)

CHART: Mapping[str, AccountType] = {one.name: one for one in _TYPES}
"""Every account there can be, by its name."""
