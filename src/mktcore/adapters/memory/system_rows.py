"""Rows that every store keeps beside the repositories, and the columns they are found by."""

from collections.abc import Callable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

import attrs

from mktcore.adapters.ledger_book import LEDGER_ACCOUNTS, LEDGER_ENTRIES, LEDGER_HOLDS, LEDGER_TRANSACTIONS
from mktcore.adapters.stock_over_tables import COUNTERS, INBOX, RESERVATIONS, STOCK
from mktcore.events import Envelope
from mktcore.ledger.entry import ENTRIES
from mktcore.persistence.event_ports import AT_ONCE

__all__ = [
    "EVENTS",
    "POSITIONS",
    "RECORDS",
    "STREAMS",
    "SUBSCRIBERS",
    "SYSTEM_ORDERED",
    "SYSTEM_TABLES",
    "Stream",
    "to_event_key",
    "to_position_key",
]


@attrs.frozen
class Stream:
    """How far the events of one aggregate are numbered, and how far one subscriber took them.

    Attributes:
        last: Sequence of its last event.
        published: Sequence up to which the subscriber's publisher took them.
        ready_at: When the rest may be claimed.
        claim: Who claimed it last.
        turn: Those with a lower one have waited longer.
        pruned: Sequence up to which its events were pruned.
        subscriber: Whose position it is; empty for the subscriber without a name.
    """

    last: int
    published: int
    ready_at: datetime = AT_ONCE
    claim: str = ""
    turn: int = 0
    pruned: int = 0
    subscriber: str = ""

    @property
    def is_pending(self) -> bool:
        """Tell whether some event waits for a publisher."""
        return self.published < self.last

    @property
    def waits_for(self) -> str | None:
        """The subscriber for whom some event waits; None where none does."""
        return self.subscriber if self.is_pending else None

    def append(self, count: int, turn: int) -> "Stream":
        """Return it with so many events more; what waits already keeps its turn, and the claim it is under."""
        if self.is_pending:
            return attrs.evolve(self, last=self.last + count)
        # No clock of a writer: one that is ahead would keep the events from everybody until its time has come.
        return attrs.evolve(self, last=self.last + count, ready_at=AT_ONCE, turn=turn)


def to_position_key(subscriber: str, stream: str) -> str:
    """Return the key of a subscriber's position in a stream."""
    return f"{subscriber}\0{stream}"


def to_event_key(envelope: Envelope) -> str:
    """Return a key under which the events of one aggregate sort by their sequence."""
    event = envelope.event
    return f"{event.subject_kind}/{event.subject}/{envelope.sequence:012}"


RECORDS, STREAMS, EVENTS = "mktcore_record", "mktcore_stream", "mktcore_event"
SUBSCRIBERS, POSITIONS = "mktcore_subscriber", "mktcore_position"

SYSTEM_TABLES: Mapping[str, Mapping[str, Callable[[Any], object]]] = {
    STOCK: {"merchant": attrgetter("merchant")},
    RESERVATIONS: {"state": attrgetter("state"), "item": attrgetter("item")},
    COUNTERS: {},
    RECORDS: {},
    STREAMS: {"waits_for": attrgetter("waits_for")},
    SUBSCRIBERS: {},
    POSITIONS: {"waits_for": attrgetter("waits_for")},
    EVENTS: {"subject": lambda envelope: (envelope.event.subject_kind, envelope.event.subject)},
    INBOX: {},
    LEDGER_TRANSACTIONS: {"cause": attrgetter("transaction.cause")},
    LEDGER_ENTRIES: ENTRIES.readers,
    LEDGER_ACCOUNTS: {},
    LEDGER_HOLDS: {"state": attrgetter("state")},
}
SYSTEM_ORDERED: Mapping[str, Mapping[str, tuple[tuple[str, ...], ...]]] = {
    LEDGER_ENTRIES: {name: ENTRIES.find_partners(name) for name in ENTRIES.ordered},
}
"""Columns that pages of them go by, and the partners of each."""
