"""Offers: one merchant's terms for one SKU, its stock, and which offer leads."""

from mktcore.offers.administering import Offers, OffersUnit
from mktcore.offers.buybox import CHEAPEST, BuyBox, BuyBoxPolicy, choose_offer
from mktcore.offers.candidate import Candidate, Occasion
from mktcore.offers.closure import CLOSURES, Closure, find_extra_days
from mktcore.offers.criteria import (
    ByAvailability,
    ByCondition,
    ByHandling,
    ByLandedPrice,
    ByPrice,
    ByRating,
    Criterion,
    Rotating,
    Weighed,
)
from mktcore.offers.freshness import FRESHNESS, Freshness, Unavailability
from mktcore.offers.gateway import ItemTerms, MerchantGateway
from mktcore.offers.notifying import NotBound, Noted, Notice
from mktcore.offers.offer import OFFERS, Approval, BackOrders, Condition, Offer
from mktcore.offers.pending import PENDING_REFRESHES, Change
from mktcore.offers.ports import Stock, Stocking
from mktcore.offers.ratings import MERCHANT_RATINGS, MerchantRating
from mktcore.offers.refusing import Asked, find_refusals
from mktcore.offers.settling import RefreshPolicy, RefreshReport
from mktcore.offers.sourcing import Shelf, Source, choose_sources
from mktcore.offers.stock import Reservation, ReservationRequest, Shortage, StockCount, StockLevel

__all__ = [
    "CHEAPEST",
    "CLOSURES",
    "FRESHNESS",
    "MERCHANT_RATINGS",
    "OFFERS",
    "PENDING_REFRESHES",
    "Approval",
    "Asked",
    "BackOrders",
    "BuyBox",
    "BuyBoxPolicy",
    "ByAvailability",
    "ByCondition",
    "ByHandling",
    "ByLandedPrice",
    "ByPrice",
    "ByRating",
    "Candidate",
    "Change",
    "Closure",
    "Condition",
    "Criterion",
    "Freshness",
    "ItemTerms",
    "MerchantGateway",
    "MerchantRating",
    "NotBound",
    "Noted",
    "Notice",
    "Occasion",
    "Offer",
    "Offers",
    "OffersUnit",
    "RefreshPolicy",
    "RefreshReport",
    "Reservation",
    "ReservationRequest",
    "Rotating",
    "Shelf",
    "Shortage",
    "Source",
    "Stock",
    "StockCount",
    "StockLevel",
    "Stocking",
    "Unavailability",
    "Weighed",
    "choose_offer",
    "choose_sources",
    "find_extra_days",
    "find_refusals",
]
