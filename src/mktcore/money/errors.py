"""What money refuses, each with its operands and the remedy."""

from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, MktcoreError

__all__ = [
    "CapsTooSmall",
    "CurrencyConflict",
    "CurrencyMismatch",
    "InvalidAmount",
    "InvalidNumber",
    "InvalidWeights",
    "MoneyError",
    "NothingToSum",
    "UnknownCurrency",
    "shorten",
]

_SHOWN = 40


def shorten(value: object) -> str:
    """Return `repr(value)`, cut to a line's worth, in bounded time for hostile values.

    >>> shorten("12,50"), shorten("9" * 1000)
    ("'12,50'", "'9999999999999999999999999999999999999999'… (1000 characters)")
    """
    if isinstance(value, str) and len(value) > _SHOWN:
        return f"{value[:_SHOWN]!r}… ({len(value)} characters)"
    if isinstance(value, int) and value.bit_length() > 256:  # noqa: PLR2004 - beyond it, repr costs quadratic time
        return f"an int of {value.bit_length()} bits"
    try:
        text = repr(value)
    except ValueError:  # it holds an int of more digits than Python writes
        return f"a {type(value).__name__} of impractical size"
    return text if len(text) <= 2 * _SHOWN else f"{text[: 2 * _SHOWN]}…"


@attrs.define(eq=False, slots=False)
class MoneyError(MktcoreError):
    """Base of every refusal about money."""

    code: ClassVar[str] = "money.error"


@attrs.define(eq=False, slots=False)
class InvalidAmount(MoneyError):
    """A value that is no exact amount of the currency."""

    code: ClassVar[str] = "money.invalid-amount"
    remedy: ClassVar[str] = "give text such as '19.99', an int, or a Decimal, with no more digits than the currency has"
    value: object
    reason: str

    def describe(self) -> str:
        """Name the value and why it is refused."""
        return f"{shorten(self.value)} is not an amount: {self.reason}"


@attrs.define(eq=False, slots=False)
class InvalidNumber(MoneyError):
    """A factor, rate or increment that is no exact finite number."""

    code: ClassVar[str] = "money.invalid-number"
    remedy: ClassVar[str] = "give an int, a Decimal or a Fraction of bounded size; write 0.19 as Decimal('0.19')"
    value: object
    reason: str

    def describe(self) -> str:
        """Name the value and why it is refused."""
        return f"{shorten(self.value)} cannot be computed with exactly: {self.reason}"


@attrs.define(eq=False, slots=False)
class CurrencyMismatch(MoneyError):
    """Two amounts of different currencies where one currency is needed."""

    code: ClassVar[str] = "money.currency-mismatch"
    remedy: ClassVar[str] = "convert first"
    expected: str
    actual: str

    def describe(self) -> str:
        """Name both currencies."""
        return f"expected {self.expected}, not {self.actual}"


@attrs.define(eq=False, slots=False)
class UnknownCurrency(MoneyError):
    """A code that is neither an ISO 4217 currency with minor units nor registered by the host."""

    code: ClassVar[str] = "money.unknown-currency"
    remedy: ClassVar[str] = "use an ISO 4217 code in capitals, or register_currency(Currency(code, digits, name)) first"
    currency: str

    def describe(self) -> str:
        """Name the code."""
        return f"{shorten(self.currency)} is not a known currency"


@attrs.define(eq=False, slots=False)
class CurrencyConflict(MoneyError):
    """A code that has another number of digits already, in ISO 4217 or by registration."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "money.currency-conflict"
    remedy: ClassVar[str] = "choose another code; a currency's digits never change while amounts of it exist"
    currency: str
    known_digits: int
    digits: int

    def describe(self) -> str:
        """Name the code and both definitions."""
        return f"{self.currency} is known with {self.known_digits} digits and cannot become one with {self.digits}"


@attrs.define(eq=False, slots=False)
class NothingToSum(MoneyError):
    """A sum of no amounts, which has no currency."""

    code: ClassVar[str] = "money.nothing-to-sum"
    remedy: ClassVar[str] = "start from Money.zero(currency)"

    def describe(self) -> str:
        """Say that there is nothing."""
        return "the sum of no amounts has no currency"


@attrs.define(eq=False, slots=False)
class InvalidWeights(MoneyError):
    """Weights or caps by which nothing can be apportioned."""

    code: ClassVar[str] = "money.invalid-weights"
    remedy: ClassVar[str] = "give non-negative ints, Decimals or Fractions, at least one of them above zero"
    reason: str
    position: int | None = None

    def describe(self) -> str:
        """Say which part is wrong and why."""
        place = "" if self.position is None else f" (part {self.position})"
        return f"cannot apportion{place}: {self.reason}"


@attrs.define(eq=False, slots=False)
class CapsTooSmall(MoneyError):
    """The caps of all parts together cannot hold the amount."""

    code: ClassVar[str] = "money.caps-too-small"
    remedy: ClassVar[str] = "raise a cap of a part whose weight is above zero, or apportion at most the capacity"
    total: int
    capacity: int

    def describe(self) -> str:
        """Name the amount and what the caps hold, in minor units."""
        return f"{self.total} minor units do not fit: the parts with a weight above zero hold {self.capacity} at most"
