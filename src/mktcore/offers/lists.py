"""Closures and ratings as lists."""

from mktcore.access.record_list import RecordList
from mktcore.offers.buybox.stored_rating import MERCHANT_RATINGS, MerchantRating
from mktcore.offers.merchant_closure import CLOSURES, Closure

__all__ = ["ClosureList", "RatingList"]


class ClosureList(RecordList[Closure]):
    """When the caller's offers are closed; the operator sees all closures."""

    kind, filters = CLOSURES, ("merchant",)


class RatingList(RecordList[MerchantRating]):
    """The merchants' ratings, which everybody sees."""

    kind, filters = MERCHANT_RATINGS, ()
