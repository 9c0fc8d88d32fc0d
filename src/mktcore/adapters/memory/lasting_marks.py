"""Marks in memory that end with another record, which theirs names: whichever of the two is written, they follow."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import attrs

from mktcore.adapters.memory.transaction import MemorySession
from mktcore.adapters.memory.versioned_tables import MARKS, Row, find_marks
from mktcore.periods import Period
from mktcore.persistence import Kind

__all__ = ["LastingMarks"]


@attrs.frozen(eq=False)
class LastingMarks:
    """What a unit writes of one kind, as far as other records end it, or it ends others.

    Attributes:
        session: The unit's.
        kind: What is written.
        followers: The kinds whose marks end with it.
    """

    session: MemorySession
    kind: Kind[Any]
    followers: Sequence[Kind[Any]]

    def bind(self, row: Row) -> Row:
        """Return a row that is about to be written, its marks as the record lets them last that it names."""
        return self._bind(self.kind, row)

    def follow(self, ids: Iterable[str]) -> None:
        """Let marks end as these records say now, or last, where they are gone; they were written before."""
        for follower in self.followers:
            for id_ in ids:
                self._follow(follower, id_)

    def _follow(self, follower: Kind[Any], named: str) -> None:
        lasting, view = follower.lasting, self.session.view(follower.name)
        where = {} if lasting is None else {lasting.named_in: named}
        for key, value in list(view.scan(where, latest=True)):
            row = self._bind(follower, view.read(value))
            if row[1] != view.find_latest_row(key)[1]:
                view.change_row(key, row)

    def _bind(self, kind: Kind[Any], row: Row) -> Row:
        lasting, (value, held) = kind.lasting, row
        if lasting is None or not self.session.has_table(lasting.kind):
            return row
        other = self.session.view(lasting.kind).find_latest_row(str(held[lasting.named_in]))
        end = other[1].get(lasting.ends)
        if not isinstance(end, datetime):
            return row
        marks = frozenset(attrs.evolve(mark, valid=Period(None, end)) for mark in find_marks(held))
        return value, {**held, MARKS: marks}
