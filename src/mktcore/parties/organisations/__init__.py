"""The organisations that deal with each other: merchants, buyers, and what is known of them."""

from mktcore.parties.organisations.buyer import BUYERS, Buyer, BuyerKind
from mktcore.parties.organisations.identifiers import Identifier, IdentifierKind, InvalidIdentifier
from mktcore.parties.organisations.legal_profile import PROFILES, Document, MerchantProfile
from mktcore.parties.organisations.merchant import MERCHANTS, Merchant
from mktcore.parties.organisations.rating_formula import (
    MerchantScore,
    RatingFormula,
    RatingMeasure,
    TrackRecord,
    rate_merchant,
)
from mktcore.parties.organisations.use_cases import Buyers

__all__ = [
    "BUYERS",
    "MERCHANTS",
    "PROFILES",
    "Buyer",
    "BuyerKind",
    "Buyers",
    "Document",
    "Identifier",
    "IdentifierKind",
    "InvalidIdentifier",
    "Merchant",
    "MerchantProfile",
    "MerchantScore",
    "RatingFormula",
    "RatingMeasure",
    "TrackRecord",
    "rate_merchant",
]
