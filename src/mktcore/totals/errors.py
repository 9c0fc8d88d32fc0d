"""What totals refuse."""

from typing import ClassVar

import attrs

from mktcore.errors import MktcoreError, Refused

__all__ = ["InvalidProgress", "InvalidTotals", "UnknownFigure"]


@attrs.define(eq=False, slots=False)
class InvalidTotals(Refused):
    """Lines, reductions and expenses that cannot be added up; `problems` lists everything that is wrong with them."""

    code: ClassVar[str] = "totals.invalid"


@attrs.define(eq=False, slots=False)
class UnknownFigure(MktcoreError):
    """A path that names no figure of these totals."""

    code: ClassVar[str] = "totals.unknown-figure"
    remedy: ClassVar[str] = (
        "write LEVEL.FIGURE, such as order.grand_total, marketplace.expense_total, merchants.KEY.tax_total, "
        "lines.KEY.subtotal or expenses.KEY.net"
    )
    path: str
    reason: str

    def describe(self) -> str:
        """Name the path and what of it is unknown."""
        return f"{self.path!r} is no figure: {self.reason}"


@attrs.define(eq=False, slots=False)
class InvalidProgress(MktcoreError):
    """A step that goes backwards, or further than the whole."""

    code: ClassVar[str] = "totals.invalid-progress"
    remedy: ClassVar[str] = "progress runs from 0 to 1 and never back; a step takes at most what is left"
    reason: str

    def describe(self) -> str:
        """Say what is wrong."""
        return f"cannot progress: {self.reason}"
