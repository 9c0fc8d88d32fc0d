"""Numbers as JSON: exact ones as text, so that no JSON library rounds them on the way."""

import re
from decimal import Decimal
from fractions import Fraction
from math import isfinite

from mktcore.wire.errors import InvalidDocument
from mktcore.wire.json_text import NotExact
from mktcore.wire.refuse_value import refuse_text, refuse_type

__all__ = [
    "DECIMAL",
    "FRACTION",
    "read_decimal",
    "read_float",
    "read_fraction",
    "read_number",
    "write_decimal",
    "write_float",
    "write_fraction",
    "write_number",
]

MAX_DIGITS = 64
"""On either side of the point: more than money and rates ever need, few enough that a text costs no time to turn."""
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,63})(?:\.[0-9]{1,64})?")
FRACTION = re.compile(r"(-?(?:0|[1-9][0-9]{0,199}))/([1-9][0-9]{0,199})")
_FLOAT = re.compile(r"-?[0-9]{1,20}\.[0-9]{1,20}(?:[eE][+-]?[0-9]{1,3})?|-?[0-9]{1,20}[eE][+-]?[0-9]{1,3}")


def read_decimal(value: object) -> Decimal:
    """Return a decimal number of at most 64 digits on either side of the point; its trailing zeros count."""
    expected = 'a decimal number as text, such as "19.99"'
    if type(value) is not str:
        raise refuse_type(value, expected)
    # The length first: no pattern should walk through megabytes.
    if len(value) > 2 * MAX_DIGITS + 2 or not DECIMAL.fullmatch(value):
        raise refuse_text(value, expected)
    return Decimal(value)


def write_decimal(number: Decimal) -> str:
    """Return a decimal number without an exponent."""
    if not number.is_finite():
        raise InvalidDocument.at("", "wire.not-finite", f"{number} is no number to store")
    # Before it is written out: 1E+1000000 would be a million digits.
    exponent = int(number.as_tuple().exponent)
    if not -MAX_DIGITS <= exponent <= MAX_DIGITS or number.adjusted() > MAX_DIGITS - 1:
        raise InvalidDocument.at("", "wire.too-many-digits", f"a Decimal of more than {MAX_DIGITS} digits")
    return f"{number:f}"


def read_fraction(value: object) -> Fraction:
    """Return a fraction that is in lowest terms."""
    expected = 'a fraction in lowest terms as text, such as "1/3"'
    if type(value) is not str:
        raise refuse_type(value, expected)
    match = FRACTION.fullmatch(value) if len(value) <= 402 else None  # noqa: PLR2004 - what the pattern can match
    fraction = Fraction(int(match[1]), int(match[2])) if match else None
    # Written back it must be the same text: 2/6 is refused.
    if fraction is None or write_fraction(fraction) != value:
        raise refuse_text(value, expected)
    return fraction


def write_fraction(fraction: Fraction) -> str:
    """Return a fraction in lowest terms, `"1/3"`."""
    if max(fraction.numerator.bit_length(), fraction.denominator.bit_length()) > 660:  # noqa: PLR2004 - 200 digits, less one
        raise InvalidDocument.at("", "wire.too-many-digits", "a Fraction of more than 198 digits")
    return f"{fraction.numerator}/{fraction.denominator}"


def read_float(value: object) -> float:
    """Return a float, of a JSON number with a point or an exponent only: `1` is an int."""
    # The parser keeps such numbers as text, so that none is rounded before somebody asks for a float.
    if type(value) is not NotExact or not _FLOAT.fullmatch(value.text):
        raise refuse_type(value, "a finite number with a point")
    return float(value.text)


def write_float(number: float) -> float:
    """Return a float; JSON has no word for one that is not finite."""
    if not isfinite(number):
        raise InvalidDocument.at("", "wire.not-finite", f"{number} is no number to store")
    return _Exponent(number) if "e" in repr(number) else number


class _Exponent(float):
    """A float that needs an exponent, which encoders write in two ways: as a subclass it goes to the standard one."""

    __slots__ = ()


def read_number(value: object) -> Decimal | Fraction:
    """Return an exact number of whichever type its text has."""
    return read_fraction(value) if type(value) is str and "/" in value else read_decimal(value)


def write_number(value: object) -> str:
    """Return an exact number as text, an int as its digits."""
    if type(value) is Fraction:
        return write_fraction(value)
    if type(value) is Decimal:
        return write_decimal(value)
    if type(value) is int:
        return write_decimal(Decimal(value))
    raise refuse_type(value, "an int, a Decimal or a Fraction")
