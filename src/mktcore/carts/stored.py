"""What carts store: the terms that prices are pinned to; carts themselves are the host's to keep."""

from mktcore.market_policy import PRICE_TERMS, PriceTerms
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]

STORED = (Stored("carts.price-terms", 1, PriceTerms, kind=PRICE_TERMS),)
