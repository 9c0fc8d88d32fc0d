"""Windows that come back: every Friday from 18:00 to 22:00 in Lisbon."""

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs
from dateutil.rrule import DAILY, rrule, rrulestr

from mktcore.clock import find_instant, to_utc
from mktcore.errors import InvalidValue
from mktcore.pricing.recurring_days import LAST_DAY, RecurringDays

__all__ = ["Recurrence", "Window"]

MAX_RULE = 200
MAX_COUNT = 10_000
LONGEST = timedelta(days=366)
_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYYEARDAY", "BYWEEKNO", "WKST"}
_SEARCHED = 800 * 366
"""Days in which a rule meets its first one, or none: two turns of the calendar, which repeats after 400 years."""
_COUNTED = 100 * 366
"""Days in which a COUNT is reached."""
_FIRST_DAY = date(2, 1, 1)
"""Before it, going to UTC could leave the calendar."""
_REMEMBERED = 8
_SPREAD_OUT = 100
"""Questions about one year that cost as much as finding all of its windows: the next ones look them up."""

Window = tuple[datetime, datetime]
"""Start and end in UTC."""


@attrs.frozen
class Recurrence:
    """A window that recurs by a rule of RFC 5545, on the clock of a place.

    >>> fridays = Recurrence(
    ...     "FREQ=WEEKLY;BYDAY=FR", date(2026, 1, 2), time(18), lasts=timedelta(hours=4), time_zone="Europe/Lisbon"
    ... )
    >>> fridays.contains(datetime(2026, 7, 3, 17, tzinfo=UTC)), fridays.contains(datetime(2026, 7, 3, 21, tzinfo=UTC))
    (True, False)

    The window is on the local clock: it opens at 18:00 in summer and in winter, and four hours later it is 22:00 even
    where the clocks changed in between. An end that the clocks skip is where they go on: a window from 02:30 to 04:00
    opens at 03:00 on the day that has no 02:30. Of an end that they show twice, the first counts. Whether one is open
    costs the same for a rule that began in the year 1.

    Attributes:
        rule: Parts of a recurrence rule (RFC 5545, 3.3.10), daily at the most often; UNTIL is read on the local clock.
            COUNT is 10,000 at most, and reached within 100 years. Some day of the rule's first 800 years matches.
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
    _days: RecurringDays = attrs.field(init=False, eq=False, repr=False, kw_only=True)
    _answers: dict[datetime, bool] = attrs.field(factory=dict, init=False, eq=False, repr=False, kw_only=True)
    _years: dict[int, list[Window]] = attrs.field(factory=dict, init=False, eq=False, repr=False, kw_only=True)
    _asked: dict[int, int] = attrs.field(factory=dict, init=False, eq=False, repr=False, kw_only=True)
    _spans: dict[int, list[Window]] = attrs.field(factory=dict, init=False, eq=False, repr=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise InvalidValue("Recurrence", "time_zone", self.time_zone, "a name of the IANA data base") from None
        if self.opens.tzinfo is not None:
            raise InvalidValue("Recurrence", "opens", self.opens, "a time on the local clock, without a zone")
        if not timedelta(0) < self.lasts <= LONGEST:
            raise InvalidValue("Recurrence", "lasts", self.lasts, "more than nothing, and a leap year at most")

    @_days.default
    def _find_days(self) -> RecurringDays:
        return _find_days(self.rule, self.first, self.opens.replace(tzinfo=None))

    def contains(self, instant: datetime) -> bool:
        """Tell whether a window is open at `instant` (aware)."""
        at = to_utc(instant)
        known = self._answers.get(at)
        if known is None:
            # All of a cart asks for one instant.
            if len(self._answers) >= _REMEMBERED:
                self._answers.clear()
            known = self._answers[at] = self._find_answer(at)
        return known

    def list_windows(self, year: int) -> list[Window]:
        """Return start and end, in UTC, of the windows that are open at some instant of a year."""
        found = self._years.get(year)
        if found is None:
            begin, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
            windows = [self._to_window(day) for day in self._list_days(begin, end) if self._days.holds(day)]
            # In UTC again: the days are in local order, which clocks that change may turn round.
            found = sorted(
                window for window in windows if window[0] < window[1] and window[0] <= end and window[1] > begin
            )
            self._years[year] = found
        return list(found)

    def _find_answer(self, at: datetime) -> bool:
        spans = self._spans.get(at.year)
        if spans is None:
            asked = self._asked[at.year] = self._asked.get(at.year, 0) + 1
            if asked <= _SPREAD_OUT:
                return self._is_open(at)
            spans = self._spans[at.year] = _join_windows(self.list_windows(at.year))
        position = bisect_right(spans, at, key=itemgetter(0))
        return position > 0 and at < spans[position - 1][1]

    def _is_open(self, at: datetime) -> bool:
        # Backwards, as a window that is open has mostly opened just now.
        for day in reversed(self._list_days(at, at)):
            if self._days.holds(day):
                start, end = self._to_window(day)
                if start <= at < end:
                    return True
        return False

    def _list_days(self, begin: datetime, end: datetime) -> list[date]:
        """Return the days on which a window may open that is open between two instants, in any time zone."""
        earliest = max(begin.toordinal() - self.lasts.days - 2, _FIRST_DAY.toordinal(), self.first.toordinal())
        latest = min(end.toordinal() + 1, (self._days.last or LAST_DAY).toordinal())
        return [date.fromordinal(ordinal) for ordinal in range(earliest, latest + 1)]

    def _to_window(self, day: date) -> Window:
        """Return the window of a day; one that falls whole into the hour that the clocks skip ends before it starts."""
        zone, local = ZoneInfo(self.time_zone), datetime.combine(day, self.opens)
        return find_instant(local, zone), find_instant(local + self.lasts, zone)


def _join_windows(windows: list[Window]) -> list[Window]:
    """Return when one of the windows is open, in spans that do not touch; a window may open while another is open."""
    spans: list[Window] = []
    for start, end in windows:
        if spans and start <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(spans[-1][1], end)
        else:
            spans.append((start, end))
    return spans


@lru_cache(maxsize=4096)
def _find_days(text: str, first: date, opens: time) -> RecurringDays:
    """Return the days of a rule; remembered, as stores build the same schedules for every cart."""
    # Before the parser sees it: BYMINUTE and the like would open thousands of windows a day.
    names = [part.partition("=")[0].upper() for part in text.split(";")]
    if len(text) > MAX_RULE or not _PARTS.issuperset(names):
        raise _refuse(text, f"parts among {', '.join(sorted(_PARTS))} in {MAX_RULE} characters at most")
    rule = _parse(text, first, opens)
    days, count = RecurringDays.of(rule), vars(rule)["_count"]
    limit = min(first.toordinal() + (_COUNTED if count else _SEARCHED), LAST_DAY.toordinal())
    # Its end aside: one that is over matched some day all the same.
    found = attrs.evolve(days, last=None).walk(date.fromordinal(limit))
    if not count:
        if next(found, None) is None:
            raise _refuse(text, "a rule that some day matches")
        return days
    last = next(islice(found, count - 1, None), None) if count <= MAX_COUNT else None
    if last is None:
        raise _refuse(text, f"a COUNT of {MAX_COUNT:,} at most that is reached within 100 years")
    return attrs.evolve(days, last=last if days.last is None else min(last, days.last))


def _parse(text: str, first: date, opens: time) -> rrule:
    # dateutil begins weeks as the process is set up to show them; the standard begins them on Mondays.
    full = text if "WKST" in text.upper() else f"{text};WKST=MO"
    try:
        # All on the local clock: an UNTIL in UTC could not be compared with it.
        rule = rrulestr(full, dtstart=datetime.combine(first, opens), ignoretz=True)
    except (ValueError, KeyError, TypeError) as error:
        raise _refuse(text, f"a rule of RFC 5545 ({error})") from None
    if not isinstance(rule, rrule) or vars(rule)["_freq"] > DAILY:
        raise _refuse(text, "one rule, daily at the most often")
    if vars(rule)["_interval"] < 1 or vars(rule)["_count"] == 0:
        raise _refuse(text, "an interval and a count above zero")
    return rule


def _refuse(text: str, reason: str) -> InvalidValue:
    return InvalidValue("Recurrence", "rule", text, reason)
