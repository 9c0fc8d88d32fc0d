"""What a decision was read from: look-ups that are foreseen and made at once, and proved to hold afterwards."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, Protocol

import attrs

from mktcore.persistence.kinds import Column, Kind
from mktcore.persistence.references_to_ended import Ended

__all__ = ["Existence", "Foreseen", "Lookup", "MarkLookup", "NotedReads", "Noting"]


@attrs.frozen
class Lookup:
    """Which records a decision will ask for: those of a kind that have one of some values in a column.

    Attributes:
        kind: Of what.
        column: A column of the kind, or `id`.
        values: What it may hold; None for the records without a value.
        unless_over: Not those whose other record has ended; asked for by `Repository.find_lasting`.
    """

    kind: Kind[Any]
    column: str
    values: AbstractSet[Column]
    unless_over: Ended | None = None


@attrs.frozen
class Existence:
    """A decision will ask whether there is any such record.

    Attributes:
        kind: Of what.
        where: What its columns hold.
    """

    kind: Kind[Any]
    where: Mapping[str, Column]


@attrs.frozen
class MarkLookup:
    """Which records a decision will ask for: those of a kind that have one of some marks at an instant.

    Attributes:
        kind: Of what; it declares marks.
        marks: Texts.
        at: The instant, aware.
    """

    kind: Kind[Any]
    marks: AbstractSet[str]
    at: datetime


Foreseen = Lookup | MarkLookup | Existence
"""Any of the look-ups that a store can make beforehand."""


class NotedReads:
    """What a unit's repositories found, by id, by column or as being there at all, since `note_reads` was called.

    A store that can tell nothing about it returns one of these. It is never wrong: what was foreseen is read when it is
    asked for, and whoever has to be sure that something still holds reads it again.
    """

    def fetch(self, foreseen: Iterable[Foreseen], *, stock: Iterable[str] = ()) -> None:
        """Make look-ups at once, in one round trip, that the unit is asked for later; it answers from what they found.

        Only a hint: what is asked for is right without it, and after the unit's first write it is read anew.

        Args:
            foreseen: What repositories will be asked for.
            stock: Items whose levels will be asked for. They are not noted: writes of stock are guarded.
        """

    def still_hold(self) -> bool:
        """Tell whether there was one instant, at this call or before, at which all that was noted was so; ends noting.

        False where it is not known, too. What was read in other ways, such as pages, is not noted: with it, it is
        not known.
        """
        return False


class Noting(Protocol):
    """A unit that notes what it reads."""

    def note_reads(self) -> NotedReads:
        """Begin to note what repositories find; what was noted before is forgotten."""
        ...
