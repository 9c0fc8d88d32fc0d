"""What happens to orders."""

from datetime import datetime
from typing import ClassVar, Self

import attrs

from mktcore.events import Event
from mktcore.money import Money
from mktcore.orders.actions.action import Action
from mktcore.orders.history import show_step
from mktcore.orders.merchant_order import MerchantOrder
from mktcore.orders.order_line import OrderLine
from mktcore.persistence import Scope
from mktcore.processes.portions.subject import Move

__all__ = [
    "GoodsToIssue",
    "MarketplaceOrderMoved",
    "MerchantOrderMoved",
    "MerchantOrderPlaced",
    "OrderPlaced",
    "PricesRaised",
]


@attrs.frozen(kw_only=True)
class OrderPlaced(Event):
    """A buyer's order was placed, and its stock is reserved.

    Attributes:
        grand_total: What it costs.
        merchant_orders: Ids of its parts.
        number: What people call it; empty where it has no number.
    """

    subject_kind: ClassVar[str] = "marketplace_order"
    grand_total: Money
    merchant_orders: tuple[str, ...]
    number: str = ""


@attrs.frozen(kw_only=True)
class MerchantOrderPlaced(Event):
    """A merchant has something to fulfil.

    Attributes:
        order: Id of the marketplace order.
        grand_total: What the merchant's part costs.
        number: What people call the marketplace order; empty where it has no number.
    """

    subject_kind: ClassVar[str] = "merchant_order"
    order: str
    grand_total: Money
    number: str = ""


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


@attrs.frozen(kw_only=True)
class PricesRaised(Event):
    """What is left of a merchant order costs more: a part of the order was canceled, and discounts are earned no more.

    Attributes:
        order: Id of the marketplace order.
        lines: Keys of the lines that cost more.
        raised: What the buyer pays more for them; tax contained.
    """

    subject_kind: ClassVar[str] = "merchant_order"
    order: str
    lines: tuple[str, ...]
    raised: Money


@attrs.frozen(kw_only=True)
class GoodsToIssue(Event):
    """Pieces are paid for that are made only then: whoever issues them does, and answers by `Issue`.

    It is published once for a line. As any event it may be delivered again: `subject` is the key by which an issuer
    knows what it made already, and under which the answer is fired.

    Attributes:
        merchant_order: Where the answer goes.
        line: Key of the line.
        sku: What is to be made.
        quantity: How many pieces, when it was asked; those canceled since are refused with the answer.
    """

    subject_kind: ClassVar[str] = "goods_to_issue"
    merchant_order: str
    line: str
    sku: str
    quantity: int

    @classmethod
    def of(cls, part: MerchantOrder, line: OrderLine, at: datetime) -> Self:
        """Ask for the pieces of a line."""
        return cls(
            subject=f"{part.order}/{line.key}",
            at=at,
            merchant=part.merchant,
            buyer=part.buyer,
            merchant_order=part.id,
            line=line.key,
            sku=line.sku,
            quantity=line.quantity,
        )
