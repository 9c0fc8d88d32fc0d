"""What merchants send, and what the marketplace decides on it, under one name: `market.items`."""

import attrs

from mktcore.merchant_items.use_cases.allowed_item_events import AllowedItemEvents
from mktcore.merchant_items.use_cases.decide_items import DecideItems
from mktcore.merchant_items.use_cases.item_policies import ItemPolicies
from mktcore.merchant_items.use_cases.read_items import ReadItems
from mktcore.merchant_items.use_cases.receive_items import ReceiveItems
from mktcore.merchant_items.use_cases.row_outcomes import ItemOutcome, TooManyRows

__all__ = ["DecideItems", "ItemOutcome", "ItemPolicies", "MerchantItems", "ReadItems", "ReceiveItems", "TooManyRows"]


@attrs.frozen(slots=False)
class MerchantItems(ReceiveItems, DecideItems, ItemPolicies, AllowedItemEvents, ReadItems):
    """What merchants send, and what the marketplace decides on it. Every call takes the scope of who asks.

    Attributes:
        runtime: Where items are kept, what time it is, and how new products and SKUs are called.
        currency: The marketplace's.
        end_binding: Told, in the same transaction, of the merchant and item whose binding ends.
    """
