"""Amounts as plain decimal numbers: parsing without surprises, in bounded time, and writing."""

import re
from decimal import Decimal
from fractions import Fraction

from mktcore.money.errors import InvalidAmount

__all__ = ["MAX_AMOUNT_DIGITS", "parse_decimal", "parse_fraction", "parse_text", "to_text"]

MAX_AMOUNT_DIGITS = 36
_TEXT = re.compile(r"(-?)([0-9]{1,36})(?:\.([0-9]{1,36}))?")
_LONGEST_TEXT = 2 * MAX_AMOUNT_DIGITS + 2


def parse_text(text: str, digits: int) -> int:
    """Return plain decimal text of major units as minor units of so many digits.

    >>> parse_text("-19.9", 2)
    -1990

    Raises:
        InvalidAmount: It is no plain decimal number, or has more digits than the currency.
    """
    match = _TEXT.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    if match is None:
        raise InvalidAmount(text, _explain_text(text))
    sign, major, fraction = match.groups("")
    if len(fraction) > digits:
        raise InvalidAmount(text, f"more than {digits} decimal digits")
    minor = int(major + fraction.ljust(digits, "0"))
    return -minor if sign else minor


def parse_fraction(text: str) -> Fraction:
    """Return plain decimal text of any precision as a fraction.

    Raises:
        InvalidAmount: It is no plain decimal number.
    """
    if len(text) > _LONGEST_TEXT or not _TEXT.fullmatch(text):
        raise InvalidAmount(text, _explain_text(text))
    return Fraction(text)


def _explain_text(text: str) -> str:
    if len(text) > _LONGEST_TEXT:
        return f"more than {MAX_AMOUNT_DIGITS} digits"
    if re.fullmatch(r"-?[0-9.]*,[0-9]+", text):
        return "the decimal mark is a point, not a comma"
    return "it is not a plain decimal number"


def parse_decimal(value: Decimal, digits: int) -> int:
    """Return a Decimal of major units as minor units of so many digits.

    Raises:
        InvalidAmount: It is not finite, has an exponent above zero, or more digits than the currency.
    """
    if not value.is_finite():
        raise InvalidAmount(value, "it is not finite")
    sign, figures, exponent = value.as_tuple()
    if int(exponent) > 0:
        raise InvalidAmount(value, "it has an exponent")
    if len(figures) > MAX_AMOUNT_DIGITS:
        raise InvalidAmount(value, f"more than {MAX_AMOUNT_DIGITS} digits")
    if -int(exponent) > digits:
        raise InvalidAmount(value, f"more than {digits} decimal digits")
    minor = int("".join(map(str, figures)) + "0" * (digits + int(exponent)))
    return -minor if sign else minor


def to_text(minor: int, digits: int) -> str:
    """Return minor units as plain decimal text of major units.

    >>> to_text(-5, 2)
    '-0.05'
    """
    if not digits:
        return str(minor)
    text = str(abs(minor)).rjust(digits + 1, "0")
    return f"{'-' if minor < 0 else ''}{text[:-digits]}.{text[-digits:]}"
