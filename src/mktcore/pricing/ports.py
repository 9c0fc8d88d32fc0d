"""What price administration asks of those who keep offers: what is sold at which schedule."""

from collections.abc import Iterable
from typing import Protocol

import attrs

from mktcore.persistence import Repositories

__all__ = ["ListPricedOffers", "PricedOffer"]


@attrs.frozen
class PricedOffer:
    """What prices need to know of an offer.

    Attributes:
        id: Its id.
        merchant: Who sells.
        sku: What.
        schedule: Id of the price schedule that it names.
        product: The product of the SKU; None where it belongs to none.
    """

    id: str
    merchant: str
    sku: str
    schedule: str = attrs.field(kw_only=True)
    product: str | None = attrs.field(default=None, kw_only=True)


class ListPricedOffers(Protocol):
    """Lists what is sold; offers stand above prices, so they are handed in."""

    def __call__(self, unit: Repositories, merchant: str | None) -> Iterable[PricedOffer]:
        """Return the offers of a merchant, or of all for None, in any order.

        Args:
            unit: Under the operator's authority; it is only read.
            merchant: Whose offers.
        """
        ...
