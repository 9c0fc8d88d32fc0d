"""Which SKUs a buyer is shown: by the catalogs that their products are in, and by whose they are."""

from collections.abc import Iterable

from mktcore.catalog.assortment import gather_assortment
from mktcore.catalog.sku import Sku
from mktcore.parties.onboarding.membership import MEMBERSHIPS
from mktcore.parties.relations.relation import RELATIONS, can_order, to_relation_id
from mktcore.persistence import Repositories

__all__ = ["find_shown_skus"]


def find_shown_skus(unit: Repositories, buyer: str | None, skus: Iterable[Sku]) -> tuple[Sku, ...]:
    """Return those of the SKUs that a buyer is shown; the others do not exist for it.

    A SKU is shown whose product is in no catalog or in one of the buyer's, and which is the operator's or that of a
    merchant from whom the buyer can order: what the ownership matrix calls a related buyer.

    Args:
        unit: Under the operator's authority.
        buyer: Who looks; None for somebody who is no buyer yet.
        skus: What to look at; two round trips more where merchants own some of them.
    """
    given = tuple(skus)
    assortment = gather_assortment(unit, buyer, [sku.product_id for sku in given])
    visible = [sku for sku in given if assortment.shows(sku.product_id)]
    owners = {sku.owner for sku in visible if sku.owner is not None}
    if not owners:
        return tuple(visible)
    members = unit.repository(MEMBERSHIPS).find_many(owners)
    relations = unit.repository(RELATIONS).find_many([to_relation_id(buyer or "", owner) for owner in owners])
    return tuple(
        sku
        for sku in visible
        if sku.owner is None or can_order(buyer or "", sku.owner, members.get(sku.owner), relations=relations)
    )
