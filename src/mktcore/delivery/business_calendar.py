"""Business days: weekdays, closures and the hour until which an order counts as of its day, on somebody's clocks."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from mktcore.clock import to_utc
from mktcore.errors import InvalidValue

__all__ = ["MONDAY_TO_FRIDAY", "BusinessCalendar"]

MONDAY_TO_FRIDAY = frozenset(range(5))
MAX_CLOSED = 1_000
_LAST_DAY = date(9990, 1, 1)
"""Beyond it no instant has a next day in every zone."""


def _to_days(days: Iterable[date]) -> frozenset[date]:
    return frozenset(days)


def _to_weekdays(days: Iterable[int]) -> frozenset[int]:
    return frozenset(days)


@attrs.frozen
class BusinessCalendar:
    """On which days somebody works, and until when on each.

    >>> shop = BusinessCalendar("Europe/Berlin", cut_off=time(14), closed=[date(2026, 5, 14)])
    >>> tuesday, wednesday = datetime(2026, 5, 12, 10, tzinfo=UTC), datetime(2026, 5, 13, 13, tzinfo=UTC)
    >>> str(shop.find_day(tuesday)), str(shop.find_day(wednesday)), str(shop.add_days(date(2026, 5, 13), 1))
    ('2026-05-12', '2026-05-15', '2026-05-15')

    Attributes:
        time_zone: On whose clocks, a name of the IANA data base; empty for those of the sales channel, else UTC.
        weekdays: On which they work, Monday is 0.
        closed: Days on which they do not: closures, public holidays.
        cut_off: Until when what comes in counts as of its day, on these clocks; None for until midnight.

    Raises:
        InvalidValue: There is no such zone, no weekday, or there are too many closed days.
    """

    time_zone: str = ""
    weekdays: frozenset[int] = attrs.field(default=MONDAY_TO_FRIDAY, kw_only=True, converter=_to_weekdays)
    closed: frozenset[date] = attrs.field(default=frozenset(), kw_only=True, converter=_to_days)
    cut_off: time | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone or "UTC")
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise InvalidValue(
                "BusinessCalendar", "time_zone", self.time_zone, "a name of the IANA data base"
            ) from None
        if not self.weekdays or not self.weekdays <= set(range(7)):
            raise InvalidValue("BusinessCalendar", "weekdays", sorted(self.weekdays), "some of 0 (Monday) to 6")
        if len(self.closed) > MAX_CLOSED:
            raise InvalidValue("BusinessCalendar", "closed", len(self.closed), f"{MAX_CLOSED} days at most")
        if self.cut_off is not None and self.cut_off.tzinfo is not None:
            raise InvalidValue("BusinessCalendar", "cut_off", self.cut_off, "a time without a zone")

    def in_zone(self, time_zone: str) -> "BusinessCalendar":
        """Return it on these clocks where it has none of its own."""
        return self if self.time_zone else attrs.evolve(self, time_zone=time_zone)

    def close_on(self, days: Iterable[date]) -> "BusinessCalendar":
        """Return it with more days closed, such as the public holidays of a country."""
        return attrs.evolve(self, closed=self.closed | frozenset(days))

    def is_open(self, day: date) -> bool:
        """Tell whether they work on a day."""
        return day.weekday() in self.weekdays and day not in self.closed

    def find_day(self, at: datetime) -> date:
        """Return the business day that an instant counts as: its own until the cut-off, else the next one."""
        local = at.astimezone(ZoneInfo(self.time_zone or "UTC"))
        is_late = self.cut_off is not None and local.time() > self.cut_off
        return self._find_open(local.date() + timedelta(days=is_late))

    def add_days(self, day: date, days: int) -> date:
        """Return the day that lies so many business days after another one."""
        for _ in range(days):
            day = self._find_open(day + timedelta(days=1))
        return day

    def find_begin(self, day: date) -> datetime:
        """Return the instant at which a day begins on these clocks, UTC."""
        return to_utc(datetime.combine(day, time(), tzinfo=ZoneInfo(self.time_zone or "UTC"))).astimezone(UTC)

    def _find_open(self, day: date) -> date:
        while not self.is_open(day) and day < _LAST_DAY:
            day += timedelta(days=1)
        return day
