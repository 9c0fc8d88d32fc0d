"""Merchant items: what a merchant says it sells, in its own words; and what became of each."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import attrs

from mktcore.clock import to_utc
from mktcore.errors import InvalidValue
from mktcore.goods.attributes import copy_attributes
from mktcore.ids import check_id
from mktcore.merchant_items.item_decision import Verdict
from mktcore.money import Money
from mktcore.persistence import Kind, Party, Scope

__all__ = ["MAX_ITEM_ID", "MERCHANT_ITEMS", "Decision", "ItemState", "MerchantItem", "ReceivedItem", "to_item_key"]

MAX_ITEM_ID = 55
"""Characters in a merchant's own id of an item, so that it fits one id with the merchant's."""


def to_item_key(merchant: str, item_id: str) -> str:
    """Return the id under which a merchant's item is kept, unlike that of any other.

    >>> to_item_key("acme", "A-17")
    '4:acme:A-17'
    """
    # The length tells where the first id ends, because ids may hold colons.
    return f"{len(merchant)}:{merchant}:{item_id}"


@attrs.frozen
class MerchantItem:
    """What a merchant sends: texts as it has them, which `find_item_problems` checks all at once.

    Attributes:
        merchant: Who sends it.
        item_id: The merchant's own id of it, 55 characters at most.
        name: As the merchant calls it.
        brand: Brand.
        gtin: The number under the bar code.
        mpn: The maker's own part number.
        category: Where the merchant sorts it, in its own words.
        description: Text.
        attributes: What it is like, by name.
        size: How much one piece is: `"2 x 500 ml"`.
        weight: As packed: `"350 g"`.
        dimensions: As packed: `"30 x 20 x 10 cm"`.
        price: What the merchant asks, to judge a match by; offers are priced by schedules.
        group: The merchant's own id of what several of its items are variants of.
        media: References to images and documents.
    """

    merchant: str
    item_id: str
    name: str
    brand: str = attrs.field(default="", kw_only=True)
    gtin: str = attrs.field(default="", kw_only=True)
    mpn: str = attrs.field(default="", kw_only=True)
    category: str = attrs.field(default="", kw_only=True)
    description: str = attrs.field(default="", kw_only=True)
    attributes: Mapping[str, str] = attrs.field(factory=dict, converter=copy_attributes, hash=False, kw_only=True)
    size: str = attrs.field(default="", kw_only=True)
    weight: str = attrs.field(default="", kw_only=True)
    dimensions: str = attrs.field(default="", kw_only=True)
    price: Money | None = attrs.field(default=None, kw_only=True)
    group: str = attrs.field(default="", kw_only=True)
    media: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("merchant", self.merchant)
        check_id("merchant item", self.item_id)
        if len(self.item_id) > MAX_ITEM_ID:
            raise InvalidValue("MerchantItem", "item_id", self.item_id, f"{MAX_ITEM_ID} characters at most")

    @property
    def id(self) -> str:
        """The id under which it is kept."""
        return to_item_key(self.merchant, self.item_id)


class ItemState(StrEnum):
    """What became of a merchant item: the states of `ITEM_LIFE`."""

    RECEIVED = "received"
    """Nobody decided on what was sent last."""
    PENDING = "pending"
    """A person is to decide."""
    BOUND = "bound"
    """It is a SKU; its price and stock are followed."""
    DENIED = "denied"
    UNBOUND = "unbound"
    """It was a SKU; nothing of it is followed, and nobody is asked to decide."""
    REMOVED = "removed"
    """The merchant no longer sells it."""


@attrs.frozen
class Decision:
    """What was decided on a merchant item.

    Attributes:
        verdict: What.
        on: The version of the record that the decision was made on.
        by: Who decided; None where that is not the reader's to know.
        at: When, UTC.
        score: How alike the item and the SKU are, 0 to 100, where a matcher told.
        reasons: Why, as the matcher or the policy says.
    """

    verdict: Verdict
    on: int
    by: Scope | None
    at: datetime = attrs.field(converter=to_utc, kw_only=True)
    score: Decimal | None = attrs.field(default=None, kw_only=True)
    reasons: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen
class ReceivedItem:
    """A merchant item as it was sent last, and what was decided on it.

    Attributes:
        item: What the merchant sent last.
        state: What became of it.
        sku: The SKU that it is; None while it is none.
        decision: The last decision; None while nobody decided on what was sent last.
        version: How often it was stored; every decision names the one it was made on.
    """

    item: MerchantItem
    state: ItemState = ItemState.RECEIVED
    sku: str | None = None
    decision: Decision | None = attrs.field(default=None, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if (self.sku is not None) is not (self.state is ItemState.BOUND):
            raise InvalidValue("ReceivedItem", "sku", self.sku, f"a SKU exactly while bound (it is {self.state})")

    @property
    def id(self) -> str:
        """The id under which it is kept."""
        return self.item.id

    def view_for(self, scope: Scope) -> "ReceivedItem":
        """Return it as the caller may see it: another party's users are not named."""
        decision = self.decision
        if decision is None or decision.by is None or scope.party is Party.OPERATOR:
            return self
        return attrs.evolve(self, decision=attrs.evolve(decision, by=decision.by.view_for(scope)))


MERCHANT_ITEMS = Kind(
    "merchant_item",
    ReceivedItem,
    columns={
        "merchant": lambda found: found.item.merchant,
        "state": lambda found: found.state,
        # Both in one column: a page by one column costs the same however many items there are.
        "merchant_state": lambda found: f"{found.item.merchant}/{found.state}",
        "sku": lambda found: found.sku,
    },
    merchant="merchant",
    writers=frozenset[Party](),
    fixed=("merchant",),
)
