"""Rows that every store keeps beside the repositories, and the columns they are found by."""

from collections.abc import Callable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

import attrs

from mktcore.adapters.guarded_verbs import COUNTERS, INBOX, RESERVATIONS, STOCK
from mktcore.adapters.ledger_book import LEDGER_ACCOUNTS, LEDGER_ENTRIES, LEDGER_HOLDS, LEDGER_TRANSACTIONS
from mktcore.events import Envelope
from mktcore.ledger.entry import ENTRIES

__all__ = ["EVENTS", "RECORDS", "STREAMS", "SYSTEM_ORDERED", "SYSTEM_TABLES", "Stream", "to_event_key"]


@attrs.frozen
class Stream:
    """How far the events of one aggregate are numbered, and how far they are published.

    Attributes:
        last: Sequence of its last event.
        published: Sequence up to which a publisher took them.
        ready_at: When the rest may be claimed.
        claim: Who claimed it last.
    """

    last: int
    published: int
    ready_at: datetime
    claim: str = ""

    @property
    def is_pending(self) -> bool:
        """Tell whether some event waits for a publisher."""
        return self.published < self.last


def to_event_key(envelope: Envelope) -> str:
    """Return a key under which the events of one aggregate sort by their sequence."""
    event = envelope.event
    return f"{event.subject_kind}/{event.subject}/{envelope.sequence:012}"


RECORDS, STREAMS, EVENTS = "mktcore_record", "mktcore_stream", "mktcore_event"

SYSTEM_TABLES: Mapping[str, Mapping[str, Callable[[Any], object]]] = {
    STOCK: {"merchant": attrgetter("merchant")},
    RESERVATIONS: {"state": attrgetter("state"), "item": attrgetter("item")},
    COUNTERS: {},
    RECORDS: {},
    STREAMS: {"is_pending": attrgetter("is_pending")},
    EVENTS: {"subject": lambda envelope: (envelope.event.subject_kind, envelope.event.subject)},
    INBOX: {},
    LEDGER_TRANSACTIONS: {"cause": attrgetter("transaction.cause")},
    LEDGER_ENTRIES: ENTRIES.readers,
    LEDGER_ACCOUNTS: {},
    LEDGER_HOLDS: {"state": attrgetter("state")},
}
SYSTEM_ORDERED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    LEDGER_ENTRIES: {name: ENTRIES.find_partners(name) for name in ENTRIES.ordered},
}
"""Columns that pages of them go by, and the partners of each."""
