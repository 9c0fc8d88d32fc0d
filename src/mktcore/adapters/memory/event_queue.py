"""The queue of unpublished events in memory."""

from datetime import datetime, timedelta

import attrs

from mktcore.adapters.memory.session import MemorySession
from mktcore.adapters.memory.state import SharedState
from mktcore.adapters.memory.system_rows import EVENTS, STREAMS, Stream
from mktcore.persistence import Scope
from mktcore.persistence.outbox import Delivery

__all__ = ["MemoryQueue"]

_BATCH = 100


class MemoryQueue:
    """Hands out the heads of aggregates' queues; each call is a transaction of its own."""

    def __init__(self, state: SharedState) -> None:
        """Work on the committed state of a store."""
        self._state = state

    def claim(self, *, claim: str, now: datetime, lease: timedelta, limit: int = 100) -> tuple[Delivery, ...]:
        """Claim up to `limit` aggregates that have unpublished events, longest waiting first."""
        with self._state.read() as commit:
            session = MemorySession(self._state, Scope.operator(), commit)
            try:
                with session.writing():
                    streams = session.view(STREAMS)
                    waiting = streams.scan({"is_pending": True}, latest=True)
                    ready = sorted((stream.ready_at, key) for key, stream in waiting if stream.ready_at <= now)
                    deliveries = []
                    for _, key in ready[:limit]:
                        stream: Stream = streams.find_latest(key)
                        streams.change(key, attrs.evolve(stream, ready_at=now + lease, claim=claim))
                        deliveries.append(self._read_head(session, key, stream=stream, claim=claim))
                session.commit()
            finally:
                session.close()
        return tuple(deliveries)

    def _read_head(self, session: MemorySession, key: str, stream: Stream, claim: str) -> Delivery:
        events = session.view(EVENTS)
        last = min(stream.last, stream.published + _BATCH)
        # Only published events are ever pruned, so every number above is there.
        numbers = range(stream.published + 1, last + 1)
        return Delivery(tuple(events.find_latest(f"{key}/{number:012}") for number in numbers), claim)

    def settle(self, delivery: Delivery, delivered: int, *, ready_at: datetime) -> bool:
        """Note that the first `delivered` events went out, and end the claim."""
        event = delivery.envelopes[0].event
        key = f"{event.subject_kind}/{event.subject}"
        with self._state.read() as commit:
            session = MemorySession(self._state, Scope.operator(), commit)
            try:
                with session.writing():
                    stream: Stream = session.view(STREAMS).find_latest(key)
                    published = delivery.envelopes[0].sequence - 1
                    # By the number too: a caller may give two claims one name, and the mark must not move twice.
                    if stream.claim != delivery.claim or stream.published != published:
                        return False
                    settled = attrs.evolve(stream, published=published + delivered, ready_at=ready_at, claim="")
                    session.view(STREAMS).change(key, settled)
                session.commit()
            finally:
                session.close()
        return True

    def count_pending(self) -> int:
        """Return how many committed events are not published yet."""
        with self._state.read() as commit:
            session = MemorySession(self._state, Scope.operator(), commit)
            with session.reading():
                pending = session.view(STREAMS).scan({"is_pending": True})
                return sum(stream.last - stream.published for _, stream in pending)

    def prune(self, *, before: datetime, limit: int = 1000) -> int:
        """Remove up to `limit` published events that happened before an instant."""
        with self._state.read() as commit:
            session = MemorySession(self._state, Scope.operator(), commit)
            try:
                with session.writing():
                    streams, events = session.view(STREAMS), session.view(EVENTS)
                    old: list[str] = []
                    for key, envelope in events.scan({}, latest=True):
                        if len(old) == limit:
                            break
                        published = streams.find_latest(key.rpartition("/")[0]).published
                        if envelope.event.at < before and envelope.sequence <= published:
                            old.append(key)
                    for one in old:
                        events.change(one, None)
                session.commit()
            finally:
                session.close()
        return len(old)
