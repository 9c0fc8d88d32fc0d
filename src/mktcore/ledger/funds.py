"""What an account holds now, and what the books add up to."""

import attrs

from mktcore.ledger.account import Account
from mktcore.ledger.chart import Guard
from mktcore.money import Money

__all__ = ["Funds", "Shortfall"]


@attrs.frozen
class Funds:
    """What an account holds now.

    Attributes:
        account: Which.
        balance: Its balance, positive on the side on which it grows.
        held: What live holds would take it towards its limit.
        limit: The least balance, or the greatest, that it may have; None for an account without a limit.
    """

    account: Account
    balance: Money
    held: Money
    limit: Money | None

    @property
    def available(self) -> Money | None:
        """What may still be taken: never below zero; None for an account without a limit.

        A limit that was lowered below what is used leaves that, and lets nothing more be taken.
        """
        if self.limit is None:
            return None
        is_ceiling = self.account.type.guard is Guard.CEILING
        # Holds count as used: two buyers' promises of the same money cannot both be kept.
        room = (self.limit - self.balance if is_ceiling else self.balance - self.limit) - self.held
        return max(room, Money.zero(room.currency))


@attrs.frozen
class Shortfall:
    """An account that does not have what was asked of it; nothing was posted.

    Attributes:
        account: Which.
        available: What it has, holds counted.
        asked: What was asked of it.
    """

    account: Account
    available: Money
    asked: Money

    @property
    def missing(self) -> Money:
        """What it lacks."""
        return self.asked - self.available

    def __str__(self) -> str:
        return f"{self.account} has {self.available}, not {self.asked}"
