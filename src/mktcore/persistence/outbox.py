"""The ports of events: the outbox of a unit, the log it becomes, the queue a relay empties, the inbox of a consumer."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

import attrs

from mktcore.events import Envelope, Event

__all__ = ["Delivery", "EventLog", "EventQueue", "Inbox", "Outbox", "Publisher"]


class Outbox(Protocol):
    """Where events go."""

    def publish(self, events: Iterable[Event]) -> None:
        """Write events to the outbox of this transaction, numbered without gaps per subject (invariant I14)."""
        ...


class EventLog(Protocol):
    """What happened to an aggregate, as far as the scope may know."""

    def find_events(self, subject_kind: str, subject: str, *, after: int = 0, limit: int = 100) -> tuple[Envelope, ...]:
        """Return committed events of one aggregate whose sequence is above `after`, in order.

        A merchant and a buyer see the events that name them, each as `Event.view_for` shows it to them, and no gap
        tells them of others but the numbers.
        """
        ...


class Inbox(Protocol):
    """Deduplicates what was delivered more than once."""

    def take(self, consumer: str, event_id: str) -> bool:
        """Note in this transaction that `consumer` handles this event; False when it did before.

        Raises:
            Retryable: Another transaction is handling the same event.
        """
        ...


@attrs.frozen
class Delivery:
    """The head of one aggregate's queue, claimed by one relay until its lease ends.

    Attributes:
        envelopes: Events not published yet, in order, without a gap; at least one.
        claim: Who holds it; settling proves that it is still held.
    """

    envelopes: tuple[Envelope, ...]
    claim: str


class EventQueue(Protocol):
    """What a relay empties. It belongs to the store, not to a unit: a claim is committed before anything is sent."""

    def claim(self, *, claim: str, now: datetime, lease: timedelta, limit: int = 100) -> tuple[Delivery, ...]:
        """Claim up to `limit` aggregates that have unpublished events, longest waiting first.

        Claiming the aggregate, not the event, keeps 1 before 2 with any number of relays: nobody else gets this
        aggregate until it is settled or its lease ends.

        Args:
            claim: An id for this claim, never used before.
            now: The present instant.
            lease: How long the claim holds.
            limit: Aggregates at most.
        """
        ...

    def settle(self, delivery: Delivery, delivered: int, *, ready_at: datetime) -> bool:
        """Note that the first `delivered` events went out, and end the claim.

        Args:
            delivery: What was claimed.
            delivered: How many of its events the publisher took.
            ready_at: When the rest may be claimed.

        Returns:
            False when the lease had ended and another relay holds the aggregate; nothing was noted then.
        """
        ...

    def count_pending(self) -> int:
        """Return how many committed events are not published yet."""
        ...

    def prune(self, *, before: datetime, limit: int = 1000) -> int:
        """Remove up to `limit` published events that happened before an instant, and return how many went."""
        ...


class Publisher(Protocol):
    """Where a relay hands events to: a broker, a webhook, a file. It may be given the same event again.

    It is the operator's, and given events whole; `Envelope.view_for` is what a party may be sent.
    """

    def send(self, envelope: Envelope) -> None:
        """Take an event; when this returns, the event is safe with the receiver.

        Whatever it raises means "not taken": the relay gives the same event again later, and the later ones of its
        aggregate after it.
        """
        ...
