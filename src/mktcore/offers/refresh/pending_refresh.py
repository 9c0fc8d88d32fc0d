"""What merchants said has changed and is not fetched yet: one record for each item, in the order of its turn."""

import hashlib
from datetime import datetime
from enum import StrEnum

import attrs

from mktcore.clock import to_utc
from mktcore.persistence import Kind, Party

__all__ = ["PENDING_REFRESHES", "ItemChange", "PendingRefresh", "to_refresh_key"]


class ItemChange(StrEnum):
    """What of an item a merchant says has changed."""

    PRICE = "price"
    STOCK = "stock"


@attrs.frozen
class PendingRefresh:
    """An item to ask its merchant about.

    Attributes:
        id: Its turn and a digest of merchant and item, so that the order of ids is the order of turns.
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
    def of(cls, merchant: str, item: str, due: datetime, changes: frozenset[ItemChange]) -> "PendingRefresh":
        """Return a new one."""
        at = to_utc(due)
        return cls(_to_id(merchant, item, at), merchant, item, at, changes)

    @property
    def key(self) -> str:
        """What merchant and item come down to: the end of its id."""
        return self.id.rpartition("/")[2]

    def again(self, due: datetime, *, claim: str = "", attempts: int = 0) -> "PendingRefresh":
        """Return the record that takes its place, with another turn."""
        at = to_utc(due)
        return attrs.evolve(
            self, id=_to_id(self.merchant, self.item, at), due=at, claim=claim, attempts=attempts, version=0
        )


def to_refresh_key(merchant: str, item: str) -> str:
    """Return what a merchant and an item come down to: 40 hexadecimal digits."""
    return hashlib.sha256(f"{len(merchant)}/{merchant}/{item}".encode()).hexdigest()[:40]


def _to_id(merchant: str, item: str, due: datetime) -> str:
    return f"{due.isoformat(timespec='microseconds')}/{to_refresh_key(merchant, item)}"


PENDING_REFRESHES = Kind(
    "pending_refresh",
    PendingRefresh,
    columns={"merchant": lambda pending: pending.merchant, "key": lambda pending: pending.key},
    unique=(("key",),),
    merchant="merchant",
    writers=frozenset[Party](),
)
