"""What happens to orders."""

from typing import ClassVar, Self

import attrs

from mktcore.events import Event
from mktcore.money import Money
from mktcore.orders.actions.action import Action
from mktcore.orders.history import show_step
from mktcore.persistence import Scope
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
        action: The action that moved them, with its facts; None where it has none, or none for the reader to know.
    """

    subject_kind: ClassVar[str] = "marketplace_order"
    moves: tuple[Move, ...]
    action: Action | None = None

    def view_for(self, scope: Scope) -> Self:
        """Return what the caller may see: as much as the step of the history tells."""
        moves, action = show_step(self.moves, self.action, scope)
        return attrs.evolve(self, moves=moves, action=action)


@attrs.frozen(kw_only=True)
class MerchantOrderMoved(Event):
    """Quantities of a merchant order's lines changed their state.

    Attributes:
        moves: Which ones, in order.
        action: The action that moved them, with its facts; None where it has none, or none for the reader to know.
    """

    subject_kind: ClassVar[str] = "merchant_order"
    moves: tuple[Move, ...]
    action: Action | None = None

    def view_for(self, scope: Scope) -> Self:
        """Return what the caller may see: as much as the step of the history tells."""
        moves, action = show_step(self.moves, self.action, scope)
        return attrs.evolve(self, moves=moves, action=action)
