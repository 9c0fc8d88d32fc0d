"""The marketplace's parties."""

from mktcore.parties.access import check_buyer, check_party
from mktcore.parties.merchant import MAX_MERCHANT_ID_LENGTH, MERCHANTS, Merchant
from mktcore.unit_of_work import Party, Scope

__all__ = ["MAX_MERCHANT_ID_LENGTH", "MERCHANTS", "Merchant", "Party", "Scope", "check_buyer", "check_party"]
