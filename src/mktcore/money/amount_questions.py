"""What may be asked of any amount, rounded or not, and what is refused because its answer would mislead."""

from fractions import Fraction
from typing import Protocol, Self

__all__ = ["AmountQuestions"]


class _Counted(Protocol):
    @property
    def minor(self) -> int | Fraction: ...


class AmountQuestions:
    """Explicit questions, instead of the truth of an amount; and text that never loses a digit."""

    __slots__ = ()  # amounts are built by the million: a dict for each would double them

    def is_zero(self: _Counted) -> bool:
        """Tell whether this is exactly nothing."""
        return self.minor == 0

    def is_positive(self: _Counted) -> bool:
        """Tell whether this is more than nothing."""
        return self.minor > 0

    def is_negative(self: _Counted) -> bool:
        """Tell whether this is less than nothing."""
        return self.minor < 0

    def __pos__(self) -> Self:
        return self

    def __bool__(self) -> bool:
        message = "the truth of an amount is ambiguous: ask is_zero(), is_positive() or is_negative()"
        raise TypeError(message)

    def __format__(self, spec: str) -> str:
        if "." in spec:  # a precision cuts texts: f"{price:.4}" would print 19.9 for 19.99 EUR
            message = f"{spec!r} would cut digits off an amount; round it, or format its amount"
            raise ValueError(message)
        return format(str(self), spec)
