"""Holds: amounts set aside for a posting to come, each of which ends exactly once (invariant I5)."""

from datetime import datetime
from enum import StrEnum

import attrs

from mktcore.clock import to_utc
from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.ledger.account import Account
from mktcore.ledger.transaction import Leg, check_minor_units
from mktcore.money import Money

__all__ = ["Hold", "HoldState"]


class HoldState(StrEnum):
    """Where a hold is; it leaves LIVE exactly once."""

    LIVE = "live"
    SETTLED = "settled"
    VOIDED = "voided"
    EXPIRED = "expired"


def _to_expiry(value: datetime | None) -> datetime | None:
    return None if value is None else to_utc(value)


@attrs.frozen
class Hold:
    """An amount that will be moved from one account to another, or will not; till then it counts against limits.

    >>> prepaid, funds = Account("buyer:b1", "prepaid", "EUR"), Account("buyer:b1", "order_funds", "EUR")
    >>> Hold("authorise/p1", prepaid, funds, Money.of("40.00", "EUR")).state.value
    'live'

    Attributes:
        id: The caller's choice; it is never used for another hold.
        debit: The account to be debited.
        credit: The account to be credited.
        amount: At most, above zero.
        expires_at: When `expire` may end it, UTC; None for never.
        state: Whether it is live, or how it ended.
        settled: What was moved of it; None while nothing was.

    Raises:
        InvalidId: The id cannot be one.
        InvalidValue: The amount is not above zero, or of another currency than the accounts; or they are one.
    """

    id: str
    debit: Account
    credit: Account
    amount: Money
    expires_at: datetime | None = attrs.field(default=None, converter=_to_expiry)
    state: HoldState = attrs.field(default=HoldState.LIVE, kw_only=True)
    settled: Money | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("hold", self.id)
        check_minor_units("Hold", self.amount)
        if self.amount.minor <= 0:
            raise InvalidValue("Hold", "amount", self.amount, "above zero")
        if {self.debit.currency, self.credit.currency} != {self.amount.currency}:
            raise InvalidValue("Hold", "amount", self.amount, "in the currency of both accounts")
        if self.debit == self.credit:
            raise InvalidValue("Hold", "credit", self.credit, "another account than is debited")

    @property
    def legs(self) -> tuple[Leg, Leg]:
        """What it would move at most."""
        return Leg(self.debit, self.amount), Leg(self.credit, -self.amount)

    @property
    def request(self) -> "Hold":
        """The hold as it was asked for, whatever became of it."""
        return attrs.evolve(self, state=HoldState.LIVE, settled=None)
