"""Instants, dates, times of day and durations as JSON, each in its one canonical form."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from mktcore.clock import to_utc
from mktcore.wire.errors import InvalidDocument
from mktcore.wire.refuse_value import refuse_text, refuse_type

__all__ = [
    "INSTANT",
    "TIME",
    "read_date",
    "read_duration",
    "read_instant",
    "read_time",
    "write_date",
    "write_duration",
    "write_instant",
    "write_time",
]

INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{6})?")


def read_instant(value: object) -> datetime:
    """Return an instant in UTC; microseconds are all told, or left out when there are none."""
    expected = 'an instant in UTC as text, such as "2026-05-01T12:00:00Z"'
    if type(value) is not str:
        raise refuse_type(value, expected)
    found = _find_instant(value) if len(value) <= 27 else None  # noqa: PLR2004 - the longest form
    if found is None:
        raise refuse_text(value, expected)
    return found


# All lines of an order moved at the same few instants.
@lru_cache(maxsize=1024)
def _find_instant(text: str) -> datetime | None:
    # One instant, one text: without microseconds where there are none.
    if not INSTANT.fullmatch(text) or text.endswith(".000000Z"):
        return None
    try:
        return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)
    except ValueError:
        return None


def write_instant(instant: datetime) -> str:
    """Return an aware instant, in UTC."""
    return to_utc(instant).isoformat().replace("+00:00", "Z")


def read_date(value: object) -> date:
    """Return a date."""
    expected = 'a date as text, such as "2026-05-01"'
    if type(value) is not str:
        raise refuse_type(value, expected)
    # One letter more than fits shows that a text is too long, however long it is.
    if not _DATE.fullmatch(value[:11]):
        raise refuse_text(value, expected)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise refuse_text(value, expected) from None


def read_time(value: object) -> time:
    """Return a time of day without a zone."""
    expected = 'a time of day as text, such as "09:30:00"'
    if type(value) is not str:
        raise refuse_type(value, expected)
    if not TIME.fullmatch(value[:16]) or value.endswith(".000000"):
        raise refuse_text(value, expected)
    return time.fromisoformat(value)


def write_date(value: date) -> str:
    """Return a date as ISO 8601 writes it."""
    return value.isoformat()


def write_time(value: time) -> str:
    """Return a time of day without a zone."""
    if value.tzinfo is not None:
        raise InvalidDocument.at("", "wire.wrong-type", "a time of day has no time zone here")
    return value.isoformat()


def read_duration(value: object) -> timedelta:
    """Return a duration of whole microseconds."""
    if type(value) is not int:
        raise refuse_type(value, "a whole number of microseconds")
    try:
        return timedelta(microseconds=value)
    except OverflowError:
        raise refuse_text(value, "a duration below 999,999,999 days") from None


def write_duration(value: timedelta) -> int:
    """Return a duration as whole microseconds."""
    return value // timedelta(microseconds=1)
