"""The ports of events: the outbox of a unit, the log it becomes, the queue a relay empties, the inbox of a consumer."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol, runtime_checkable

import attrs

from mktcore.errors import InvalidValue
from mktcore.events import Envelope, Event
from mktcore.ids import check_id

__all__ = [
    "AT_ONCE",
    "LONGEST_LEASE",
    "Delivery",
    "EventLog",
    "EventQueue",
    "Inbox",
    "Outbox",
    "Publisher",
    "Subscriptions",
    "check_lease",
    "check_subscriber",
]

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""When new events may be claimed: whatever clock wrote them, no relay's is behind this."""
LONGEST_LEASE = timedelta(days=1)
"""No claim and no pause is longer, so one that ends later was written by a clock that was wrong, and holds nothing."""


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
    """What a relay empties: one subscriber's position.

    It belongs to the store, not to a unit: a claim is committed before anything is sent.

    What may be claimed depends on no writer's clock: new events are ready at once, and a claim or pause that would end
    more than `LONGEST_LEASE` from now is void.
    """

    def claim(self, *, claim: str, now: datetime, lease: timedelta, limit: int = 100) -> tuple[Delivery, ...]:
        """Claim up to `limit` aggregates that have unpublished events, longest waiting first.

        Claiming the aggregate, not the event, keeps 1 before 2 with any number of relays: nobody else gets this
        aggregate until it is settled or its lease ends. Which waits longest is counted in turns, not told by a clock:
        one that was claimed goes behind all that wait. An event that cannot be read ends the delivery before it; where
        it is the first, its aggregate is not given, and the others are.

        Args:
            claim: An id for this claim, never used before.
            now: The present instant.
            lease: How long the claim holds.
            limit: Aggregates at most.

        Raises:
            InvalidValue: The lease is longer than `LONGEST_LEASE`.
        """
        ...

    def renew(self, deliveries: Sequence[Delivery], *, now: datetime, lease: timedelta) -> tuple[Delivery, ...]:
        """Hold claims until `now + lease`, and return those of them that are still held, also after their lease.

        Args:
            deliveries: What was claimed, and is not settled.
            now: The present instant.
            lease: How long they hold from now on.

        Raises:
            InvalidValue: The lease is longer than `LONGEST_LEASE`.
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
        """Return how many committed events are not published to this subscriber yet."""
        ...

    def prune(self, *, before: datetime, limit: int = 1000) -> int:
        """Remove up to `limit` events that happened before an instant, and return how many went.

        Only what every subscriber was sent goes, and of each aggregate the first events before the later ones.
        """
        ...


class Subscriptions(Protocol):
    """Subscribers with a position of their own each, so that one that fails neither repeats nor starves another.

    `EventQueue` of the store itself is the position of the subscriber without a name, which gets everything from the
    first event on. A named one gets what is committed by units that begin after it subscribed.
    """

    def subscribe(self, name: str) -> EventQueue:
        """Return the position of a subscriber: a new one, or for a known name where it was.

        Raises:
            InvalidId: The name cannot be one.
        """
        ...

    def unsubscribe(self, name: str) -> bool:
        """Forget a subscriber, whose position keeps nothing from being pruned then; tell whether it was there."""
        ...

    def list_names(self) -> tuple[str, ...]:
        """Return the names of all subscribers, sorted."""
        ...


@runtime_checkable
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


def check_lease(lease: timedelta) -> timedelta:
    """Return a lease that a claim can have.

    Raises:
        InvalidValue: It is longer than `LONGEST_LEASE`.
    """
    if lease > LONGEST_LEASE:
        raise InvalidValue("Relay", "lease", lease, f"{LONGEST_LEASE} at most")
    return lease


def check_subscriber(name: str) -> str:
    """Return a subscriber's name.

    Raises:
        InvalidId: It is empty, too long, or holds what no id holds.
    """
    check_id("subscriber", name)
    return name
