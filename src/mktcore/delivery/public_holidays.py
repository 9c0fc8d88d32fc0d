"""Public holidays for business calendars, of the package `holidays`: the extra `holidays` brings it."""

from collections.abc import Iterable
from datetime import date

import holidays

from mktcore.errors import InvalidValue

__all__ = ["find_public_holidays"]


def find_public_holidays(country: str, years: Iterable[int], *, subdivision: str = "") -> frozenset[date]:
    """Return the public holidays of a country, or of a part of it, to close a calendar on.

    >>> from mktcore.delivery import BusinessCalendar
    >>> days = find_public_holidays("DE", [2026], subdivision="BY")
    >>> date(2026, 1, 6) in days, date(2026, 1, 6) in find_public_holidays("DE", [2026])
    (True, False)
    >>> BusinessCalendar("Europe/Berlin").close_on(days).is_open(date(2026, 1, 6))
    False

    Args:
        country: ISO 3166-1, two letters.
        years: Of which years.
        subdivision: ISO 3166-2 without its country; empty for holidays of the whole country alone.

    Raises:
        InvalidValue: The package knows no such country or part.
    """
    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=years))
    except NotImplementedError as error:
        place = f"{country}-{subdivision}" if subdivision else country
        raise InvalidValue("find_public_holidays", "country", place, "one that the package holidays knows") from error
