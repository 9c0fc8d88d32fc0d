"""Relations: which buyers can order from which merchants. The operator writes them."""

from collections.abc import Collection

import attrs

from mktcore.ids import check_id, link_ids
from mktcore.parties.onboarding.membership import Membership
from mktcore.persistence import Kind
from mktcore.persistence.kinds import EVERY_USER

__all__ = ["RELATIONS", "Relation", "can_order", "to_relation_id"]


def to_relation_id(buyer: str, merchant: str) -> str:
    """Return the id of the relation between two parties, unlike that of any other two.

    >>> to_relation_id("buyer-1", "acme")
    '7:buyer-1:acme'
    """
    return link_ids(buyer, merchant)


@attrs.frozen
class Relation:
    """This buyer can order from this merchant.

    Attributes:
        id: Made of both, see `Relation.of`.
        buyer: Who buys.
        merchant: Who sells.
        version: How often it was stored.
    """

    id: str
    buyer: str
    merchant: str
    version: int = attrs.field(default=0, kw_only=True)

    @classmethod
    def of(cls, buyer: str, merchant: str) -> "Relation":
        """Relate the two.

        Raises:
            InvalidId: One of them cannot be an id.
        """
        check_id("buyer", buyer)
        check_id("merchant", merchant)
        return cls(to_relation_id(buyer, merchant), buyer, merchant)


RELATIONS = Kind(
    "relation",
    Relation,
    columns={"merchant": lambda relation: relation.merchant, "buyer": lambda relation: relation.buyer},
    merchant="merchant",
    buyer="buyer",
    fixed=("merchant", "buyer"),
    together=(("merchant", "buyer"),),
    reads=EVERY_USER,
)


def can_order(buyer: str, merchant: str, membership: Membership | None, *, relations: Collection[str]) -> bool:
    """Tell whether a buyer can order from a merchant.

    >>> can_order("buyer-1", "acme", None, relations=())
    True

    Args:
        buyer: Who wants to order.
        merchant: From whom.
        membership: The merchant's; without one it takes all buyers.
        relations: Ids of relations there are now.
    """
    return membership is None or membership.all_buyers_can_order or to_relation_id(buyer, merchant) in relations
