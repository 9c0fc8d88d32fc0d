"""Stretches of time, half-open: the start belongs to the period, the end does not."""

from datetime import datetime
from typing import ClassVar

import attrs

from mktcore.clock import to_utc
from mktcore.errors import MktcoreError

__all__ = ["ALWAYS", "EmptyPeriod", "Period"]


@attrs.define(eq=False, slots=False)
class EmptyPeriod(MktcoreError):
    """A period that ends at or before its start."""

    code: ClassVar[str] = "periods.empty"
    remedy: ClassVar[str] = "let it end after it starts; the end itself is outside"
    start: datetime
    end: datetime

    def describe(self) -> str:
        """Name both ends."""
        return f"nothing lies between {self.start.isoformat()} and {self.end.isoformat()}"


def _optional_utc(value: datetime | None) -> datetime | None:
    return None if value is None else to_utc(value)


@attrs.frozen
class Period:
    """From `start` up to, not including, `end`; None leaves that side open. Instants are kept in UTC.

    >>> from datetime import UTC, datetime
    >>> may = Period(datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
    >>> may.contains(datetime(2026, 5, 1, tzinfo=UTC)), may.contains(datetime(2026, 6, 1, tzinfo=UTC))
    (True, False)

    Raises:
        EmptyPeriod: It ends at or before its start.
        NaiveTime: An instant has no time zone.
    """

    start: datetime | None = attrs.field(default=None, converter=_optional_utc)
    end: datetime | None = attrs.field(default=None, converter=_optional_utc)

    def __attrs_post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise EmptyPeriod(self.start, self.end)

    def contains(self, instant: datetime) -> bool:
        """Tell whether `instant` (aware) lies inside."""
        return (self.start is None or self.start <= instant) and (self.end is None or instant < self.end)

    def overlaps(self, other: "Period") -> bool:
        """Tell whether some instant lies in both."""
        return (self.start is None or other.end is None or self.start < other.end) and (
            other.start is None or self.end is None or other.start < self.end
        )

    def is_always(self) -> bool:
        """Tell whether both sides are open."""
        return self.start is None and self.end is None


ALWAYS = Period()
"""The period without ends."""
