"""Instants as people write them in files: read by one rule, or refused, and never taken for another one."""

import re
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from mktcore.clock import find_instant
from mktcore.errors import InvalidValue, MktcoreError
from mktcore.money.errors import shorten

__all__ = ["UnclearInstant", "find_zone", "read_on_clocks", "read_written_instant"]

_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?"
_FORM = re.compile(
    rf"(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(?:[T ](?P<time>{_TIME})(?P<offset>Z|[+-][0-9]{{2}}:?[0-9]{{2}})?)?"
)
_DAY = timedelta(days=1)


@attrs.define(eq=False, slots=False)
class UnclearInstant(MktcoreError):
    """A text of a file that names no instant, or might name several."""

    code: ClassVar[str] = "loading.unclear-instant"
    remedy: ClassVar[str] = "write 2026-12-31T18:00:00+01:00; where the load is told a time_zone, a date is a day there"
    text: str
    reason: str

    def describe(self) -> str:
        """Name the text and what is unclear."""
        return f"{shorten(self.text)} {self.reason}"


def find_zone(name: str | None) -> ZoneInfo | None:
    """Return the time zone of a name in the IANA data base, or None for none.

    Raises:
        InvalidValue: There is no such zone.
    """
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidValue("file", "time_zone", name, "a name of the IANA data base, such as Europe/Berlin") from None


def read_written_instant(text: str, zone: ZoneInfo | None, *, is_end: bool = False) -> datetime:
    """Return the instant that a text names, in UTC.

    A time with its offset is that instant. Without one it is on the clocks of the zone. A date is a day there: it
    starts when that day does, and as an end it is the *last* day, so that the instant is when the next one starts.

    >>> berlin = ZoneInfo("Europe/Berlin")
    >>> (
    ...     read_written_instant("2026-11-29", berlin).isoformat(),
    ...     read_written_instant("2026-11-29", berlin, is_end=True).isoformat(),
    ... )
    ('2026-11-28T23:00:00+00:00', '2026-11-29T23:00:00+00:00')

    Args:
        text: What the file has.
        zone: On whose clocks; None where nobody told.
        is_end: Whether it is the end of a period.

    Raises:
        UnclearInstant: It is no date; it needs a zone that nobody told; or the clocks skip that time or show it twice.
    """
    form = _FORM.fullmatch(text)
    try:
        value = datetime.fromisoformat(text) if form else None
        if form is None or value is None:
            raise UnclearInstant(text, "is no date")
        if value.tzinfo is not None:
            return value.astimezone(UTC)
        if zone is None:
            raise UnclearInstant(text, "has no time zone")
        if form["time"] is None:
            return find_instant(value + _DAY if is_end else value, zone)
        return read_on_clocks(text, value, zone)
    except ValueError:
        raise UnclearInstant(text, "is no date") from None
    except OverflowError:
        raise UnclearInstant(text, "lies outside the years 1 to 9999 in UTC") from None


def read_on_clocks(text: str, local: datetime, zone: ZoneInfo) -> datetime:
    """Return the one instant, in UTC, at which the clocks of a zone show a time.

    Args:
        text: What the file has.
        local: The time that it is.
        zone: On whose clocks.

    Raises:
        UnclearInstant: They skip it, or show it twice.
    """
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first > second:
        raise UnclearInstant(text, f"does not exist: the clocks of {zone} skip it")
    if first < second:
        raise UnclearInstant(text, f"is there twice: the clocks of {zone} are put back over it")
    return first
