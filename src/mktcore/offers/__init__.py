"""Offers: one merchant's terms for one SKU, its stock, and which offer leads."""

from mktcore.offers.buybox.buybox_policy import CHEAPEST, BuyBoxPolicy
from mktcore.offers.buybox.candidate import OfferCandidate
from mktcore.offers.buybox.choose_offer import BuyBox, choose_offer
from mktcore.offers.merchant_closure import CLOSURES, Closure
from mktcore.offers.offer import OFFERS, Approval, BackOrders, Condition, Offer
from mktcore.offers.offer_refusals import OfferDemand, find_refusals
from mktcore.offers.refresh.ports import ItemTerms, MerchantGateway
from mktcore.offers.refresh.refresh_policy import RefreshPolicy, RefreshReport
from mktcore.offers.refresh.use_cases.notifications import ChangedItem
from mktcore.offers.use_cases import Offers

__all__ = [
    "CHEAPEST",
    "CLOSURES",
    "OFFERS",
    "Approval",
    "BackOrders",
    "BuyBox",
    "BuyBoxPolicy",
    "ChangedItem",
    "Closure",
    "Condition",
    "ItemTerms",
    "MerchantGateway",
    "Offer",
    "OfferCandidate",
    "OfferDemand",
    "Offers",
    "RefreshPolicy",
    "RefreshReport",
    "choose_offer",
    "find_refusals",
]
