"""What orders refuse because their books are not whole."""

from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, MktcoreError

__all__ = ["FundsMissing"]


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
