"""What happens to orders."""

from typing import ClassVar

import attrs

from mktcore.events import Event
from mktcore.money import Money
from mktcore.orders.actions.action import Action
from mktcore.processes.portions.subject import Move

__all__ = ["MarketplaceOrderMoved", "MerchantOrderMoved", "MerchantOrderPlaced", "OrderPlaced"]


@attrs.frozen(kw_only=True)
class OrderPlaced(Event):
    """A buyer's order was placed, and its stock is reserved."""

    subject_kind: ClassVar[str] = "marketplace_order"
    grand_total: Money
    merchant_orders: tuple[str, ...]


@attrs.frozen(kw_only=True)
class MerchantOrderPlaced(Event):
    """A merchant has something to fulfil."""

    subject_kind: ClassVar[str] = "merchant_order"
    order: str
    grand_total: Money


@attrs.frozen(kw_only=True)
class MarketplaceOrderMoved(Event):
    """Quantities of a marketplace order's lines changed their state.

    Attributes:
        moves: Which ones, in order.
        action: The action that moved them; None where it has no facts, or facts that not all who receive the event see.
    """

    subject_kind: ClassVar[str] = "marketplace_order"
    moves: tuple[Move, ...]
    action: Action | None = None


@attrs.frozen(kw_only=True)
class MerchantOrderMoved(Event):
    """Quantities of a merchant order's lines changed their state.

    Attributes:
        moves: Which ones, in order.
        action: The action that moved them; None where it has no facts, or facts that not all who receive the event see.
    """

    subject_kind: ClassVar[str] = "merchant_order"
    moves: tuple[Move, ...]
    action: Action | None = None
