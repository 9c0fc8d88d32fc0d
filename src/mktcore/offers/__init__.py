"""Offers, their stock, and which of them leads."""

from mktcore.offers.buybox import BuyBox, Candidate, choose_offer
from mktcore.offers.offer import OFFERS, Condition, Offer

__all__ = ["OFFERS", "BuyBox", "Candidate", "Condition", "Offer", "choose_offer"]
