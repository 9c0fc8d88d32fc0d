"""Why pieces were not forwarded."""

from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.notice import Notice

__all__ = ["ForwardingRefusal", "ForwardingRefused"]


@attrs.frozen
class ForwardingRefusal:
    """The frozen answer to a forwarding that could not be had: everything that stood in its way."""

    problems: tuple[Notice, ...]


@attrs.define(eq=False, slots=False)
class ForwardingRefused(MktcoreError):
    """Pieces cannot be forwarded so; nothing was stored. `problems` lists everything that stands in the way."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "forwarded-orders.refused"
    remedy: ClassVar[str] = "mend every problem, and forward under a new key"
    merchant_order: str
    problems: tuple[Notice, ...]

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Every problem."""
        return self.problems

    def describe(self) -> str:
        """List every problem, one to a line."""
        return "\n".join([f"{self.merchant_order} cannot be forwarded:", *(f"  - {one}" for one in self.problems)])
