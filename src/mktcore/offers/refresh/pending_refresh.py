"""What merchants said has changed and is not fetched yet: one record for each item, in the order of its turn."""

import hashlib
from datetime import datetime
from enum import StrEnum

import attrs

from mktcore.access import Permission
from mktcore.clock import to_utc
from mktcore.persistence import Kind
from mktcore.persistence.kinds import Ordered

__all__ = ["PENDING_REFRESHES", "ItemChange", "PendingRefresh", "to_refresh_key"]


class ItemChange(StrEnum):
    """What of an item a merchant says has changed."""

    PRICE = "price"
    STOCK = "stock"


@attrs.frozen
class PendingRefresh:
    """An item to ask its merchant about.

    Attributes:
        id: What merchant and item come down to; see `to_refresh_key`.
        merchant: Whose item.
        item: The merchant's own id of it.
        due: When it is its turn, UTC; while somebody asks, when somebody else may.
        changes: What was said to have changed.
        notices: How many notifications count for it; one that comes while somebody asks keeps it for another turn.
        claim: Who asks now; empty while nobody does.
        attempts: How often the merchant was asked and nobody knows the answer.
        version: How often it was stored.
    """

    id: str
    merchant: str
    item: str
    due: datetime
    changes: frozenset[ItemChange] = frozenset(ItemChange)
    notices: int = 1
    claim: str = ""
    attempts: int = 0
    version: int = 0

    @classmethod
    def of(cls, merchant: str, item: str, due: datetime, *, changes: frozenset[ItemChange]) -> "PendingRefresh":
        """Return a new one."""
        return cls(to_refresh_key(merchant, item), merchant, item=item, due=to_utc(due), changes=changes)

    def defer(self, due: datetime, *, claim: str = "", attempts: int = 0) -> "PendingRefresh":
        """Return it with another turn."""
        return attrs.evolve(self, due=to_utc(due), claim=claim, attempts=attempts)


def to_refresh_key(merchant: str, item: str) -> str:
    """Return what a merchant and an item come down to: 40 hexadecimal digits."""
    # The length in front keeps "ab" + "c" and "a" + "bc" apart, as ids may hold slashes.
    return hashlib.sha256(f"{len(merchant)}/{merchant}/{item}".encode()).hexdigest()[:40]


PENDING_REFRESHES = Kind(
    "pending_refresh",
    PendingRefresh,
    columns={"merchant": lambda pending: pending.merchant},
    ordered={"due": Ordered(lambda pending: pending.due, datetime)},
    merchant="merchant",
    reads=Permission.OFFERS,
)
