"""Columns of several values: what a record holds many of, and is found by each of, as an order by its SKUs."""

from collections.abc import Callable, Iterable
from typing import Any

import attrs

__all__ = ["Several"]


@attrs.frozen(eq=False)
class Several:
    """A column that holds several texts, each of them once; queries ask for one of them.

    A store keeps the texts in a table of their own beside the columns that pages within one text are asked by, so that
    such a page is one walk along an index too. Columns that seldom change belong there: with each change of one, all
    rows of a record are written again.

    Attributes:
        read: Returns the texts of a record, of 120 characters at most.
        order: The ordered column that pages within one text go by; None for the ids.
        within: Columns within one value of which they go by it too, several in brackets, as in `Ordered.within`. The
            columns of the kind's merchant and buyer belong to them anyway.
    """

    read: Callable[[Any], Iterable[str]]
    order: str | None = None
    within: tuple[str | tuple[str, ...], ...] = ()
