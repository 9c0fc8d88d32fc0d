"""What merchants' items store and publish, and the decisions that are stored inside them."""

from mktcore.merchant_items.events import (
    MerchantItemDecided,
    MerchantItemReceived,
    MerchantItemRemoved,
    MerchantItemUnbound,
)
from mktcore.merchant_items.item_decision import Bind, Deny, NewProduct, NewSku, Pend, Unbind
from mktcore.merchant_items.item_policy import ITEM_POLICIES, ItemPolicy
from mktcore.merchant_items.merchant_item import MERCHANT_ITEMS, MerchantItem, ReceivedItem
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]

STORED = (
    Stored("catalog.merchant-item", 1, MerchantItem),
    Stored("catalog.received-item", 1, ReceivedItem, kind=MERCHANT_ITEMS),
    Stored("catalog.item-policy", 1, ItemPolicy, kind=ITEM_POLICIES),
    Stored("catalog.bind", 1, Bind),
    Stored("catalog.new-sku", 1, NewSku),
    Stored("catalog.new-product", 1, NewProduct),
    Stored("catalog.pend", 1, Pend),
    Stored("catalog.deny", 1, Deny),
    Stored("catalog.unbind", 1, Unbind),
    Stored("catalog.merchant-item-received", 1, MerchantItemReceived),
    Stored("catalog.merchant-item-decided", 1, MerchantItemDecided),
    Stored("catalog.merchant-item-unbound", 1, MerchantItemUnbound),
    Stored("catalog.merchant-item-removed", 1, MerchantItemRemoved),
)
