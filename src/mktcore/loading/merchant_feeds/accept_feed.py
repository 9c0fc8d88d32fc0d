"""Accepting a feed: what is no feed at all is refused at once, and the rest is cut into parts. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from mktcore.errors import Refused
from mktcore.feeds.feed_chunk import FeedChunk, FeedRow, to_chunk_id
from mktcore.loading.files.offers import OFFERS_FILE
from mktcore.notice import Notice

__all__ = ["MAX_ROWS", "FeedRefused", "cut_feed", "list_rows"]

MAX_ROWS = 100_000
MAX_CELL = 2_000
"""Characters in a cell: a row reads at most 1,000 of any."""
CHUNK = 200
"""Rows that one transaction stores: others wait for its locks no longer than a moment."""
MAX_TOLD = 100
"""Problems that a refusal tells."""
_COLUMNS = frozenset((*OFFERS_FILE.columns.required, *OFFERS_FILE.columns.optional)) - {"merchant"}


class FeedRefused(Refused):
    """A feed that is none, or that tells of too much; nothing of it is kept."""

    code: ClassVar[str] = "feeds.refused"
    remedy: ClassVar[str] = "mend what is listed, and send it again"


def list_rows(rows: Iterable[Mapping[str, str | None]]) -> tuple[FeedRow, ...]:
    """Return the rows of a feed, numbered from 1 on.

    Raises:
        FeedRefused: There are more than 100,000; a column is none of `offers.csv`; a cell is no text, or far too long;
            more than 200 name one offer, or none.
    """
    found: list[FeedRow] = []
    problems: list[Notice] = []
    for line, cells in enumerate(rows, 1):
        if line > MAX_ROWS:
            message = f"a feed has {MAX_ROWS} rows at most"
            problems.append(Notice("feeds.too-long", "", message, remedy="send it in several feeds"))
            break
        problems += _judge_row(line, cells)
        if len(problems) >= MAX_TOLD:
            break
        if not problems:
            told = {name: text for name, text in cells.items() if text is not None and name != "merchant"}
            found.append(FeedRow(line, told))
    # Rows of one offer are stored in one transaction, so as many as one holds are all that may be.
    problems += [_tell_repeated(offer, rows) for offer, rows in Counter(map(name_offer, found)).items() if rows > CHUNK]
    FeedRefused.raise_if(problems[:MAX_TOLD])
    return tuple(found)


def _tell_repeated(offer: str, rows: int) -> Notice:
    named = f"name the offer {offer[:200]}" if offer else "name no offer"
    operands = {"offer": offer[:200], "rows": rows}
    remedy = "name each offer once"
    return Notice("feeds.offer-repeated", "offer", f"{rows} rows {named}", remedy=remedy, operands=operands)


def _judge_row(line: int, cells: object) -> Iterator[Notice]:
    if not isinstance(cells, Mapping):
        message = f"row {line} is {type(cells).__name__}, and no texts by column"
        yield Notice("feeds.no-row", f"row {line}", message, remedy="send each row as texts by column")
        return
    for name, text in cells.items():
        where, operands = f"row {line}", {"line": line, "column": str(name)[:80]}
        if name not in _COLUMNS and name != "merchant":
            message, remedy = f"no such column: {str(name)[:80]}", f"known columns: {', '.join(sorted(_COLUMNS))}"
            yield Notice("feeds.unknown-column", where, message, remedy=remedy, operands=operands)
        elif text is not None and not isinstance(text, str):
            message = f"column {name} of row {line} is {type(text).__name__}, and no text"
            yield Notice("feeds.no-text", where, message, remedy="send it as text", operands=operands)
        elif text is not None and len(text) > MAX_CELL:
            message = f"column {name} of row {line} has {len(text)} characters"
            yield Notice("feeds.long-cell", where, message, remedy=f"{MAX_CELL} at most", operands=operands)


def cut_feed(feed: str, merchant: str, rows: Iterable[FeedRow]) -> tuple[FeedChunk, ...]:
    """Return the parts of a feed: rows by the ids of their offers, and all rows of one offer in one part.

    In this order a part alone tells which offers between its first and its last a feed of everything does not name.
    """
    parts: list[list[FeedRow]] = [[]]
    last = None
    for row in sorted(rows, key=lambda row: (name_offer(row), row.line)):
        if len(parts[-1]) >= CHUNK and name_offer(row) != last:
            parts.append([])
        parts[-1].append(row)
        last = name_offer(row)
    ends = [name_offer(part[-1]) for part in parts[:-1]]
    return tuple(
        FeedChunk(to_chunk_id(feed, number), feed, merchant, number=number, rows=tuple(part), after=after, upto=upto)
        for number, (part, after, upto) in enumerate(zip(parts, [None, *ends], [*ends, None], strict=True))
    )


def name_offer(row: FeedRow) -> str:
    """Return the offer that a row names, as it is written."""
    return row.cells.get("offer", "").strip()
