"""Merchant items: what merchants send, and the marketplace's decisions on it."""

from mktcore.merchant_items.check_item import ItemRefused
from mktcore.merchant_items.decide_item import DecisionImpossible, StaleDecision
from mktcore.merchant_items.item_decision import Bind, Deny, NewProduct, NewSku, Pend, Unbind
from mktcore.merchant_items.item_policy import ItemPolicy
from mktcore.merchant_items.merchant_item import MERCHANT_ITEMS, Decision, ItemState, MerchantItem, ReceivedItem
from mktcore.merchant_items.sku_matcher import Matcher
from mktcore.merchant_items.store_items import find_bindings
from mktcore.merchant_items.use_cases import MerchantItems

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
