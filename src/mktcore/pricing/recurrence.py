"""Windows that come back: every Friday from 18:00 to 22:00 in Lisbon."""

from bisect import bisect_right
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs
from dateutil.rrule import DAILY, WEEKLY, rrule, rrulestr

from mktcore.clock import find_instant, to_utc
from mktcore.errors import InvalidValue

__all__ = ["Recurrence"]

MAX_RULE = 200
LONGEST = timedelta(days=366)
_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYYEARDAY", "BYWEEKNO", "WKST"}
_CALENDAR_CYCLE = 146_097
_ZONE_SHIFT = timedelta(days=1)
"""More than any time zone differs from UTC."""

Windows = tuple[tuple[datetime, ...], tuple[datetime, ...]]
"""Starts and ends in UTC, ascending."""


@attrs.frozen
class Recurrence:
    """A window that recurs by a rule of RFC 5545, on the clock of a place.

    >>> from datetime import UTC
    >>> fridays = Recurrence(
    ...     "FREQ=WEEKLY;BYDAY=FR", date(2026, 1, 2), time(18), lasts=timedelta(hours=4), time_zone="Europe/Lisbon"
    ... )
    >>> fridays.contains(datetime(2026, 7, 3, 17, tzinfo=UTC)), fridays.contains(datetime(2026, 7, 3, 21, tzinfo=UTC))
    (True, False)

    The window is on the local clock: it opens at 18:00 in summer and in winter, and four hours later it is 22:00 even
    where the clocks changed in between. An end that the clocks skip is where they go on: a window from 02:30 to 04:00
    opens at 03:00 on the day that has no 02:30. Of an end that they show twice, the first counts. A year's windows are
    expanded once, when first asked for, and then bisected.

    Attributes:
        rule: Parts of a recurrence rule (RFC 5545, 3.3.10), daily at the most often; UNTIL is read on the local clock.
        first: The first day that the rule counts from.
        opens: When the window opens, on the local clock.
        lasts: How long it stays open, on the local clock; more than nothing and a leap year at most.
        time_zone: Name in the IANA data base.
    """

    rule: str
    first: date
    opens: time
    lasts: timedelta = attrs.field(kw_only=True)
    time_zone: str = attrs.field(default="UTC", kw_only=True)
    _expanded: dict[int, Windows] = attrs.field(factory=dict, init=False, eq=False, repr=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise InvalidValue("Recurrence", "time_zone", self.time_zone, "a name of the IANA data base") from None
        if self.opens.tzinfo is not None:
            raise InvalidValue("Recurrence", "opens", self.opens, "a time on the local clock, without a zone")
        if not timedelta(0) < self.lasts <= LONGEST:
            raise InvalidValue("Recurrence", "lasts", self.lasts, "more than nothing, and a leap year at most")
        # Before the parser sees it: BYMINUTE and the like would open thousands of windows a day.
        names = [part.partition("=")[0].upper() for part in self.rule.split(";")]
        if len(self.rule) > MAX_RULE or not _PARTS.issuperset(names):
            reason = f"parts among {', '.join(sorted(_PARTS))} in {MAX_RULE} characters at most"
            raise InvalidValue("Recurrence", "rule", self.rule, reason)
        if not _matches_ever(self._parse()):
            raise InvalidValue("Recurrence", "rule", self.rule, "a rule that some day matches")

    def _parse(self) -> rrule:
        try:
            # All on the local clock: an UNTIL in UTC could not be compared with it.
            rule = rrulestr(self.rule, dtstart=datetime.combine(self.first, self.opens), ignoretz=True)
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidValue("Recurrence", "rule", self.rule, f"a rule of RFC 5545 ({error})") from None
        if not isinstance(rule, rrule) or rule._freq > DAILY:  # type: ignore[attr-defined]  # noqa: SLF001 - dateutil has no other way to ask
            raise InvalidValue("Recurrence", "rule", self.rule, "one rule, daily at the most often")
        if rule._interval < 1 or rule._count == 0:  # type: ignore[attr-defined]  # noqa: SLF001 - as above; dateutil loops for ever
            raise InvalidValue("Recurrence", "rule", self.rule, "an interval and a count above zero")
        return rule

    def contains(self, instant: datetime) -> bool:
        """Tell whether a window is open at `instant` (aware)."""
        at = to_utc(instant)
        starts, ends = self._expanded.get(at.year) or self._keep_expanded(at.year)
        position = bisect_right(starts, at)
        return position > 0 and at < ends[position - 1]

    def list_windows(self, year: int) -> list[tuple[datetime, datetime]]:
        """Return start and end, in UTC, of the windows that are open at some instant of a year."""
        return list(zip(*(self._expanded.get(year) or self._keep_expanded(year)), strict=True))

    def _keep_expanded(self, year: int) -> Windows:
        windows = self._expanded[year] = self._expand(year)
        return windows

    def _expand(self, year: int) -> Windows:
        """Return the windows that are open at some instant of a year (UTC)."""
        # Kept off both ends of the calendar, where going to UTC overflows.
        after = datetime(max(year, 3), 1, 1) - _ZONE_SHIFT - self.lasts  # noqa: DTZ001 - on the local clock
        before = datetime(min(year, 9997), 12, 31) + 2 * _ZONE_SHIFT  # noqa: DTZ001
        zone = ZoneInfo(self.time_zone)
        found = []
        for local in self._parse().between(after, before, inc=True):
            start, end = find_instant(local, zone), find_instant(local + self.lasts, zone)
            if start < end:  # a window that falls whole into the hour that the clocks skip does not exist
                found.append((start, end))
        # In UTC again: the windows were in local order, which clocks that change may turn round.
        found.sort()
        return tuple(start for start, _ in found), tuple(end for _, end in found)


def _matches_ever(rule: rrule) -> bool:
    """Tell whether a rule matches any day, its end aside: one that never does is searched through to the year 9999.

    The calendar repeats after 146,097 days, which are whole weeks; so many steps, taken as late as can be, show every
    day that a daily or weekly rule can meet.
    """
    first, interval = rule._dtstart, rule._interval  # type: ignore[attr-defined]  # noqa: SLF001 - dateutil has no other way to ask
    days = {DAILY: interval, WEEKLY: 7 * interval}.get(rule._freq)  # type: ignore[attr-defined]  # noqa: SLF001 - as above
    if days:
        last = datetime(9999, 12, 1, tzinfo=first.tzinfo)
        spare = (last - first).days - _CALENDAR_CYCLE * interval
        first += timedelta(days=max(0, spare // days) * days)
    return next(iter(rule.replace(dtstart=first, count=None, until=None)), None) is not None
