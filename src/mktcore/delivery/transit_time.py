"""How long goods travel, and when they arrive: in hours or business days, over a calendar."""

from datetime import datetime, timedelta
from enum import StrEnum

import attrs

from mktcore.delivery.business_calendar import BusinessCalendar
from mktcore.errors import InvalidValue

__all__ = ["Arrival", "TransitTime", "TransitUnit", "estimate_arrival"]

MAX_DAYS = 366


class TransitUnit(StrEnum):
    """In what a transit is counted."""

    BUSINESS_DAYS = "business-days"
    HOURS = "hours"


@attrs.frozen
class TransitTime:
    """From when goods are handed over until they arrive.

    Attributes:
        least: At the earliest, in units.
        most: At the latest.
        unit: Business days, or hours that go on day and night.

    Raises:
        InvalidValue: No such number of units, a year at most.
    """

    least: int
    most: int
    unit: TransitUnit = TransitUnit.BUSINESS_DAYS

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.unit, TransitUnit):
            raise InvalidValue("TransitTime", "unit", self.unit, "a TransitUnit")
        longest = MAX_DAYS * (24 if self.unit is TransitUnit.HOURS else 1)
        for field, least in (("least", 0), ("most", self.least)):
            number = getattr(self, field)
            if type(number) is not int or not least <= number <= longest:
                raise InvalidValue("TransitTime", field, number, f"a whole number from {least} to {longest}")


@attrs.frozen
class Arrival:
    """Between when something arrives, UTC.

    Attributes:
        earliest: Not before.
        latest: Not after.
    """

    earliest: datetime
    latest: datetime


def estimate_arrival(ready: datetime, transit: TransitTime, calendar: BusinessCalendar) -> Arrival:
    r"""Return when goods arrive that are ready at an instant, UTC: they are handed over on its business day.

    Business days arrive between the begin of the first and the end of the last. Hours run from the instant, or from
    the begin of the next business day where the instant counts as of that.

    >>> from datetime import UTC, time
    >>> shop = BusinessCalendar("Europe/Berlin", cut_off=time(14))
    >>> friday = datetime(2026, 5, 15, 13, tzinfo=UTC)  # 15:00 in Berlin
    >>> arrival = estimate_arrival(friday, TransitTime(1, 2), shop)
    >>> print(arrival.earliest, arrival.latest, sep="\n")
    2026-05-18 22:00:00+00:00
    2026-05-20 22:00:00+00:00
    """
    day = calendar.find_day(ready)
    if transit.unit is TransitUnit.HOURS:
        leaves = max(ready, calendar.find_begin(day))
        return Arrival(leaves + timedelta(hours=transit.least), leaves + timedelta(hours=transit.most))
    first, last = calendar.add_days(day, transit.least), calendar.add_days(day, transit.most)
    return Arrival(max(ready, calendar.find_begin(first)), calendar.find_begin(last + timedelta(days=1)))
