"""What refers to a record, asked before it is removed."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import attrs

from mktcore.caller_scope import Scope
from mktcore.errors import ErrorCategory
from mktcore.persistence.errors import StoreError
from mktcore.persistence.kinds import Kind
from mktcore.persistence.repositories import Repositories

__all__ = ["MAX_TOLD", "Referrer", "StillReferred", "check_unreferred", "find_referrers"]

MAX_TOLD = 10
"""Referrers told of each kind: enough to begin with, whatever a popular record has of them."""


@attrs.frozen
class Referrer:
    """A record that refers to another.

    Attributes:
        kind: Name of its kind.
        id: Its id; None where whoever asks may not see the record.
    """

    kind: str
    id: str | None

    def __str__(self) -> str:
        return f"{self.kind} {self.id}" if self.id else f"another party's {self.kind}"


@attrs.define(eq=False, slots=False)
class StillReferred(StoreError):
    """A record that is to be removed, and that others refer to; nothing was changed.

    Attributes:
        kind: Of the record.
        id: Its id.
        referrers: The first ones of each kind that refers to it.
    """

    error_category: ClassVar[ErrorCategory] = ErrorCategory.CONFLICT
    code: ClassVar[str] = "store.still-referred"
    remedy: ClassVar[str] = "change or remove what refers to it first"
    kind: str
    id: str
    referrers: tuple[Referrer, ...]

    def describe(self) -> str:
        """Name the record and what refers to it."""
        return f"{self.kind} {self.id!r} is referred to by {', '.join(map(str, self.referrers))}"


def check_unreferred(kind: Kind[Any], id: str, referrers: Iterable[Referrer]) -> None:  # noqa: A002 - the word of the field
    """Let a record be removed that nothing refers to.

    Raises:
        StillReferred: Something does; the first ones are told.
    """
    found = tuple(referrers)
    if found:
        raise StillReferred(kind.name, id, found)


def find_referrers(
    unit: Repositories,
    id: str,  # noqa: A002 - as above
    columns: Iterable[tuple[Kind[Any], str]],
    *,
    scope: Scope,
) -> Iterator[Referrer]:
    """Yield the first records that name an id, one short look for each column.

    Args:
        unit: Under the operator's authority: what a party may not see refers to a record too.
        id: What they name.
        columns: Where, by kind.
        scope: Who is told; of another party's records it hears that there are some, and no more.
    """
    for kind, name in columns:
        reads = kind.filter_reads(scope.to_party())
        found = unit.repository(kind).page({name: id}, limit=MAX_TOLD).items
        shown = [one.id if kind.matches(one, reads) else None for one in found]
        yield from (Referrer(kind.name, one) for one in dict.fromkeys(shown))
