"""Merchants and buyers as lists."""

from mktcore.access.record_list import RecordList
from mktcore.parties.organisations.buyer import BUYERS, Buyer
from mktcore.parties.organisations.legal_profile import PROFILES, MerchantProfile
from mktcore.parties.organisations.merchant import MERCHANTS, Merchant

__all__ = ["BuyerList", "MerchantList", "ProfileList"]


class MerchantList(RecordList[Merchant]):
    """The merchants of the marketplace, which everybody sees; `memberships` tells of their states."""

    kind, filters = MERCHANTS, ()


class BuyerList(RecordList[Buyer]):
    """The buyers: the operator's all, and a buyer itself."""

    kind, filters = BUYERS, ("buyer", "kind")


class ProfileList(RecordList[MerchantProfile]):
    """The merchants' legal sides: the operator's all, a merchant's own."""

    kind, filters = PROFILES, ("merchant", "vat", "iban")
