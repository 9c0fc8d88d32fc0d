"""Pages of which a caller is shown some records only: neither their items nor their cursors tell of the others."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from mktcore.persistence.kinds import Aggregate
from mktcore.persistence.repositories import Page

__all__ = ["find_place_behind", "page_shown"]

T = TypeVar("T", bound=Aggregate)
S = TypeVar("S")

_BATCH = 500
_WIDEST = 5_000
"""Records read at once where the first ones are all hidden: a few round trips for many, in little memory."""
_READS = 8
"""How often a page reads on where everything was hidden, before it says where to go on."""


def page_shown(
    read: Callable[[str | None, int], Page[T]],
    show: Callable[[Sequence[T]], Sequence[S]],
    *,
    after: str | None,
    limit: int,
    name: Callable[[S], str],
) -> tuple[tuple[S, ...], str | None]:
    """Return a page of what a caller is shown, and where the next one starts (None after the last).

    A page ends with something that is shown: the id of a hidden record is no cursor. It may be shorter than its limit.
    A page that met nothing but hidden records for long is empty, and goes on behind most of them, at the begin of an
    id: which of those that begin so are there it does not tell.

    Args:
        read: Returns a page of all records, after a cursor and of a limit, in the order of ids.
        show: Returns what of them the caller is shown.
        after: Where the page before ended.
        limit: How many at most.
        name: Returns the id that stands for something shown, in the order of what `read` returns.
    """
    place, size, passed = after, limit, [after or ""]
    while True:
        page = read(place, size)
        shown = show(page.items)
        if shown or page.next is None:
            break
        # The next page begins after what this one ended with, shown or not, and that stays in here.
        place, size = page.next, max(size, min(size * 4, _WIDEST), _BATCH)
        passed.append(page.next)
        told = find_place_behind(passed) if len(passed) > _READS else None
        if told is not None:
            return (), told
    names = sorted({name(one) for one in shown})
    if not names:
        return (), None
    last = names[:limit][-1]
    has_more = page.next is not None or len(names) > limit
    return tuple(one for one in shown if name(one) <= last), last if has_more else None


def find_place_behind(passed: Sequence[str]) -> str | None:
    """Return a place behind most of what was passed and not behind all of it, the begin of an id; None for none.

    >>> find_place_behind(["", "lamp-0500", "lamp-1000", "lamp-1500"])
    'lamp-15'

    Args:
        passed: Where it began, and the last id of each page that was read since, in order.
    """
    *before, last = passed
    # As little of the id as lies behind the others: who is shown the place learns that something begins so.
    for former in reversed(before):
        for length in range(1, len(last)):
            place = last[:length]
            if place > former and place.strip() == place:
                return place
    return None
