"""Counters and the inbox in memory."""

from mktcore.adapters.memory.rows import COUNTERS, INBOX
from mktcore.adapters.memory.session import Session
from mktcore.unit_of_work import NotClaimed, NotFound, Party, check_amount

__all__ = ["MemoryCounters", "MemoryInbox"]


class MemoryCounters:
    """Counts that many writers share."""

    def __init__(self, session: Session) -> None:
        """Work inside a unit's session."""
        self._session = session
        self._counts = session.view(COUNTERS)

    def claim(self, name: str, amount: int, limit: int) -> bool:
        """Add `amount` when the counter then stays at or below `limit`; tell whether it did."""
        check_amount(amount)
        self._check_scope(name)
        with self._session.writing():
            count: int = self._counts.find_latest(name) or 0
            if count + amount > limit:
                return False
            self._counts.changes[name] = count + amount
            return True

    def release(self, name: str, amount: int) -> None:
        """Give back what was claimed."""
        check_amount(amount)
        self._check_scope(name)
        with self._session.writing():
            count: int = self._counts.find_latest(name) or 0
            if count < amount:
                raise NotClaimed(name, amount)
            self._counts.changes[name] = count - amount

    def count(self, name: str) -> int:
        """Return what is claimed now."""
        self._check_scope(name)
        with self._session.reading():
            return self._counts.find(name) or 0

    def _check_scope(self, name: str) -> None:
        if self._session.scope.party is not Party.OPERATOR:
            raise NotFound("counter", name)


class MemoryInbox:
    """Events that consumers handled."""

    def __init__(self, session: Session) -> None:
        """Work inside a unit's session."""
        self._session = session
        self._taken = session.view(INBOX)

    def take(self, consumer: str, event_id: str) -> bool:
        """Note that `consumer` handles this event; False when it did before."""
        key = f"{consumer}\0{event_id}"
        with self._session.writing():
            if self._taken.find_latest(key) is not None:
                return False
            self._taken.changes[key] = True
            return True
