"""What is sold at which price schedule, as price administration asks for it."""

from collections.abc import Iterator

from mktcore.catalog import SKUS
from mktcore.offers.offer import OFFERS
from mktcore.persistence import Repositories
from mktcore.pricing.ports import PricedOffer

__all__ = ["list_priced_offers"]

_BATCH = 500


def list_priced_offers(unit: Repositories, merchant: str | None) -> Iterator[PricedOffer]:
    """Yield the offers of a merchant, or of all for None; see `ListPricedOffers`."""
    where = {} if merchant is None else {"merchant": merchant}
    offers = list(unit.repository(OFFERS).stream(where))
    for start in range(0, len(offers), _BATCH):
        batch = offers[start : start + _BATCH]
        skus = unit.repository(SKUS).find_many({offer.sku for offer in batch})
        for offer in batch:
            product = skus[offer.sku].product if offer.sku in skus else None
            yield PricedOffer(offer.id, offer.merchant, offer.sku, schedule=offer.schedule, product=product)
