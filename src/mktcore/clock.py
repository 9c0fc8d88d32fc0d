"""Time as a port: the core never reads the wall clock itself."""

from datetime import UTC, datetime
from typing import ClassVar, Protocol

import attrs

from mktcore.errors import MktcoreError

__all__ = ["Clock", "NaiveTime", "to_utc"]


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


@attrs.define(eq=False, slots=False)
class NaiveTime(MktcoreError):
    """A date and time without a time zone, which names no instant."""

    code: ClassVar[str] = "time.naive"
    remedy: ClassVar[str] = "give it a time zone: datetime(..., tzinfo=UTC)"
    value: datetime

    def describe(self) -> str:
        """Name the value."""
        return f"{self.value.isoformat()} has no time zone"


def to_utc(value: datetime) -> datetime:
    """Return the same instant in UTC.

    >>> from datetime import datetime, timedelta, timezone
    >>> to_utc(datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))).isoformat()
    '2026-01-01T00:00:00+00:00'

    Raises:
        NaiveTime: The value has no time zone.
    """
    if value.tzinfo is UTC:
        return value
    if value.utcoffset() is None:
        raise NaiveTime(value)
    return value.astimezone(UTC)
