"""Offers: one merchant's terms for one SKU, its stock, and which offer leads."""

from mktcore.offers.buybox import BuyBox, Candidate, choose_offer
from mktcore.offers.offer import OFFERS, Condition, Offer
from mktcore.offers.ports import Stock, Stocking
from mktcore.offers.stock import Reservation, ReservationRequest, Shortage, StockCount, StockLevel

__all__ = [
    "OFFERS",
    "BuyBox",
    "Candidate",
    "Condition",
    "Offer",
    "Reservation",
    "ReservationRequest",
    "Shortage",
    "Stock",
    "StockCount",
    "StockLevel",
    "Stocking",
    "choose_offer",
]
