"""Merchant items: what merchants send, and the marketplace's decisions on it."""

from mktcore.catalog.items.deciding import (
    DecisionImpossible,
    ItemDenied,
    Reception,
    StaleDecision,
    decide_item,
    receive_item,
)
from mktcore.catalog.items.item import MERCHANT_ITEMS, Decision, ItemState, MerchantItem, ReceivedItem
from mktcore.catalog.items.policy import (
    ITEM_POLICIES,
    Candidate,
    CandidateFinder,
    Flow,
    ItemPolicy,
    Unmatched,
    judge_item,
)
from mktcore.catalog.items.reading import ItemRefused, find_problems
from mktcore.catalog.items.receiving import ItemOutcome, MerchantItems, TooManyRows
from mktcore.catalog.items.storing import ItemsUnit, find_bindings
from mktcore.catalog.items.verdict import Bind, Deny, NewProduct, NewSku, Pend, Unbind

__all__ = [
    "ITEM_POLICIES",
    "MERCHANT_ITEMS",
    "Bind",
    "Candidate",
    "CandidateFinder",
    "Decision",
    "DecisionImpossible",
    "Deny",
    "Flow",
    "ItemDenied",
    "ItemOutcome",
    "ItemPolicy",
    "ItemRefused",
    "ItemState",
    "ItemsUnit",
    "MerchantItem",
    "MerchantItems",
    "NewProduct",
    "NewSku",
    "Pend",
    "ReceivedItem",
    "Reception",
    "StaleDecision",
    "TooManyRows",
    "Unbind",
    "Unmatched",
    "decide_item",
    "find_bindings",
    "find_problems",
    "judge_item",
    "receive_item",
]
