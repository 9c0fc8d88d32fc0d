"""Merchant items: what merchants send, and the marketplace's decisions on it.

`Matcher` loads on first use, with all of matching: a marketplace is opened without it.
"""

from typing import TYPE_CHECKING

from mktcore.lazy_names import load_lazily
from mktcore.merchant_items.check_item import ItemRefused
from mktcore.merchant_items.decide_item import DecisionImpossible, StaleDecision
from mktcore.merchant_items.item_decision import Bind, Deny, NewProduct, NewSku, Pend, Unbind
from mktcore.merchant_items.item_policy import ItemPolicy
from mktcore.merchant_items.merchant_item import MERCHANT_ITEMS, Decision, ItemState, MerchantItem, ReceivedItem
from mktcore.merchant_items.store_items import find_bindings
from mktcore.merchant_items.use_cases import MerchantItems

if TYPE_CHECKING:
    from mktcore.merchant_items.sku_matcher import Matcher

__all__ = [
    "MERCHANT_ITEMS",
    "Bind",
    "Decision",
    "DecisionImpossible",
    "Deny",
    "ItemPolicy",
    "ItemRefused",
    "ItemState",
    "Matcher",
    "MerchantItem",
    "MerchantItems",
    "NewProduct",
    "NewSku",
    "Pend",
    "ReceivedItem",
    "StaleDecision",
    "Unbind",
    "find_bindings",
]


__getattr__ = load_lazily(__name__, {"Matcher": "mktcore.merchant_items.sku_matcher"})


def __dir__() -> list[str]:
    return sorted(__all__)
