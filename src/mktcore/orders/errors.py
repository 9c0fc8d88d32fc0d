"""What orders refuse because their books are not whole, or their goods are not there."""

from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, MktcoreError

__all__ = ["FundsMissing", "GoodsGone"]


@attrs.define(eq=False, slots=False)
class FundsMissing(MktcoreError):
    """Money that an order's records say is there is not in the books; nothing was written."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "orders.funds-missing"
    remedy: ClassVar[str] = "run market.verify(): it tells which record or posting was lost or changed from outside"
    missing: tuple[str, ...]

    def describe(self) -> str:
        """Name what is missing."""
        return f"the order's money is not where it should be: {', '.join(self.missing)}"


@attrs.define(eq=False, slots=False)
class GoodsGone(MktcoreError):
    """Pieces that an order wants after they were given up: anybody may have bought them; nothing was written."""

    code: ClassVar[str] = "orders.goods-gone"
    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    remedy: ClassVar[str] = "order them anew; verify_stock_moves tells which transitions of the process ask for this"
    line: str
    quantity: int
    there: int

    def describe(self) -> str:
        """Name the line, what is wanted, and what is the order's still."""
        return f"{self.quantity} pieces of line {self.line} are wanted, and {self.there} are still the order's"
