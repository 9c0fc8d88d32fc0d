"""Pages of which a caller is shown some records only: neither their items nor their cursors tell of the others."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from mktcore.persistence.kinds import Aggregate
from mktcore.persistence.repositories import Page

__all__ = ["page_shown"]

T = TypeVar("T", bound=Aggregate)
S = TypeVar("S")

_BATCH = 500
"""Records read at once where the first ones are all hidden: a few round trips for many, in constant memory."""


def page_shown(
    read: Callable[[str | None, int], Page[T]],
    show: Callable[[Sequence[T]], Sequence[S]],
    *,
    after: str | None,
    limit: int,
    name: Callable[[S], str],
) -> tuple[tuple[S, ...], str | None]:
    """Return a page of what a caller is shown, and where the next one starts (None after the last).

    A page ends with something that is shown: the id of a hidden record is no cursor, and no page is empty but the last.
    It may be shorter than its limit.

    Args:
        read: Returns a page of all records, after a cursor and of a limit, in the order of ids.
        show: Returns what of them the caller is shown.
        after: Where the page before ended.
        limit: How many at most.
        name: Returns the id that stands for something shown, in the order of what `read` returns.
    """
    size = limit
    while True:
        page = read(after, size)
        shown = show(page.items)
        if shown or page.next is None:
            break
        # The next page begins after what this one ended with, shown or not, and that stays in here.
        after, size = page.next, max(size, _BATCH)
    names = sorted({name(one) for one in shown})
    if not names:
        return (), None
    last = names[:limit][-1]
    has_more = page.next is not None or len(names) > limit
    return tuple(one for one in shown if name(one) <= last), last if has_more else None
