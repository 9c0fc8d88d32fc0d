"""Measures: how much there is, in exact numbers, so that "2 x 500 ml" is "1 l"."""

import re
from decimal import Decimal
from fractions import Fraction
from functools import total_ordering
from typing import ClassVar

import attrs

from mktcore.errors import InvalidValue, MktcoreError
from mktcore.goods.units import Dimension, Unit, find_unit

__all__ = ["DimensionMismatch", "InvalidMeasure", "Measure", "is_ambiguous_number"]

MAX_TEXT = 160
"""Characters in a text that may be a measure."""
# No goods need more, and a number of a million digits must not cost the reader of a feed seconds.
MAX_NUMBER = 10**60
"""The greatest numerator and denominator of an amount."""
MAX_PIECES = 1_000_000
MAX_DECIMALS = 12
"""Digits behind the point in the text of a measure; an amount with more is written as a fraction."""

_TIMES = r"\s*[xX×*]\s*"  # noqa: RUF001 - the sign that people write
# 61 digits, as the greatest number allowed has.
_NUMBER = r"[0-9]{1,61}(?:[.,][0-9]{1,60})?|[.,][0-9]{1,60}|[0-9]{1,61}\s*/\s*[0-9]{1,61}"
_COUNTS = rf"[0-9]{{1,7}}(?:{_TIMES}[0-9]{{1,7}})?"
_UNIT = r"(?:[^\W\d_][^\d]{0,30}?[23]?|[\"″′])?"  # noqa: RUF001 - the signs of inches and feet
_TEXT = re.compile(
    rf"(?:(?P<before>{_COUNTS}){_TIMES})?(?P<number>{_NUMBER})\s*(?P<unit>{_UNIT})(?:{_TIMES}(?P<after>{_COUNTS}))?"
)
# One thousand five hundred to one reader, one and a half to another: the comma groups digits where English is written,
# the point where most of Europe writes. "0.500" and "1.5000" are no groups.
_GROUPED = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")


@attrs.define(eq=False, slots=False)
class InvalidMeasure(MktcoreError):
    """A text that cannot be read as an amount of a unit."""

    code: ClassVar[str] = "catalog.invalid-measure"
    remedy: ClassVar[str] = 'write a number and a unit, such as "500 ml", "1.5 l" or "2 x 500 ml"'
    text: str
    reason: str

    def describe(self) -> str:
        """Name the text and what is wrong with it."""
        return f"{self.text!r} is no measure: {self.reason}"


@attrs.define(eq=False, slots=False)
class DimensionMismatch(MktcoreError):
    """Two measures of different dimensions: a litre has no mass."""

    code: ClassVar[str] = "catalog.dimension-mismatch"
    remedy: ClassVar[str] = "compare and add measures of one dimension only"
    expected: Dimension
    actual: Dimension

    def describe(self) -> str:
        """Name both dimensions."""
        return f"a measure of {self.actual} where one of {self.expected} is expected"


def _to_fraction(value: int | Decimal | Fraction) -> Fraction:
    # To Python, True is an int; it is no amount.
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, Fraction)):
        raise InvalidValue("Measure", "amount", value, "an int, a Decimal or a Fraction")
    if isinstance(value, Decimal) and (not value.is_finite() or abs(value.adjusted()) > MAX_DECIMALS * 2):
        raise InvalidValue("Measure", "amount", value, "a finite number of a sensible size")
    return Fraction(value)


@total_ordering
@attrs.frozen(eq=False)
class Measure:
    """So many pieces, each of so much: two bottles of 500 ml. Equal to any measure of the same size.

    >>> Measure.parse("2 x 500 ml") == Measure.parse("1 l") == Measure(100, Unit.CENTILITRE)
    True
    >>> str(Measure.parse("12 x 330ml")), str(Measure.parse("1,5 l").to(Unit.MILLILITRE))
    ('12 x 330 ml', '1500 ml')
    >>> Measure.parse("1 l") / Measure.parse("330 ml")
    Fraction(100, 33)

    Attributes:
        amount: How much one piece is, in `unit`; exact, above zero.
        unit: Of what.
        pieces: How many pieces; 1 or more.

    Raises:
        InvalidValue: A number is not above zero, or longer than 60 digits.
    """

    amount: Fraction = attrs.field(converter=_to_fraction)
    unit: Unit
    pieces: int = 1

    def __attrs_post_init__(self) -> None:
        amount = self.amount
        if amount <= 0 or amount.numerator > MAX_NUMBER or amount.denominator > MAX_NUMBER:
            shown = amount if amount <= 0 else f"a number of {len(str(max(amount.as_integer_ratio())))} digits"
            raise InvalidValue("Measure", "amount", shown, "above zero, of 60 digits at most")
        if type(self.pieces) is not int or not 1 <= self.pieces <= MAX_PIECES:
            raise InvalidValue("Measure", "pieces", self.pieces, f"a whole number from 1 to {MAX_PIECES}")

    @classmethod
    def parse(cls, text: str) -> "Measure":
        """Return the measure that a text says: a number, a unit, and a count of pieces before or after them.

        A decimal mark is a point or a comma. `"1,500 ml"` and `"1.500 ml"` may mean either 1500 or 1.5 and are refused:
        one to three digits, none of them a leading zero, a mark, and three more.

        Raises:
            InvalidMeasure: It says none, or could mean two.
        """
        if len(text) > MAX_TEXT:
            raise InvalidMeasure(text[:MAX_TEXT], f"longer than {MAX_TEXT} characters")
        match = _TEXT.fullmatch(text.strip())
        if match is None:
            raise InvalidMeasure(text, "it is not a number and a unit")
        unit = find_unit(match["unit"])
        if unit is None:
            raise InvalidMeasure(text, f"there is no unit {match['unit']!r}" if match["unit"] else "it has no unit")
        if match["before"] and match["after"]:
            raise InvalidMeasure(text, "it counts pieces twice")
        try:
            return cls(_read_number(match["number"]), unit, _read_counts(match["before"] or match["after"]))
        except InvalidValue as error:
            raise InvalidMeasure(text, error.describe()) from None
        except ValueError as error:
            raise InvalidMeasure(text, str(error)) from None

    @classmethod
    def find(cls, text: str) -> "Measure | None":
        """Return the measure that a text says, or None; for texts that may well be something else."""
        try:
            return cls.parse(text)
        except InvalidMeasure:
            return None

    @property
    def dimension(self) -> Dimension:
        """What is measured."""
        return self.unit.dimension

    @property
    def size(self) -> Fraction:
        """All pieces together, in grams, millilitres, millimetres, square millimetres or pieces."""
        return self.amount * self.unit.factor * self.pieces

    def to(self, unit: Unit) -> "Measure":
        """Return the same size in another unit, as one piece.

        Raises:
            DimensionMismatch: The unit measures something else.
        """
        if unit.dimension is not self.dimension:
            raise DimensionMismatch(self.dimension, unit.dimension)
        return Measure(self.size / unit.factor, unit)

    def __add__(self, other: "Measure") -> "Measure":
        if not isinstance(other, Measure):
            return NotImplemented
        self._check(other)
        return Measure((self.size + other.size) / self.unit.factor, self.unit)

    def __mul__(self, factor: int | Decimal | Fraction) -> "Measure":
        # As one piece: what a multiple is packed in, nobody said.
        return Measure(self.size * _to_fraction(factor) / self.unit.factor, self.unit)

    __rmul__ = __mul__

    def __truediv__(self, other: "Measure") -> Fraction:
        """Return how often the other goes into this one, exactly."""
        if not isinstance(other, Measure):
            return NotImplemented
        self._check(other)
        return self.size / other.size

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Measure):
            return NotImplemented
        return self.dimension is other.dimension and self.size == other.size

    def __lt__(self, other: "Measure") -> bool:
        if not isinstance(other, Measure):
            return NotImplemented
        self._check(other)
        return self.size < other.size

    def __hash__(self) -> int:
        return hash((self.dimension, self.size))

    def __str__(self) -> str:
        one = f"{_write_number(self.amount)} {self.unit}"
        return one if self.pieces == 1 else f"{self.pieces} x {one}"

    def _check(self, other: "Measure") -> None:
        if other.dimension is not self.dimension:
            raise DimensionMismatch(self.dimension, other.dimension)


def is_ambiguous_number(text: str) -> bool:
    """Tell whether the mark in a number may part thousands as well as decimals.

    >>> [is_ambiguous_number(text) for text in ("1.500", "1,500", "0.500", "1.50", "1.5000")]
    [True, True, False, False, False]
    """
    return _GROUPED.fullmatch(text) is not None


def _read_number(text: str) -> Fraction:
    if is_ambiguous_number(text):
        whole, _, rest = text.replace(",", ".").partition(".")
        message = f"{text} may mean {whole}{rest} or {whole}.{rest}"
        raise ValueError(message)
    number, _, divisor = text.replace(",", ".").partition("/")
    if divisor and not int(divisor):
        message = "nothing can be divided by zero"
        raise ValueError(message)
    return Fraction(number.strip()) / int(divisor or 1)


def _read_counts(text: str | None) -> int:
    pieces = 1
    for count in re.findall(r"[0-9]+", text or ""):
        pieces *= int(count)
    return pieces


def _write_number(amount: Fraction) -> str:
    """Return a number as decimal text where it ends within twelve digits, as a fraction elsewhere."""
    scaled = amount * 10**MAX_DECIMALS
    if scaled.denominator != 1:
        return f"{amount.numerator}/{amount.denominator}"
    whole, rest = divmod(scaled.numerator, 10**MAX_DECIMALS)
    digits = str(rest).zfill(MAX_DECIMALS).rstrip("0")
    text = f"{whole}.{digits}" if digits else str(whole)
    # One digit more, so that what is written here can be read again: 1.125 could be a thousand.
    return f"{text}0" if is_ambiguous_number(text) else text
