"""Getting events out: the relay that empties a store's queue, and two publishers that need no broker."""

import logging
from datetime import datetime, timedelta

import attrs

from mktcore.adapters.system import SystemClock, SystemIds
from mktcore.clock import Clock
from mktcore.ids import IdFactory
from mktcore.persistence.event_ports import Delivery, EventQueue, Publisher

__all__ = ["Relay", "Relayed"]

_LOGGER = logging.getLogger("mktcore.adapters.event_relay")


@attrs.frozen
class Relayed:
    """What one round of a relay did.

    Attributes:
        sent: Events the publisher took.
        failed: Aggregates whose next event it did not take; they are given again later.
        lost: Aggregates whose lease ended meanwhile; their events may be sent twice.
    """

    sent: int
    failed: int
    lost: int


@attrs.frozen(eq=False)
class Relay:
    """Carries events from a store's queue to a publisher: at least once, in order per aggregate.

    Any number of relays may work on one queue, in any number of processes. Where one is killed, its aggregates are
    given to another when the lease ends, from the first event on that was not settled. One that works goes on holding
    what it claimed, however long all of it takes, and sends nothing of what it does not hold any more.

    Attributes:
        queue: The store's queue, or that of a subscriber with a name.
        publisher: Where events go.
        clock: Tells the time.
        ids: Names claims; the system's, as the clock is, unless told otherwise.
        lease: How long a claim holds unless it is renewed, which is done after half of it; longer than the publisher
            ever needs for one event.
        pause: How long an aggregate waits after its event was not taken.
        batch: How many aggregates are claimed at once.
    """

    queue: EventQueue
    publisher: Publisher
    clock: Clock = attrs.field(factory=SystemClock)
    ids: IdFactory = attrs.field(factory=SystemIds)
    lease: timedelta = timedelta(minutes=1)
    pause: timedelta = timedelta(seconds=5)
    batch: int = 20

    def run_once(self) -> Relayed:
        """Claim waiting aggregates, send their events, and settle each; returns what came of it."""
        sent = failed = 0
        now = self.clock.now()
        claim = self.ids.new_id("claim")
        held = _Held(self, now, list(self.queue.claim(claim=claim, now=now, lease=self.lease, limit=self.batch)))
        while held.waiting:
            delivery = held.waiting[0]
            delivered, error = self._send(delivery, held)
            sent += delivered
            if held.holds(delivery):
                whole = delivered == len(delivery.envelopes)
                failed += not whole
                held.settle(delivery, delivered, pause=timedelta() if whole else self.pause)
            if error is not None and not isinstance(error, Exception):
                raise error
        return Relayed(sent, failed, held.lost)

    def run_until_empty(self, rounds: int = 1_000_000) -> int:
        """Run rounds until nothing is ready, and return how many events were sent."""
        total = 0
        for _ in range(rounds):
            done = self.run_once()
            total += done.sent
            if not done.sent:
                return total
        return total

    def _send(self, delivery: Delivery, held: "_Held") -> tuple[int, BaseException | None]:
        for delivered, envelope in enumerate(delivery.envelopes):
            if not held.keep(delivery):
                return delivered, None
            try:
                self.publisher.send(envelope)
            except BaseException as error:  # noqa: BLE001 - an interrupt is raised again once the claim is settled
                # Its class alone: what a receiver says may hold what it was sent.
                _LOGGER.warning("%s was not taken: %s", envelope.id, type(error).__name__)
                return delivered, error
        return len(delivery.envelopes), None


@attrs.define(eq=False)
class _Held:
    """What a relay still holds of one claim.

    Attributes:
        relay: The relay.
        since: When the claim, or its last renewal, began.
        waiting: What is not settled yet, in the order in which it is sent.
        lost: How many aggregates went to another relay.
    """

    relay: Relay
    since: datetime
    waiting: list[Delivery]
    lost: int = 0

    def holds(self, delivery: Delivery) -> bool:
        """Tell whether a delivery is held, as far as is known."""
        return any(one is delivery for one in self.waiting)

    def keep(self, delivery: Delivery) -> bool:
        """Renew all that waits once half of the lease is over; tell whether this delivery may be sent on."""
        now = self.relay.clock.now()
        # A clock that was set back tells nothing of how much of the lease is over.
        if not self.since <= now < self.since + self.relay.lease / 2:
            kept = self.relay.queue.renew(self.waiting, now=now, lease=self.relay.lease)
            self.lost += len(self.waiting) - len(kept)
            self.waiting, self.since = list(kept), now
        return self.holds(delivery)

    def settle(self, delivery: Delivery, delivered: int, pause: timedelta) -> None:
        """Note what was sent; where another relay has the aggregate meanwhile, it was lost."""
        ready_at = self.relay.clock.now() + pause
        self.lost += not self.relay.queue.settle(delivery, delivered, ready_at=ready_at)
        self.waiting = [one for one in self.waiting if one is not delivery]
