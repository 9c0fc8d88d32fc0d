"""Whom a buyer can order from: every merchant that takes all buyers, and those that the operator related to it."""

from collections.abc import Iterator

from mktcore.parties.onboarding.merchant_life import MEMBERSHIPS
from mktcore.parties.organisations.merchant import MERCHANTS, Merchant
from mktcore.parties.relations.relation import RELATIONS, can_order
from mktcore.persistence import EVERY_MERCHANT, Repositories

__all__ = ["find_merchants", "stream_sellers"]

_PAGE = 500
"""Merchants read at once: constant memory, however many there are."""


def find_merchants(unit: Repositories, buyer: str) -> frozenset[str]:
    """Return the ids of those whom a buyer can order from: a star while all merchants take all buyers."""
    # The star spares every scope a list of all merchants on the many marketplaces where nobody is kept out.
    if not unit.repository(MEMBERSHIPS).count({"takes": "related"}):
        return EVERY_MERCHANT
    return frozenset(merchant.id for merchant in stream_sellers(unit, buyer))


def stream_sellers(unit: Repositories, buyer: str) -> Iterator[Merchant]:
    """Yield the merchants that a buyer can order from, in the order of their ids."""
    related = frozenset(found.id for found in unit.repository(RELATIONS).find_where("buyer", [buyer]))
    after: str | None = None
    while True:
        page = unit.repository(MERCHANTS).page(after=after, limit=_PAGE)
        memberships = unit.repository(MEMBERSHIPS).find_many([merchant.id for merchant in page.items])
        for merchant in page.items:
            if can_order(buyer, merchant.id, memberships.get(merchant.id), relations=related):
                yield merchant
        after = page.next
        if after is None:
            return
