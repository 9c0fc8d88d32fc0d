"""The queues of unpublished events in memory."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import attrs

from mktcore.adapters.memory.state import SharedState
from mktcore.adapters.memory.system_rows import EVENTS, POSITIONS, STREAMS, SUBSCRIBERS, Stream, to_position_key
from mktcore.adapters.memory.transaction import MemorySession
from mktcore.adapters.memory.versioned_tables import View
from mktcore.persistence import Scope
from mktcore.persistence.event_ports import LONGEST_LEASE, Delivery, check_lease, check_subscriber
from mktcore.persistence.queries import check_limit

__all__ = ["MemoryQueue", "MemorySubscriptions"]

_BATCH = 100


class MemoryQueue:
    """Hands out the heads of aggregates' queues to one subscriber; each call is a transaction of its own."""

    def __init__(self, state: SharedState, *, subscriber: str = "") -> None:
        """Work on the committed state of a store, for the subscriber without a name or for another one."""
        self._state = state
        self._subscriber = subscriber
        self._table = POSITIONS if subscriber else STREAMS

    def claim(self, *, claim: str, now: datetime, lease: timedelta, limit: int = 100) -> tuple[Delivery, ...]:
        """Claim up to `limit` aggregates that have unpublished events, longest waiting first."""
        check_limit(limit)
        until = now + check_lease(lease)
        with _write(self._state) as session:
            progress = session.view(self._table)
            waiting = list(progress.scan({"waits_for": self._subscriber}, latest=True))
            ready = sorted((stream.turn, key) for key, stream in waiting if _is_free(stream, now))
            deliveries = []
            for _, key in ready[:limit]:
                stream: Stream = progress.find_latest(key)
                progress.change(key, attrs.evolve(stream, ready_at=until, claim=claim, turn=next(self._state.turns)))
                deliveries.append(self._read_head(session, key.rpartition("\0")[2], stream=stream, claim=claim))
        return tuple(one for one in deliveries if one.envelopes)

    def _read_head(self, session: MemorySession, key: str, stream: Stream, *, claim: str) -> Delivery:
        events = session.view(EVENTS)
        last = min(stream.last, stream.published + _BATCH)
        # Only published events are ever pruned, so every number above is there.
        numbers = range(stream.published + 1, last + 1)
        found = [events.find_latest(f"{key}/{number:012}") for number in numbers]
        return Delivery(tuple(found[: found.index(None)] if None in found else found), claim)

    def renew(self, deliveries: Sequence[Delivery], *, now: datetime, lease: timedelta) -> tuple[Delivery, ...]:
        """Hold claims until `now + lease`, and return those of them that are still held."""
        until = now + check_lease(lease)
        with _write(self._state) as session:
            progress = session.view(self._table)
            held = [one for one in deliveries if self._is_held(progress, one)]
            for one in held:
                key = self._to_key(one)
                progress.change(key, attrs.evolve(progress.find_latest(key), ready_at=until))
        return tuple(held)

    def settle(self, delivery: Delivery, delivered: int, *, ready_at: datetime) -> bool:
        """Note that the first `delivered` events went out, and end the claim."""
        with _write(self._state) as session:
            progress, key = session.view(self._table), self._to_key(delivery)
            if not self._is_held(progress, delivery):
                return False
            stream: Stream = progress.find_latest(key)
            published = stream.published + delivered
            progress.change(key, attrs.evolve(stream, published=published, ready_at=ready_at, claim=""))
        return True

    def _to_key(self, delivery: Delivery) -> str:
        event = delivery.envelopes[0].event
        key = f"{event.subject_kind}/{event.subject}"
        return to_position_key(self._subscriber, key) if self._subscriber else key

    def _is_held(self, progress: View, delivery: Delivery) -> bool:
        stream: Stream | None = progress.find_latest(self._to_key(delivery))
        published = delivery.envelopes[0].sequence - 1
        return stream is not None and stream.claim == delivery.claim and stream.published == published

    def count_pending(self) -> int:
        """Return how many committed events are not published to this subscriber yet."""
        with self._state.read() as commit:
            session = MemorySession(self._state, Scope.operator(), commit)
            with session.reading():
                pending = session.view(self._table).scan({"waits_for": self._subscriber})
                return sum(stream.last - stream.published for _, stream in pending)

    def prune(self, *, before: datetime, limit: int = 1000) -> int:
        """Remove up to `limit` events that happened before an instant and that every subscriber was sent."""
        check_limit(limit)
        with _write(self._state) as session:
            streams, events = session.view(STREAMS), session.view(EVENTS)
            awaited = _find_awaited(session.view(POSITIONS))
            old: dict[str, int] = {}
            for key, envelope in events.scan({}, latest=True):
                if sum(old.values()) == limit:
                    break
                stream = key.rpartition("/")[0]
                known: Stream = streams.find_latest(stream)
                published = min(known.published, awaited.get(stream, known.last))
                # Clocks differ: the first events go before the later ones, whatever instants they bear.
                is_next = envelope.sequence == known.pruned + old.get(stream, 0) + 1
                if is_next and envelope.event.at < before and envelope.sequence <= published:
                    old[stream] = old.get(stream, 0) + 1
            for stream, gone in old.items():
                known = streams.find_latest(stream)
                for number in range(known.pruned + 1, known.pruned + gone + 1):
                    events.change(f"{stream}/{number:012}", None)
                streams.change(stream, attrs.evolve(known, pruned=known.pruned + gone))
        return sum(old.values())


class MemorySubscriptions:
    """Subscribers with a position of their own each; see `mktcore.persistence.event_ports.Subscriptions`."""

    def __init__(self, state: SharedState) -> None:
        """Work on the committed state of a store."""
        self._state = state

    def subscribe(self, name: str) -> MemoryQueue:
        """Return the position of a subscriber: a new one, or for a known name where it was."""
        check_subscriber(name)
        with _write(self._state) as session:
            session.view(SUBSCRIBERS).change(name, name)
        return MemoryQueue(self._state, subscriber=name)

    def unsubscribe(self, name: str) -> bool:
        """Forget a subscriber and its position; tell whether it was there."""
        with _write(self._state) as session:
            subscribers, positions = session.view(SUBSCRIBERS), session.view(POSITIONS)
            is_known = subscribers.find_latest(name) is not None
            subscribers.change(name, None)
            own = [key for key, one in positions.scan({}, latest=True) if one.subscriber == name]
            for key in own:
                positions.change(key, None)
        return is_known

    def list_names(self) -> tuple[str, ...]:
        """Return the names of all subscribers, sorted."""
        with self._state.read() as commit:
            session = MemorySession(self._state, Scope.operator(), commit)
            with session.reading():
                return tuple(sorted(name for name, _ in session.view(SUBSCRIBERS).scan({})))


@contextmanager
def _write(state: SharedState) -> Iterator[MemorySession]:
    """Be the unit that writes for one call, and commit it."""
    with state.read() as commit:
        session = MemorySession(state, Scope.operator(), commit)
        try:
            with session.writing():
                yield session
            session.commit()
        finally:
            session.close()


def _is_free(stream: Stream, now: datetime) -> bool:
    return stream.ready_at <= now or stream.ready_at > now + LONGEST_LEASE


def _find_awaited(positions: View) -> dict[str, int]:
    """Return up to which event the slowest subscriber was sent each stream's."""
    slowest: dict[str, int] = {}
    for key, position in positions.scan({}, latest=True):
        stream = key.rpartition("\0")[2]
        slowest[stream] = min(position.published, slowest.get(stream, position.published))
    return slowest
