"""Ranges that a query asks of an ordered column."""

from datetime import datetime

import attrs

__all__ = ["Above", "AtLeast", "AtMost", "Below", "Between", "Bounds", "Ordinal", "Range"]

Ordinal = int | str | datetime
"""What an ordered column sorts by."""


@attrs.frozen
class Bounds:
    """The two ends of a range; None where it is open.

    Attributes:
        low: The lower end.
        high: The upper end.
        holds_low: Whether the lower end itself belongs to it.
        holds_high: Whether the upper end itself belongs to it.
    """

    low: Ordinal | None = None
    high: Ordinal | None = None
    holds_low: bool = True
    holds_high: bool = False

    def hold(self, value: object) -> bool:
        """Tell whether a value lies in it; None, which no order has a place for, lies in none.

        >>> [Bounds(1, 3).hold(value) for value in (0, 1, 2, 3, None)]
        [False, True, True, False, False]
        """
        if value is None:
            return False
        given: int = value  # type: ignore[assignment]  # one column holds one type, which `Kind` has checked
        low: int | None = self.low  # type: ignore[assignment]  # as above
        high: int | None = self.high  # type: ignore[assignment]  # as above
        if low is not None and (given < low or (given == low and not self.holds_low)):
            return False
        return high is None or given < high or (given == high and self.holds_high)


@attrs.frozen
class Between:
    """From `start` on, up to but without `end`, as a `Period` is; ends that are out of order hold nothing.

    >>> Between(1, 3).to_bounds()
    Bounds(low=1, high=3, holds_low=True, holds_high=False)
    """

    start: Ordinal
    end: Ordinal

    def to_bounds(self) -> Bounds:
        """Return its ends."""
        return Bounds(self.start, self.end)


@attrs.frozen
class AtLeast:
    """A value, and everything above it."""

    value: Ordinal

    def to_bounds(self) -> Bounds:
        """Return its ends."""
        return Bounds(low=self.value)


@attrs.frozen
class Above:
    """Everything above a value."""

    value: Ordinal

    def to_bounds(self) -> Bounds:
        """Return its ends."""
        return Bounds(low=self.value, holds_low=False)


@attrs.frozen
class AtMost:
    """A value, and everything below it."""

    value: Ordinal

    def to_bounds(self) -> Bounds:
        """Return its ends."""
        return Bounds(high=self.value, holds_high=True)


@attrs.frozen
class Below:
    """Everything below a value."""

    value: Ordinal

    def to_bounds(self) -> Bounds:
        """Return its ends."""
        return Bounds(high=self.value)


Range = Between | AtLeast | Above | AtMost | Below
"""What a query may ask of an ordered column instead of one value."""
