"""Stand-ins for the world: a clock that is set by hand, ids that count."""

from collections import Counter
from datetime import datetime, timedelta

from mktcore.clock import to_utc

__all__ = ["CountingIds", "ManualClock"]


class ManualClock:
    """A clock that stands still until it is moved.

    >>> from datetime import UTC
    >>> clock = ManualClock(datetime(2026, 5, 1, tzinfo=UTC))
    >>> clock.advance(timedelta(hours=2)).isoformat()
    '2026-05-01T02:00:00+00:00'
    """

    def __init__(self, start: datetime) -> None:
        """Start at an aware instant."""
        self._now = to_utc(start)

    def now(self) -> datetime:
        """Return the instant it stands at, UTC."""
        return self._now

    def advance(self, step: timedelta) -> datetime:
        """Move by `step`, backwards too, and return the new instant."""
        self._now += step
        return self._now


class CountingIds:
    """Ids that count from 1 for each kind: `order-1`, `order-2`, ... For one process and one store only."""

    def __init__(self) -> None:
        """Start every kind at 1."""
        self._counts: Counter[str] = Counter()

    def new_id(self, kind: str) -> str:
        """Return the next id of the kind."""
        self._counts[kind] += 1
        return f"{kind}-{self._counts[kind]}"
