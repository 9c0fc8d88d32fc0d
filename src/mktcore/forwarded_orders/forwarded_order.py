"""The link between a merchant order and the order that its merchant placed with a supplier for it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

import attrs

from mktcore.access import Permission
from mktcore.goods.attributes import copy_attributes
from mktcore.ids import MAX_ID_LENGTH
from mktcore.notice import Notice
from mktcore.persistence import Kind, column

__all__ = ["FORWARDED_ORDERS", "ForwardedOrder", "ForwardedState", "name_purchaser", "to_forwarded_id"]

MOST_TROUBLES = 20
"""The latest that are kept: the history of both orders has all that happened."""


class ForwardedState(StrEnum):
    """Whether the ends of a link still follow each other."""

    OPEN = "open"
    CLOSED = "closed"
    """Nothing happens to the supplier's order any more, and all that did was followed."""


def _copy_counts(counts: Mapping[str, int]) -> Mapping[str, int]:
    return dict(counts)


@attrs.frozen(kw_only=True)
class ForwardedOrder:
    """Pieces of a merchant order that a supplier sends for its merchant, by an order of its own.

    Attributes:
        id: Made of the merchant order and a number; also the cart of the supplier's order.
        merchant_order: Id of the merchant order whose pieces are forwarded.
        order: Id of the marketplace order that it is a part of.
        merchant: Who forwards.
        supplier: Id of the merchant who sends the pieces.
        supplier_order: Id of the marketplace order that was placed with it.
        supplier_merchant_order: Id of the supplier's part of that, which is all of it.
        purchaser: The buyer that it was placed for: the merchant, in its role of a buyer.
        lines: Pieces by line key: both ends have the same keys.
        forwarded_at: When, UTC.
        state: Whether the ends still follow each other.
        followed: The version of the supplier's merchant order up to which the merchant order followed it.
        seen: The version of the merchant order that the supplier's was last compared with.
        shipments: The merchant order's shipments by those of the supplier that they follow.
        asked: Pieces by line that the supplier was asked to cancel, since the buyer or the merchant did.
        troubles: What could not be followed, the latest last: goods that left although they were canceled.
        version: How often it was stored.
    """

    id: str
    merchant_order: str
    order: str
    merchant: str
    supplier: str
    supplier_order: str
    supplier_merchant_order: str
    purchaser: str
    lines: Mapping[str, int] = attrs.field(converter=_copy_counts)
    forwarded_at: datetime
    state: ForwardedState = ForwardedState.OPEN
    followed: int = 0
    seen: int = 0
    shipments: Mapping[str, str] = attrs.field(converter=copy_attributes, factory=dict)
    asked: Mapping[str, int] = attrs.field(converter=_copy_counts, factory=dict)
    troubles: tuple[Notice, ...] = ()
    version: int = 0

    def note(self, *troubles: Notice) -> "ForwardedOrder":
        """Return it with troubles more, of which it keeps the latest."""
        return attrs.evolve(self, troubles=(*self.troubles, *troubles)[-MOST_TROUBLES:])


FORWARDED_ORDERS = Kind(
    "forwarded_order",
    ForwardedOrder,
    columns={
        "merchant_order": column("merchant_order"),
        "order_id": column("order"),
        "merchant": column("merchant"),
        "supplier": column("supplier"),
        "supplier_order": column("supplier_order"),
        "supplier_merchant_order": column("supplier_merchant_order"),
        "state": column("state"),
    },
    together=(
        ("merchant", "merchant_order"),
        ("merchant", "order_id"),
        ("merchant", "supplier"),
        ("merchant", "supplier_order"),
        ("merchant", "supplier_merchant_order"),
        ("merchant", "state"),
    ),
    unique=(("supplier_merchant_order",),),
    merchant="merchant",
    fixed=("merchant_order", "order_id", "merchant", "supplier", "supplier_order", "supplier_merchant_order"),
    reads=Permission.READ_ORDERS,
)
"""Links to suppliers' orders. The operator's authority writes them; a merchant reads those of what it forwarded."""


def to_forwarded_id(merchant_order: str, number: int) -> str:
    """Return the id of the so manieth forwarding of a merchant order.

    >>> to_forwarded_id("order-1--acme", 1)
    'order-1--acme/forwarded-1'
    """
    text = f"{merchant_order}/forwarded-{number}"
    if len(text) <= MAX_ID_LENGTH:
        return text
    return f"{blake2b(merchant_order.encode(), digest_size=20).hexdigest()}/forwarded-{number}"


def name_purchaser(merchant: str) -> str:
    """Return the id of the buyer that a merchant is to its suppliers, unless the operator names another.

    >>> name_purchaser("acme")
    'acme--purchases'
    """
    return f"{merchant}--purchases"
