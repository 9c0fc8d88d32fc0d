"""Which buyers can order from which merchants."""

from mktcore.parties.relations.events import RelationChanged
from mktcore.parties.relations.relation import RELATIONS, Relation, can_order
from mktcore.parties.relations.sellers import find_merchants, stream_sellers
from mktcore.parties.relations.use_cases import Relations

__all__ = ["RELATIONS", "Relation", "RelationChanged", "Relations", "can_order", "find_merchants", "stream_sellers"]
