"""What is sold at which price schedule, as price administration asks for it."""

from collections.abc import Iterator

from mktcore.offers.offer import OFFERS
from mktcore.persistence import Repositories
from mktcore.pricing.ports import PricedOffer

__all__ = ["list_priced_offers"]


def list_priced_offers(unit: Repositories, merchant: str | None) -> Iterator[PricedOffer]:
    """Yield the offers of a merchant, or of all for None; see `ListPricedOffers`."""
    where = {} if merchant is None else {"merchant": merchant}
    for offer in unit.repository(OFFERS).stream(where):
        yield PricedOffer(offer.id, offer.merchant, offer.sku, schedule=offer.schedule)
