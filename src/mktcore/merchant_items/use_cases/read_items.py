"""Items as the operator and their merchants may see them."""

from mktcore.access.record_list import RecordList
from mktcore.merchant_items.merchant_item import MERCHANT_ITEMS, ReceivedItem

__all__ = ["ReadItems"]


class ReadItems(RecordList[ReceivedItem]):
    """The items that merchants sent: the operator's all, a merchant's own."""

    kind, filters = MERCHANT_ITEMS, ("merchant", "state", "sku")
