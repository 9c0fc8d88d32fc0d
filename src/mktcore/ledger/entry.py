"""Entries: the legs of posted transactions, one by one, as accounts are read."""

from datetime import datetime
from typing import Any

import attrs

from mktcore.ledger.account import Account
from mktcore.ledger.transaction import PostedTransaction
from mktcore.money import Money
from mktcore.persistence import Kind, column
from mktcore.persistence.kinds import Ordered

__all__ = ["ENTRIES", "ENTRY_SUFFIX", "Entry", "list_entries", "to_entry_id", "to_transaction_key"]

ENTRY_SUFFIX = 4
"""Characters that an entry's id has more than its transaction's key."""


@attrs.frozen
class Entry:
    """One leg in the books. Entries are only ever added: what was wrong is corrected by another transaction.

    Attributes:
        id: Key of its transaction, and its number in it.
        account: Where.
        amount: A debit is positive, a credit negative.
        kind: The event.
        cause: Id of what it follows from.
        effective_at: When it counts, UTC.
        posted_at: When it was posted, UTC.
    """

    id: str
    account: Account
    amount: Money
    kind: str
    cause: str
    effective_at: datetime
    posted_at: datetime

    @property
    def transaction(self) -> str:
        """Key of its transaction."""
        return to_transaction_key(self.id)

    @property
    def owner(self) -> str:
        """Whose account it stands on."""
        return self.account.owner

    @property
    def version(self) -> int:
        """How often it was stored: once."""
        return 1


def to_entry_id(key: str, position: int) -> str:
    """Return the id of an entry: ids of one transaction sort by their number.

    >>> to_entry_id("capture/p1", 1)
    'capture/p1@001'
    """
    return f"{key}@{position:03}"


def to_transaction_key(entry: str) -> str:
    """Return the key of the transaction that an entry is named after, by the entry's id.

    >>> to_transaction_key("capture/p1@001")
    'capture/p1'
    """
    return entry[:-ENTRY_SUFFIX]


def list_entries(posted: PostedTransaction) -> list[Entry]:
    """Return a posted transaction's entries, in the order of its legs."""
    one = posted.transaction
    return [
        Entry(
            to_entry_id(one.key, position),
            leg.account,
            leg.amount,
            kind=one.kind,
            cause=one.cause,
            effective_at=one.effective_at,
            posted_at=posted.posted_at,
        )
        for position, leg in enumerate(one.legs)
    ]


ENTRIES: Kind[Any] = Kind(
    "ledger_entry",
    Entry,
    {
        "account": lambda entry: str(entry.account),
        "owner": column("owner"),
        "kind": column("kind"),
        "cause": column("cause"),
    },
    ordered={
        "effective_at": Ordered(column("effective_at"), datetime, within=("account", "owner")),
        "posted_at": Ordered(column("posted_at"), datetime),
    },
)
"""What pages of entries are asked by; it is kept in a table of its own, not as a repository."""
