"""Counters and the inbox of a store with one writer, over its plain tables."""

from collections.abc import Iterable

from mktcore.access.unit_checks import check_authority
from mktcore.adapters.stock_over_tables import COUNTERS, INBOX, TableUnit
from mktcore.persistence.counters import FULL, MAX_CLAIMED, check_amount, cut_limit
from mktcore.persistence.errors import NotClaimed

__all__ = ["CounterBook", "InboxBook"]


class CounterBook:
    """The port `Counters` over a table of ints by name."""

    def __init__(self, unit: TableUnit) -> None:
        """Work inside a unit."""
        self._unit = unit

    def claim(self, name: str, amount: int, limit: int) -> bool:
        """Add `amount` when the counter then stays at or below `limit`; tell whether it did."""
        self._check(name, amount)
        most = cut_limit(limit)
        counts = self._unit.change(COUNTERS)
        claimed: int = (counts.get(name) or 0) + amount
        if claimed > most:
            return False
        counts[name] = claimed
        return True

    def advance(self, name: str, amount: int = 1) -> int:
        """Add `amount`, and return what the counter then holds."""
        if not self.claim(name, amount, MAX_CLAIMED):
            raise ValueError(FULL)
        return self.count(name)

    def release(self, name: str, amount: int) -> None:
        """Give back what was claimed."""
        self._check(name, amount)
        counts = self._unit.change(COUNTERS)
        claimed: int = counts.get(name) or 0
        if claimed < amount:
            raise NotClaimed(name, amount)
        counts[name] = claimed - amount

    def count(self, name: str) -> int:
        """Return what is claimed now."""
        self._check(name)
        return self._unit.read(COUNTERS).get(name) or 0

    def count_many(self, names: Iterable[str]) -> dict[str, int]:
        """Return what is claimed now of each."""
        wanted = set(names)
        self._check(next(iter(wanted), ""))
        counts = self._unit.read(COUNTERS)
        return {name: counts.get(name) or 0 for name in wanted}

    def _check(self, name: str, amount: int = 1) -> None:
        check_amount(amount)
        check_authority(self._unit.scope, "counter", name)


class InboxBook:
    """The port `Inbox` over a table of handled events by consumer and event."""

    def __init__(self, unit: TableUnit) -> None:
        """Work inside a unit."""
        self._unit = unit

    def take(self, consumer: str, event_id: str) -> bool:
        """Note that `consumer` handles this event; False when it did before."""
        check_authority(self._unit.scope, "event", event_id)
        taken = self._unit.change(INBOX)
        key = f"{consumer}\0{event_id}"
        if taken.get(key):
            return False
        taken[key] = True
        return True
