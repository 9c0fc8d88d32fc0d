"""Merchant items: what a merchant says it sells, in its own words; and what became of each."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

import attrs

from mktcore.clock import to_utc
from mktcore.errors import InvalidValue
from mktcore.goods.attributes import copy_attributes
from mktcore.ids import check_id, is_id, to_own_id
from mktcore.merchant_items.item_decision import Verdict
from mktcore.money import Money
from mktcore.persistence import Kind, Party, Scope
from mktcore.persistence.kinds import EVERY_USER

__all__ = ["MERCHANT_ITEMS", "Decision", "ItemState", "MerchantItem", "ReceivedItem", "to_item_key", "to_record_id"]

MAX_SHOWN = 55
"""Characters of a merchant's own id of an item that fit one id with the merchant's."""
DIGEST_DIGITS = 40
"""Hexadecimal digits, 160 bits, that stand for an own id which cannot be part of ours."""


def to_item_key(merchant: str, item_id: str) -> str:
    """Return what names a merchant's item in a column, unlike any other: both ids as they are.

    >>> to_item_key("acme", "A-17")
    '4:acme:A-17'
    """
    # The length tells where the first id ends, because ids may hold colons.
    return f"{len(merchant)}:{merchant}:{item_id}"


def to_record_id(merchant: str, item_id: str) -> str:
    """Return the id under which a merchant's item is kept: its key where that can be an id, else one with a digest.

    >>> to_record_id("acme", " A-17 "), to_record_id("acme", "A 17½")
    ('4:acme:A-17', '4:acme::4c689a7597dc18306743aaf677d883ef0f0461ea')
    """
    own = to_own_id(str(item_id))
    # No id begins with a colon: what stands after one is a digest, and no merchant can call an item like another's.
    return to_item_key(merchant, own if len(own) <= MAX_SHOWN and is_id(own) else f":{_digest(own)}")


def _digest(own: str) -> str:
    # Halves of characters are no UTF-8; such an id is refused, and until then it must have a key to be spoken of.
    return sha256(own.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST_DIGITS]


@attrs.frozen
class MerchantItem:
    """What a merchant sends: texts as it has them, which `find_item_problems` checks all at once.

    Attributes:
        merchant: Who sends it.
        item_id: The merchant's own id of it, as it writes it: 200 printable characters at most.
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
    item_id: str = attrs.field(converter=to_own_id)
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
        # Not so the own id: of a feed with one that cannot be, all other rows are received.
        check_id("merchant", self.merchant)

    @property
    def id(self) -> str:
        """The id under which it is kept."""
        return to_record_id(self.merchant, self.item_id)


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


def _to_lines(problems: Iterable[str]) -> tuple[str, ...]:
    return tuple(problems)


@attrs.frozen
class ReceivedItem:
    """A merchant item as it was sent last, and what was decided on it.

    Attributes:
        item: What the merchant sent last.
        state: What became of it.
        sku: The SKU that it is; None while it is none.
        decision: The last decision; None while nobody decided on what was sent last.
        problems: What of that could not be read or kept, by field, as lines of text; whoever decides sees them.
        version: How often it was stored; every decision names the one it was made on.
    """

    item: MerchantItem
    state: ItemState = ItemState.RECEIVED
    sku: str | None = None
    decision: Decision | None = attrs.field(default=None, kw_only=True)
    problems: tuple[str, ...] = attrs.field(default=(), converter=_to_lines, kw_only=True)
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
    together=(("merchant", "state"), ("merchant", "sku")),
    merchant="merchant",
    fixed=("merchant",),
    reads=EVERY_USER,
    view=ReceivedItem.view_for,
)
