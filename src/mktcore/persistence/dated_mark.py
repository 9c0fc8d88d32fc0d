"""Marks: texts under any of which a record is found, each while it holds; a column of several values, with periods."""

from datetime import UTC, datetime

import attrs

from mktcore.errors import InvalidValue
from mktcore.periods import ALWAYS, Period
from mktcore.persistence.declared_columns import MAX_COLUMN_TEXT, is_storable

__all__ = ["FOREVER", "SINCE_EVER", "Mark"]

SINCE_EVER = datetime.min.replace(tzinfo=UTC)
FOREVER = datetime.max.replace(tzinfo=UTC)
"""What stores keep for the open side of a period, so that one range of one index finds what holds at an instant."""


@attrs.frozen
class Mark:
    """A text under which a record is found.

    >>> from datetime import UTC, datetime
    >>> may = Period(datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
    >>> Mark("summer", may).ends.isoformat(), Mark("summer").ends is FOREVER
    ('2026-06-01T00:00:00+00:00', True)

    Attributes:
        text: 1 to 500 storable characters, compared as they are.
        valid: When the record is found under it.
    """

    text: str
    valid: Period = ALWAYS

    def __attrs_post_init__(self) -> None:
        # Here, and not by each store: a record with such a mark is refused before anything of it is written.
        if not 0 < len(self.text) <= MAX_COLUMN_TEXT or not is_storable(self.text):
            shown = self.text[: MAX_COLUMN_TEXT + 1]
            raise InvalidValue("Mark", "text", shown, f"1 to {MAX_COLUMN_TEXT} characters of storable text")

    @property
    def starts(self) -> datetime:
        """The first instant at which it holds, UTC."""
        return self.valid.start or SINCE_EVER

    @property
    def ends(self) -> datetime:
        """The first instant at which it does not hold any more, UTC."""
        return self.valid.end or FOREVER
