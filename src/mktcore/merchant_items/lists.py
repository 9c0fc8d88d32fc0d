"""Policies of items as a list."""

from mktcore.access.record_list import RecordList
from mktcore.merchant_items.item_policy import ITEM_POLICIES, ItemPolicy

__all__ = ["ItemPolicyList"]


class ItemPolicyList(RecordList[ItemPolicy]):
    """The policies by which items are decided on: the operator's all, a merchant's own."""

    kind, filters = ITEM_POLICIES, ("merchant",)
