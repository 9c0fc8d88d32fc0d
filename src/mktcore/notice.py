"""What anybody is told of: one thing, where it is, and what would mend it."""

from collections.abc import Mapping
from enum import StrEnum

import attrs

__all__ = ["Notice", "Severity"]


class Severity(StrEnum):
    """How much a notice matters."""

    ERROR = "error"
    """It stands in the way: the input is refused, the cart cannot be placed, the invariant does not hold."""
    WARNING = "warning"
    """Nothing is refused, and somebody should look."""
    INFO = "info"
    """Worth knowing."""


def _copy_operands(operands: Mapping[str, object]) -> Mapping[str, object]:
    return dict(operands)


@attrs.frozen
class Notice:
    """One thing to be told of: what, where, and what would mend it.

    A field that is refused, an issue of a cart, what a lint or an audit found: all are told in this one shape.

    Attributes:
        code: Stable name, dotted where it is an error's: `"totals.unknown-line"`. Hosts translate and test by it.
        where: Its place: the path of a field (`lines[2].quantity`), of a cell (`offers.csv:12:price`), a record
            (`stock_item camera`); empty for the whole.
        message: One English sentence with the operands in it.
        remedy: What the reader can do about it; may be empty.
        operands: The values the message speaks of, by name.
        severity: How much it matters.
    """

    code: str
    where: str
    message: str
    remedy: str = ""
    operands: Mapping[str, object] = attrs.field(factory=dict, converter=_copy_operands, hash=False)
    severity: Severity = Severity.ERROR

    @property
    def line(self) -> str | None:
        """Key of the line it is about; None when it concerns the whole."""
        line = self.operands.get("line")
        return line if isinstance(line, str) else None

    def at_line(self, line: str) -> "Notice":
        """Return it as told of a line, by its key, in place of the whole.

        >>> print(Notice("out-of-stock", "", "2 available", "take 2").at_line("l1"))
        line l1: 2 available (take 2)
        """
        return attrs.evolve(self, where=f"line {line}", operands={**self.operands, "line": line})

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f" ({self.remedy})" if self.remedy else ""
        return f"{place}{self.message}{remedy}"
