"""What columns of a kind hold: one value, one that pages go by, or several texts; and what fits into them."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import attrs

from mktcore.clock import to_utc
from mktcore.persistence.errors import InvalidColumn

__all__ = [
    "MAX_COLUMN_TEXT",
    "MAX_INT",
    "MAX_ORDERED_TEXT",
    "Column",
    "Held",
    "Ordered",
    "Several",
    "check_one_text",
    "check_ordered",
    "check_plain",
    "is_storable",
]

MAX_COLUMN_TEXT = 500
MAX_ORDERED_TEXT = 120
"""Less than what is only compared: an owner, this and an id, at four bytes a letter, fit one index of PostgreSQL."""
MAX_INT = 2**63 - 1
Column = str | int | datetime | None
Held = Column | frozenset[str]
"""What a record holds in a column; in one of several values, all of them."""
Of = tuple[str, str]
"""The kind and the column, as refusals name them."""


@attrs.frozen(eq=False)
class Ordered:
    """A column that queries ask ranges of, and pages go by.

    Attributes:
        read: Returns what a record holds: a value of `type`, or None. A record without a value lies in no range, and
            comes last in both directions.
        type: `int` (64 bits), `datetime` (aware; kept in UTC, to the microsecond) or `str` (120 characters, sorted by
            code point).
        within: Columns within one value of which pages go by this one too, as cheaply: those that are usually asked
            together with it; several in brackets where one value of each is asked at once, as `("merchant", "stage")`.
            The columns of the kind's merchant and buyer belong to them anyway.
    """

    read: Callable[[Any], Column]
    type: type[int] | type[datetime] | type[str]
    within: tuple[str | tuple[str, ...], ...] = ()


@attrs.frozen(eq=False)
class Several:
    """A column that holds several texts, each of them once; queries ask for one of them.

    A store keeps the texts in a table of their own beside the columns that pages within one text are asked by, so that
    such a page is one walk along an index too. Columns that seldom change belong there: with each change of one, all
    rows of a record are written again.

    Attributes:
        read: Returns the texts of a record, of 120 characters at most.
        order: The ordered column that pages within one text go by; None for the ids.
        within: Columns within one value of which they go by it too, several in brackets, as in `Ordered.within`. The
            columns of the kind's merchant and buyer belong to them anyway.
    """

    read: Callable[[Any], Iterable[str]]
    order: str | None = None
    within: tuple[str | tuple[str, ...], ...] = ()


def check_plain(of: Of, found: object) -> Column:
    """Return what a column that is only compared holds.

    Raises:
        InvalidColumn: It is none of that.
    """
    # By its very type: True is an int too, and would be stored as 1.
    if found is None or type(found) is int:
        return None if found is None else _check_int(of, found)
    if not isinstance(found, str):
        raise InvalidColumn(*of, f"it cannot hold a {type(found).__name__}")
    return _check_length(of, found, MAX_COLUMN_TEXT)


def check_one_text(of: Of, found: object) -> str:
    """Return a text of a column of several.

    Raises:
        InvalidColumn: It is none.
    """
    # There is no text for "holds none": whoever asks one of several names the one.
    if not isinstance(found, str):
        raise InvalidColumn(*of, f"it holds several texts, and is asked one, not a {type(found).__name__}")
    return _check_length(of, found, MAX_ORDERED_TEXT)


def check_ordered(of: Of, type_: type, found: object) -> Column:
    """Return what an ordered column holds.

    Raises:
        InvalidColumn: It is of another type than the column.
    """
    # bool is an int to isinstance, a datetime's subclasses compare in ways of their own
    if type(found) is int and type_ is int:
        return _check_int(of, found)
    if isinstance(found, datetime) and type_ is datetime:
        if found.utcoffset() is None:
            raise InvalidColumn(*of, f"{found.isoformat()} has no time zone")
        return to_utc(found)
    if isinstance(found, str) and type_ is str:
        return _check_length(of, found, MAX_ORDERED_TEXT)
    raise InvalidColumn(*of, f"it holds {type_.__name__}, not {type(found).__name__}")


def _check_int(of: Of, found: int) -> int:
    if not -MAX_INT <= found <= MAX_INT:
        raise InvalidColumn(*of, "not an int of 64 bits")
    return found


def _check_length(of: Of, found: str, most: int) -> str:
    if len(found) > most or not is_storable(found):
        raise InvalidColumn(*of, f"not {most} characters of storable text at most")
    return str(found)


def is_storable(text: object) -> bool:
    """Tell whether every store can hold it as a text: no NUL, no half of a surrogate pair. No record has another id."""
    if not isinstance(text, str):
        return False  # whatever it is, it is nobody's id
    if not text.isascii():
        try:
            # Half of a surrogate pair is a str in Python and cannot be UTF-8.
            text.encode()
        except UnicodeEncodeError:
            return False
    return "\0" not in text
