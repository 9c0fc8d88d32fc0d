"""Intervals as PHP writes them: `30 minute`, `2 hours`, `1 day 12 hours`."""

import re
from datetime import timedelta

__all__ = ["parse_interval"]

_DAY = 24 * 3600
_SECONDS = {
    "sec": 1,
    "second": 1,
    "min": 60,
    "minute": 60,
    "hour": 3600,
    "day": _DAY,
    "weekday": _DAY,
    "week": 7 * _DAY,
    "fortnight": 14 * _DAY,
    "month": 30 * _DAY,
    "year": 365 * _DAY,
}
_INEXACT = {"weekday", "month", "year"}
_PART = re.compile(r"\s*\+?\s*(\d{1,9})\s*([a-z]+?)s?(?=$|[\s+\d,])[\s,]*", re.IGNORECASE)
_LONGEST = 100 * 366 * _DAY


def parse_interval(text: str) -> tuple[timedelta, bool] | None:
    """Return how long an interval is, and whether that is exact; None when the text is none.

    A month counts as 30 days and a year as 365, which the calendar does not always agree with.

    >>> parse_interval("1 day 12 hours")
    (datetime.timedelta(days=1, seconds=43200), True)
    >>> parse_interval("2 months")
    (datetime.timedelta(days=60), False)
    >>> parse_interval("tomorrow") is None
    True
    """
    if len(text) > 100:  # noqa: PLR2004 - no interval is as long
        return None
    seconds, exact, position = 0, True, 0
    while position < len(text):
        part = _PART.match(text, position)
        if part is None or part[2].lower() not in _SECONDS:
            return None
        unit = part[2].lower()
        seconds += int(part[1]) * _SECONDS[unit]
        exact = exact and unit not in _INEXACT
        position = part.end()
    return (timedelta(seconds=seconds), exact) if 0 < seconds <= _LONGEST else None
