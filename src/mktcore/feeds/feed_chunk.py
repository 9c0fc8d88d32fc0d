"""Parts of a feed, each gone through in one transaction, and what became of their rows."""

from collections.abc import Mapping
from enum import StrEnum

import attrs

from mktcore.access import Permission
from mktcore.ids import check_id
from mktcore.persistence import Kind, column

__all__ = ["FEED_CHUNKS", "FeedChunk", "FeedProblem", "FeedRow", "RowFate", "RowOutcome", "to_chunk_id"]


class RowFate(StrEnum):
    """What became of a row."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    HELD = "held"
    """Its price waits for approval; the rest of it was stored."""
    REFUSED = "refused"
    """Nothing of it was stored."""


def _copy_cells(cells: Mapping[str, str]) -> Mapping[str, str]:
    return dict(cells)


@attrs.frozen
class FeedRow:
    """A row as it was sent.

    Attributes:
        line: Which row of the feed it is, from 1 on.
        cells: Its texts by column; a column that is absent tells nothing.
    """

    line: int
    cells: Mapping[str, str] = attrs.field(converter=_copy_cells, hash=False)


@attrs.frozen
class FeedProblem:
    """What is wrong with a row.

    Attributes:
        column: In which column.
        message: What is wrong with it.
        remedy: What to do about it.
    """

    column: str
    message: str
    remedy: str = ""


@attrs.frozen
class RowOutcome:
    """What became of a row.

    Attributes:
        line: Which row of the feed it is, from 1 on.
        offer: The offer that it names, as far as it can be read.
        fate: What became of it.
        problems: What is wrong with it.
    """

    line: int
    offer: str
    fate: RowFate
    problems: tuple[FeedProblem, ...] = ()


@attrs.frozen
class FeedChunk:
    """A part of a feed: rows of offers whose ids follow each other.

    Attributes:
        id: The feed's id and its number.
        feed: Id of the feed.
        merchant: Whose it is.
        number: Which part, from 0 on.
        rows: What is to be gone through; none once it was.
        outcomes: What became of each row; None while nobody went through them.
        after: The last offer of the part before; None for the first part.
        upto: The last offer of this part; None for the last part. A feed of everything lets vanish what lies between.
        version: How often it was stored.
    """

    id: str
    feed: str
    merchant: str
    number: int
    rows: tuple[FeedRow, ...] = attrs.field(kw_only=True)
    outcomes: tuple[RowOutcome, ...] | None = attrs.field(default=None, kw_only=True)
    after: str | None = attrs.field(default=None, kw_only=True)
    upto: str | None = attrs.field(default=None, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("feed chunk", self.id)


def to_chunk_id(feed: str, number: int) -> str:
    """Return the id of a feed's part: in the order of ids, parts follow each other.

    >>> to_chunk_id("feed-1", 7)
    'feed-1/000007'
    """
    # Ids are sorted as texts: without leading zeros part 10 would come before part 2.
    return f"{feed}/{number:06}"


FEED_CHUNKS = Kind(
    "feed_chunk",
    FeedChunk,
    columns={"merchant": column("merchant"), "feed": column("feed")},
    merchant="merchant",
    reads=Permission.OFFERS,
)
