"""Relations as a list."""

from mktcore.access.record_list import RecordList
from mktcore.parties.relations.relation import RELATIONS, Relation

__all__ = ["RelationList"]


class RelationList(RecordList[Relation]):
    """Which buyers can order from which merchants: each party's own, the operator's all."""

    kind, filters = RELATIONS, ("merchant", "buyer")
