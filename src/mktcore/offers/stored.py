"""What offers and their stock store and publish."""

from mktcore.offers.buybox.merchant_ratings import MERCHANT_RATINGS, MerchantRating
from mktcore.offers.closure import CLOSURES, Closure
from mktcore.offers.events import OfferDecided, OfferRefreshed, OfferUnavailable
from mktcore.offers.offer import OFFERS, Offer
from mktcore.offers.refresh.freshness import FRESHNESS, Freshness
from mktcore.offers.refresh.pending_refresh import PENDING_REFRESHES, PendingRefresh
from mktcore.persistence.stored import Stored
from mktcore.stock import Reservation, Shortage, StockCount, StockLevel
from mktcore.stock.stock import ReservationExpired, ShortageRecorded

__all__ = ["STORED"]

STORED = (
    Stored("offers.offer", 1, Offer, kind=OFFERS),
    Stored("offers.closure", 1, Closure, kind=CLOSURES),
    Stored("offers.freshness", 1, Freshness, kind=FRESHNESS),
    Stored("offers.merchant-rating", 1, MerchantRating, kind=MERCHANT_RATINGS),
    Stored("offers.pending-refresh", 1, PendingRefresh, kind=PENDING_REFRESHES),
    Stored("offers.offer-refreshed", 1, OfferRefreshed),
    Stored("offers.offer-unavailable", 1, OfferUnavailable),
    Stored("offers.offer-decided", 1, OfferDecided),
    Stored("offers.stock-count", 1, StockCount),
    Stored("offers.stock-level", 1, StockLevel),
    Stored("offers.reservation", 1, Reservation),
    Stored("offers.shortage", 1, Shortage),
    Stored("offers.shortage-recorded", 1, ShortageRecorded),
    Stored("offers.reservation-expired", 1, ReservationExpired),
)
