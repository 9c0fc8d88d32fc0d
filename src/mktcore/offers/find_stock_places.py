"""Where the pieces of an offer are kept, as whoever counts them needs to know."""

from mktcore.offers.offer import OFFERS
from mktcore.persistence import Repositories
from mktcore.stock.use_cases import StockPlaces

__all__ = ["find_stock_places"]


def find_stock_places(unit: Repositories, offer: str) -> StockPlaces | None:
    """Return the stock items of an offer by location; None when there is no such offer."""
    found = unit.repository(OFFERS).find(offer)
    if found is None:
        return None
    return StockPlaces(found.merchant, dict(zip(found.locations or ("",), found.stock_items, strict=True)))
