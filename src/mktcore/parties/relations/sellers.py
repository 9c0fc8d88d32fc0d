"""Whom a buyer can order from: every merchant that takes all buyers, and those that the operator related to it."""

from collections.abc import Iterator
from datetime import datetime

from mktcore.parties.onboarding.allowed_activities import Activity, may_do
from mktcore.parties.onboarding.membership import MEMBERSHIPS
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


def stream_sellers(unit: Repositories, buyer: str, *, now: datetime | None = None) -> Iterator[Merchant]:
    """Yield the merchants that a buyer can order from, in the order of their ids.

    Args:
        unit: Under the operator's authority.
        buyer: Who orders.
        now: The instant (aware) at which they sell; None for all that it is related to, whatever their lives are: what
            they show to it does not go away with a suspension.
    """
    related = frozenset(found.id for found in unit.repository(RELATIONS).find_where("buyer", [buyer]))
    after: str | None = None
    while True:
        page = unit.repository(MERCHANTS).page(after=after, limit=_PAGE)
        memberships = unit.repository(MEMBERSHIPS).find_many([merchant.id for merchant in page.items])
        for merchant in page.items:
            membership = memberships.get(merchant.id)
            sells = now is None or may_do(membership, Activity.SELL, now)
            if sells and can_order(buyer, merchant.id, membership, relations=related):
                yield merchant
        after = page.next
        if after is None:
            return
