"""What comes of each row of a bulk call, and how many rows one call takes."""

from collections.abc import Sequence
from typing import ClassVar

import attrs

from mktcore.errors import MktcoreError
from mktcore.merchant_items.life import Reception
from mktcore.merchant_items.merchant_item import ReceivedItem
from mktcore.notice import Notice

__all__ = ["ItemOutcome", "TooManyRows", "check_row_count"]


@attrs.define(eq=False, slots=False)
class TooManyRows(MktcoreError):
    """More rows in one call than it takes; nothing was done."""

    code: ClassVar[str] = "catalog.too-many-rows"
    remedy: ClassVar[str] = "send them in several calls"
    limit: int
    actual: int

    def describe(self) -> str:
        """Name both counts."""
        return f"{self.actual} rows in one call, which takes {self.limit}"


@attrs.frozen
class ItemOutcome:
    """What came of one row of a bulk call.

    Attributes:
        id: The id that the item is kept under.
        received: The item as it stands; None when the row was refused.
        reception: What became of what was sent; None for a decision, or a row that was refused.
        problems: Everything that is wrong with the row; a row that is received has those of single fields.
    """

    id: str
    received: ReceivedItem | None = None
    reception: Reception | None = None
    problems: tuple[Notice, ...] = attrs.field(default=(), kw_only=True)


def check_row_count(rows: Sequence[object], limit: int) -> None:
    """Let a call pass that has no more rows than it takes.

    Raises:
        TooManyRows: It has more.
    """
    if len(rows) > limit:
        raise TooManyRows(limit, len(rows))
