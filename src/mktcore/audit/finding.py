"""One thing that does not hold."""

import attrs

__all__ = ["Finding"]


@attrs.frozen
class Finding:
    """A broken invariant, and where.

    >>> print(Finding("I10", "stock_item camera", "3 are reserved, live reservations hold 2"))
    I10 stock_item camera: 3 are reserved, live reservations hold 2

    Attributes:
        invariant: Its number: `"I10"`.
        where: The record, kind and id.
        message: What was found, with both figures.
    """

    invariant: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.where}: {self.message}"
