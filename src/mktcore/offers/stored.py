"""What offers store and publish."""

from mktcore.offers.buybox.stored_rating import MERCHANT_RATINGS, MerchantRating
from mktcore.offers.events import (
    ClosureChanged,
    MerchantRated,
    OfferChanged,
    OfferDecided,
    OfferRefreshed,
    OffersLoaded,
    OfferUnavailable,
)
from mktcore.offers.merchant_closure import CLOSURES, Closure
from mktcore.offers.offer import OFFERS, Offer
from mktcore.offers.price_guards.held_price import HELD_PRICES, HeldPrice, HeldPriceChanged
from mktcore.offers.price_guards.price_guard import PRICE_GUARDS, PriceGuard
from mktcore.offers.refresh.last_answer import FRESHNESS, Freshness
from mktcore.offers.refresh.pending_refresh import PENDING_REFRESHES, PendingRefresh
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]

STORED = (
    Stored("offers.offer", 1, Offer, kind=OFFERS),
    Stored("offers.closure", 1, Closure, kind=CLOSURES),
    Stored("offers.freshness", 1, Freshness, kind=FRESHNESS),
    Stored("offers.merchant-rating", 1, MerchantRating, kind=MERCHANT_RATINGS),
    Stored("offers.price-guard", 1, PriceGuard, kind=PRICE_GUARDS),
    Stored("offers.held-price", 1, HeldPrice, kind=HELD_PRICES),
    Stored("offers.held-price-changed", 1, HeldPriceChanged),
    Stored("offers.pending-refresh", 1, PendingRefresh, kind=PENDING_REFRESHES),
    Stored("offers.offer-refreshed", 1, OfferRefreshed),
    Stored("offers.offer-unavailable", 1, OfferUnavailable),
    Stored("offers.offer-decided", 1, OfferDecided),
    Stored("offers.offer-changed", 1, OfferChanged),
    Stored("offers.offers-loaded", 1, OffersLoaded),
    Stored("offers.closure-changed", 1, ClosureChanged),
    Stored("offers.merchant-rated", 1, MerchantRated),
)
