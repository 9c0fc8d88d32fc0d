"""The days on which a recurrence rule falls. Pure.

Every day is judged by itself: that a rule began long ago, or goes on for ever, costs nothing.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date

import attrs
from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule

__all__ = ["LAST_DAY", "RecurringDays"]

LAST_DAY = date(9997, 12, 31)
"""Beyond it, going to UTC could leave the calendar."""
_WEEK = 7
_MIDDLE = 3
"""A week belongs to the year that has its middle day, and so most of its days."""


@attrs.frozen(kw_only=True)
class RecurringDays:
    """The days of one rule of RFC 5545 (3.3.10), from its first day on.

    Attributes:
        first: Its first day, from which turns are counted.
        frequency: `DAILY`, `WEEKLY`, `MONTHLY` or `YEARLY` of dateutil.
        interval: Every so many days, weeks, months or years are its turn.
        week_start: The weekday that weeks begin on; 0 is Monday.
        months: In these months; empty for any, as below.
        month_days: On these days of a month; -1 is its last one.
        year_days: On these days of a year; -1 is its last one.
        weeks: In these weeks of a year; -1 is its last one.
        weekdays: On these weekdays.
        places: Or on these weekdays, counted in their month, or in the year where the rule is of a whole one: (4, -1)
            is the last Friday.
        last: The last day it may fall on; None for ever.
    """

    first: date
    frequency: int
    interval: int
    week_start: int
    months: frozenset[int]
    month_days: frozenset[int]
    year_days: frozenset[int]
    weeks: frozenset[int]
    weekdays: frozenset[int]
    places: frozenset[tuple[int, int]]
    last: date | None = None

    @classmethod
    def of(cls, rule: rrule) -> "RecurringDays":
        """Return the days of a rule that was parsed, its COUNT aside."""
        # dateutil has no other way to ask; it filled in from the first day where the rule is silent.
        said = vars(rule)
        first, until = said["_dtstart"], said["_until"]
        # What opens after the instant of UNTIL opens no more on its day.
        late = until is not None and first.time() > until.time()
        return cls(
            first=first.date(),
            frequency=said["_freq"],
            interval=said["_interval"],
            week_start=said["_wkst"],
            months=_to_set(said["_bymonth"]),
            month_days=_to_set(said["_bymonthday"]) | _to_set(said["_bynmonthday"]),
            year_days=_to_set(said["_byyearday"]),
            weeks=_to_set(said["_byweekno"]),
            weekdays=_to_set(said["_byweekday"]),
            places=frozenset(said["_bynweekday"] or ()),
            last=None if until is None else _shift(until.date(), -int(late)),
        )

    def holds(self, day: date) -> bool:
        """Tell whether it falls on a day."""
        if day < self.first or (self.last is not None and day > self.last):
            return False
        return self._is_in_turn(day) and self._fits(day)

    def walk(self, end: date) -> Iterator[date]:
        """Yield its days in their order, up to and with `end`."""
        last = min(end, LAST_DAY)
        return (day for day in self._list_candidates(last) if day <= last and self.holds(day))

    def _is_in_turn(self, day: date) -> bool:
        first = self.first
        if self.frequency == DAILY:
            passed = day.toordinal() - first.toordinal()
        elif self.frequency == WEEKLY:
            passed = (_find_week(day, self.week_start) - _find_week(first, self.week_start)) // _WEEK
        elif self.frequency == MONTHLY:
            passed = 12 * (day.year - first.year) + day.month - first.month
        else:
            passed = day.year - first.year
        return passed % self.interval == 0

    def _fits(self, day: date) -> bool:
        if self.months and day.month not in self.months:
            return False
        is_named = day.weekday() in self.weekdays
        if (self.weekdays or self.places) and not is_named and not self._is_placed(day):
            return False
        if self.month_days and self.month_days.isdisjoint(_number_in_month(day)):
            return False
        if self.year_days and self.year_days.isdisjoint(_number_in_year(day)):
            return False
        return not self.weeks or not self.weeks.isdisjoint(_number_week(day, self.week_start))

    def _is_placed(self, day: date) -> bool:
        """Tell whether it is, say, the last Friday."""
        is_of_year = self.frequency == YEARLY and not self.months
        number, left = _number_in_year(day) if is_of_year else _number_in_month(day)
        weekday = day.weekday()
        places = ((weekday, (number - 1) // _WEEK + 1), (weekday, -((-left - 1) // _WEEK + 1)))
        return not self.places.isdisjoint(places)

    def _list_candidates(self, end: date) -> Iterator[date]:
        """Yield days up to about `end` among which all of its own are: the fewer, the more it says of days."""
        is_sparse = self.months or self.month_days or self.year_days
        if self.frequency in {DAILY, WEEKLY} and not is_sparse:
            yield from self._step(end)
            return
        for year in range(self.first.year, end.year + 1, self.interval if self.frequency == YEARLY else 1):
            yield from self._list_of_year(year)

    def _step(self, end: date) -> Iterator[date]:
        if self.frequency == DAILY and self.interval > 1:
            yield from map(date.fromordinal, range(self.first.toordinal(), end.toordinal() + 1, self.interval))
            return
        begin, named = _find_week(self.first, self.week_start), self.weekdays or range(_WEEK)
        places = sorted((weekday - self.week_start) % _WEEK for weekday in named)
        for week in range(begin, end.toordinal() + 1, _WEEK * self.interval):
            yield from (date.fromordinal(week + place) for place in places if week + place > 0)

    def _list_of_year(self, year: int) -> Iterator[date]:
        if self.year_days:
            new_year = date(year, 1, 1)
            length = -_number_in_year(new_year)[1]
            yield from (_shift(new_year, number - 1) for number in _resolve(self.year_days, length))
            return
        for month in sorted(self.months) or range(1, 13):
            first = date(year, month, 1)
            if self.frequency != MONTHLY or self._is_in_turn(first):
                length = monthrange(year, month)[1]
                numbers = _resolve(self.month_days, length) if self.month_days else range(1, length + 1)
                yield from (first.replace(day=number) for number in numbers)


def _to_set(numbers: Iterable[int] | None) -> frozenset[int]:
    return frozenset(numbers or ())


def _shift(day: date, days: int) -> date:
    return date.fromordinal(max(1, day.toordinal() + days))


def _resolve(numbers: Iterable[int], length: int) -> list[int]:
    """Return which of so many days are meant, ascending; those below zero count from the end."""
    found = {number if number > 0 else length + 1 + number for number in numbers}
    return sorted(number for number in found if 1 <= number <= length)


def _number_in_month(day: date) -> tuple[int, int]:
    """Return a day's number from the begin of its month, and from the end: -1 is the last one."""
    return day.day, day.day - monthrange(day.year, day.month)[1] - 1


def _number_in_year(day: date) -> tuple[int, int]:
    ordinal = day.toordinal()
    return ordinal - date(day.year, 1, 1).toordinal() + 1, ordinal - date(day.year, 12, 31).toordinal() - 1


def _find_week(day: date, week_start: int) -> int:
    """Return the first day of a day's week, as an ordinal: weeks of the first year may begin before the calendar."""
    return day.toordinal() - (day.weekday() - week_start) % _WEEK


def _number_week(day: date, week_start: int) -> tuple[int, int]:
    middle = date.fromordinal(_find_week(day, week_start) + _MIDDLE)
    number, left = _number_in_year(middle)
    return (number - 1) // _WEEK + 1, -((-left - 1) // _WEEK + 1)
