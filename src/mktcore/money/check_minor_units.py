"""What a count of minor units must be, which two may be compared, and what counts as a number at all."""

from decimal import Decimal
from fractions import Fraction
from typing import Protocol, TypeVar

from mktcore.money.currency import Currency
from mktcore.money.errors import CurrencyMismatch, InvalidAmount
from mktcore.money.notation import MAX_AMOUNT_DIGITS

__all__ = ["BEYOND", "LOWEST", "check_minor", "comparable_minor", "is_number"]

M_co = TypeVar("M_co", bound=int | Fraction, covariant=True)

BEYOND = 10**MAX_AMOUNT_DIGITS
"""The first count of minor units that has too many digits."""
LOWEST = 1 - BEYOND


def check_minor(minor: int) -> None:
    """Refuse what is no count of minor units.

    Raises:
        InvalidAmount: Not an int (a bool is none), or more than 36 digits.
    """
    if type(minor) is not int:
        raise InvalidAmount(minor, f"a {type(minor).__name__} is not a whole count of minor units")
    if not LOWEST <= minor < BEYOND:
        raise InvalidAmount(minor, f"more than {MAX_AMOUNT_DIGITS} digits")


class _Amount(Protocol[M_co]):
    @property
    def minor(self) -> M_co: ...
    @property
    def currency(self) -> Currency: ...


def comparable_minor(known: _Amount[int | Fraction], other: _Amount[M_co]) -> M_co:
    """Return the minor units of `other` once its currency is that of `known`.

    Raises:
        CurrencyMismatch: It is not.
    """
    # Known currencies are one object each, so the costlier comparison is hardly ever made.
    if other.currency is not known.currency and other.currency != known.currency:
        raise CurrencyMismatch(known.currency.code, other.currency.code)
    return other.minor


def is_number(value: object) -> bool:
    """Tell whether `value` is any kind of number, so that a float is refused by name rather than by operator."""
    return isinstance(value, (int, float, Decimal, Fraction))
