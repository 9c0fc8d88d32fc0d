"""What is told of relations: both parties learn of theirs."""

from datetime import datetime
from typing import ClassVar, Self

import attrs

from mktcore.events import Event
from mktcore.parties.relations.relation import Relation

__all__ = ["RelationChanged"]


@attrs.frozen(kw_only=True)
class RelationChanged(Event):
    """A buyer can order from a merchant, or no longer can."""

    subject_kind: ClassVar[str] = "relation"
    is_related: bool

    @classmethod
    def of(cls, relation: Relation, at: datetime, *, is_related: bool) -> Self:
        """Tell of a relation that was made, or ended."""
        return cls(subject=relation.id, at=at, merchant=relation.merchant, buyer=relation.buyer, is_related=is_related)
