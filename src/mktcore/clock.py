"""Time as a port: the core never reads the wall clock itself."""

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import ClassVar, Protocol

import attrs

from mktcore.errors import MktcoreError

__all__ = ["Clock", "NaiveTime", "SkippedTime", "find_instant", "to_utc"]


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


@attrs.define(eq=False, slots=False)
class NaiveTime(MktcoreError):
    """A date, or a date and time without a time zone, which names no instant."""

    code: ClassVar[str] = "time.naive"
    remedy: ClassVar[str] = "give it a time zone: datetime(..., tzinfo=UTC)"
    value: date

    def describe(self) -> str:
        """Name the value."""
        return f"{self.value.isoformat() if isinstance(self.value, date) else repr(self.value)} has no time zone"


@attrs.define(eq=False, slots=False)
class SkippedTime(MktcoreError):
    """A time that the clocks of its zone skip, which names no instant."""

    code: ClassVar[str] = "time.skipped"
    remedy: ClassVar[str] = "name a time that the clocks show, or give its offset from UTC instead of the zone"
    value: datetime

    def describe(self) -> str:
        """Name the value and its zone."""
        return f"the clocks of {self.value.tzinfo} skip {self.value.replace(tzinfo=None).isoformat()}"


def to_utc(value: datetime) -> datetime:
    """Return the same instant in UTC.

    Of a time that the clocks show twice, `fold` tells which is meant, as everywhere in Python: 0 for the first.

    >>> from datetime import datetime, timedelta, timezone
    >>> to_utc(datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))).isoformat()
    '2026-01-01T00:00:00+00:00'

    Raises:
        NaiveTime: The value has no time zone, as a date alone has none.
        SkippedTime: The clocks of its zone were put forward over it.
    """
    try:
        zone = value.tzinfo
    except AttributeError:  # of a date, or a text, which nobody may take for its midnight somewhere
        raise NaiveTime(value) from None
    if zone is UTC:
        return value
    if value.utcoffset() is None:
        raise NaiveTime(value)
    found = value.astimezone(UTC)
    # A zone of one offset skips nothing. In any other, an instant tells the time that it was made from, or none was.
    if type(zone) is not timezone and found.astimezone(zone).replace(tzinfo=None) != value.replace(tzinfo=None):
        raise SkippedTime(value)
    return found


def find_instant(local: datetime, zone: tzinfo) -> datetime:
    """Return the first instant, in UTC, at which the clocks of a zone show a time or are past it.

    Of a time that they show twice that is the first; of one that they skip, the instant at which they are put forward.

    >>> from datetime import datetime
    >>> from zoneinfo import ZoneInfo
    >>> find_instant(datetime(2026, 3, 29, 2, 30), ZoneInfo("Europe/Berlin")).isoformat()
    '2026-03-29T01:00:00+00:00'

    Args:
        local: On the clocks of the zone, without one.
        zone: The zone.
    """
    early, late = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early <= late:
        return early
    # By the offset from before the change the time lies behind it, by the one from after it ahead of it. In between
    # the clocks change once, at a whole second: offsets are given in those.
    low, high = 0, int((early - late).total_seconds())
    while low < high:
        middle = (low + high) // 2
        shown = (late + timedelta(seconds=middle)).astimezone(zone).replace(tzinfo=None)
        low, high = (low, middle) if shown > local else (middle + 1, high)
    # A fraction of a second that the time has is none of the change's.
    return (late + timedelta(seconds=low)).replace(microsecond=0)
