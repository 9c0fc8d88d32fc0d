"""The buy box: which of several offers of a SKU leads, by criteria that the operator chooses."""

from mktcore.offers.buybox.buybox_policy import CHEAPEST, BuyBoxPolicy
from mktcore.offers.buybox.candidate import ChoiceOccasion, OfferCandidate
from mktcore.offers.buybox.choose_offer import BuyBox, choose_offer
from mktcore.offers.buybox.criteria import (
    ByAvailability,
    ByCondition,
    ByHandling,
    ByLandedPrice,
    ByPrice,
    ByRating,
    ByRotation,
    ByWeightedSum,
    Criterion,
)
from mktcore.offers.buybox.stored_rating import MERCHANT_RATINGS, MerchantRating

__all__ = [
    "CHEAPEST",
    "MERCHANT_RATINGS",
    "BuyBox",
    "BuyBoxPolicy",
    "ByAvailability",
    "ByCondition",
    "ByHandling",
    "ByLandedPrice",
    "ByPrice",
    "ByRating",
    "ByRotation",
    "ByWeightedSum",
    "ChoiceOccasion",
    "Criterion",
    "MerchantRating",
    "OfferCandidate",
    "choose_offer",
]
