"""Stopping the offers of a merchant's item that is bound no longer: what is not followed is not sold."""

from datetime import datetime

from mktcore.merchant_items.merchant_item import to_item_key
from mktcore.offers.events import OfferUnavailable
from mktcore.offers.offer import OFFERS
from mktcore.offers.refresh.last_answer import FRESHNESS, Freshness
from mktcore.persistence import Retryable, UniqueViolation, WritingUnit, put

__all__ = ["NOT_FOLLOWED", "stop_offers"]

NOT_FOLLOWED = "its item is bound no longer, so its price and stock are not followed"


def stop_offers(unit: WritingUnit, merchant: str, item: str, *, at: datetime) -> None:
    """Make the offer of an item that was unbound or removed unavailable, until the next good answer.

    Args:
        unit: Under the operator's authority; the one in which the binding ends.
        merchant: Whose item.
        item: The merchant's own id of it.
        at: The present instant.
    """
    for offer in unit.repository(OFFERS).find_where("item", [to_item_key(merchant, item)]):
        before = unit.repository(FRESHNESS).find(offer.id) or Freshness(offer.id, merchant)
        try:
            put(unit, FRESHNESS, before.mark_unavailable(NOT_FOLLOWED, at))
        except UniqueViolation as race:  # its first answer is applied at this moment
            raise Retryable(race.describe()) from race
        if before.unavailable is None:
            unit.publish([OfferUnavailable(subject=offer.id, at=at, merchant=merchant, why=NOT_FOLLOWED)])
