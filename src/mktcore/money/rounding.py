"""Rounding: seven modes, on whole numbers, exact."""

from decimal import Decimal
from enum import Enum
from fractions import Fraction

from mktcore.money.errors import InvalidNumber

__all__ = ["Number", "Rounding", "round_ratio", "to_ratio"]

Number = int | Decimal | Fraction
"""What amounts may be multiplied by, divided by and weighted with: never a float."""

_MAX_EXPONENT = 64
_MAX_BITS = 4096
_LARGEST = 1 << _MAX_BITS


class Rounding(Enum):
    """How an exact value becomes a whole number of minor units.

    Names and meanings are those of Python's `decimal` module. There is no default: who rounds, chooses.
    """

    HALF_UP = "ROUND_HALF_UP"
    """To the nearest; a half goes away from zero: 2.5 -> 3, -2.5 -> -3."""
    HALF_EVEN = "ROUND_HALF_EVEN"
    """To the nearest; a half goes to the even neighbour: 2.5 -> 2, 3.5 -> 4."""
    HALF_DOWN = "ROUND_HALF_DOWN"
    """To the nearest; a half goes towards zero: 2.5 -> 2, -2.5 -> -2."""
    UP = "ROUND_UP"
    """Away from zero: 2.1 -> 3, -2.1 -> -3."""
    DOWN = "ROUND_DOWN"
    """Towards zero: 2.9 -> 2, -2.9 -> -2."""
    CEILING = "ROUND_CEILING"
    """Towards plus infinity: 2.1 -> 3, -2.9 -> -2."""
    FLOOR = "ROUND_FLOOR"
    """Towards minus infinity: 2.9 -> 2, -2.1 -> -3."""


# Looking a member up on its class costs more than the arithmetic.
_HALF_UP, _HALF_EVEN, _HALF_DOWN = Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.HALF_DOWN
_UP, _DOWN, _CEILING = Rounding.UP, Rounding.DOWN, Rounding.CEILING


def round_ratio(numerator: int, denominator: int, mode: Rounding) -> int:
    """Round the fraction `numerator / denominator` to a whole number.

    >>> [round_ratio(5, 2, mode) for mode in (Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.FLOOR)]
    [3, 2, 2]

    Args:
        numerator: Any int.
        denominator: An int above zero.
        mode: How to round.
    """
    whole, rest = divmod(numerator, denominator)
    if not rest:
        return whole
    twice = rest + rest
    if mode is _HALF_UP:
        up = twice > denominator or (twice == denominator and numerator > 0)
    elif mode is _HALF_EVEN:
        up = twice > denominator or (twice == denominator and whole & 1 == 1)
    elif mode is _HALF_DOWN:
        up = twice > denominator or (twice == denominator and numerator < 0)
    elif mode is _UP:
        up = numerator > 0
    elif mode is _DOWN:
        up = numerator < 0
    elif isinstance(mode, Rounding):
        up = mode is _CEILING
    else:
        raise InvalidNumber(mode, "a mode is a Rounding: Rounding.HALF_UP, or Rounding(decimal.ROUND_HALF_UP)")
    return whole + up


def to_ratio(value: Number) -> tuple[int, int]:
    """Return `value` as (numerator, denominator), the denominator above zero.

    >>> to_ratio(Decimal("0.19"))
    (19, 100)

    Raises:
        InvalidNumber: A float, bool, NaN, infinity, or a value whose digits or exponent pass every practical size.
    """
    kind = type(value)
    if kind is int and -_LARGEST < value < _LARGEST:
        return value, 1  # type: ignore[return-value]  # the exact type was just compared
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise InvalidNumber(value, "it is not finite")
        _, digits, exponent = value.as_tuple()
        if not -_MAX_EXPONENT <= int(exponent) <= _MAX_EXPONENT or len(digits) > _MAX_EXPONENT:
            raise InvalidNumber(value, f"more than {_MAX_EXPONENT} digits or powers of ten")
        return value.as_integer_ratio()
    if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
        raise InvalidNumber(value, f"a {kind.__name__} is not an exact number")
    numerator, denominator = int(value.numerator), value.denominator
    if not -_LARGEST < numerator < _LARGEST or denominator >= _LARGEST:
        raise InvalidNumber(value, f"more than {_MAX_BITS} bits")
    return numerator, denominator
