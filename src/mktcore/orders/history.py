"""An order's history: one record for each step, appended and never written again."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from itertools import groupby
from typing import TypeVar

import attrs

from mktcore.access import Permission
from mktcore.ids import MAX_ID_LENGTH
from mktcore.orders.actions.action import Action
from mktcore.orders.merchant_order import MerchantOrder
from mktcore.orders.order import MarketplaceOrder
from mktcore.orders.redact_moves import show_move
from mktcore.orders.stated_figures import StatedFigures
from mktcore.persistence import Kind, Scope, column
from mktcore.processes.portions.subject import Move, Portion

__all__ = [
    "ORDER_STEPS",
    "OrderStep",
    "build_step",
    "collect_moves",
    "list_former_steps",
    "show_step",
    "split_history",
    "to_step_id",
]

O = TypeVar("O", MarketplaceOrder, MerchantOrder)  # noqa: E741 - an order


@attrs.frozen
class OrderStep:
    """What one action or time-out did to a marketplace order or a merchant order.

    Attributes:
        id: Made of the subject and the number, so that the steps of one order follow each other.
        subject: Id of the order whose pieces moved: the marketplace order's, or a merchant order's.
        order: Id of the marketplace order.
        merchant: Whose merchant order it is; None for the marketplace order.
        buyer: Who bought.
        number: The version that the order got by this step: it grows from step to step, perhaps with gaps.
        moves: What moved, in order: at least one.
        action: The action with its facts; None for an event without any, a time-out, and the placement.
        version: How often it was stored: once.
        portions: Where the order's pieces were afterwards, where its moves do not tell it; None where they do.
        figures: What it changed of what is undone of lines and charges, of this order or of others of the same whole.
    """

    id: str
    subject: str
    order: str
    merchant: str | None
    buyer: str
    number: int
    moves: tuple[Move, ...]
    action: Action | None = None
    version: int = 0
    portions: tuple[Portion, ...] | None = attrs.field(default=None, kw_only=True)
    figures: tuple[StatedFigures, ...] = attrs.field(default=(), kw_only=True)

    @property
    def at(self) -> datetime:
        """When it happened, UTC."""
        # All moves of a step are of one instant, so the first tells.
        return self.moves[0].at

    def view_for(self, scope: Scope) -> "OrderStep":
        """Return what the caller may see, see `show_step`; its figures may be of other merchants."""
        moves, action = show_step(self.moves, self.action, scope)
        return attrs.evolve(self, moves=moves, action=action, portions=None, figures=())


def show_step(moves: tuple[Move, ...], action: Action | None, scope: Scope) -> tuple[tuple[Move, ...], Action | None]:
    """Return what the caller may see of moves and of the action that made them, in the history and in events alike.

    Everybody learns which party moved what and when, see `show_move`; the facts of an action are shown to the parties
    that it names.
    """
    shown = None if action is None else action.view_for(scope)
    return tuple(show_move(move, scope) for move in moves), shown


ORDER_STEPS = Kind(
    "order_step",
    OrderStep,
    columns={
        "subject": column("subject"),
        "order_id": column("order"),
        "merchant": column("merchant"),
        "buyer": column("buyer"),
    },
    merchant="merchant",
    buyer="buyer",
    fixed=("subject", "order_id", "merchant", "buyer"),
    reads=Permission.READ_ORDERS,
    view=OrderStep.view_for,
)
"""The steps of orders. The operator's authority writes them; merchants and buyers read those of their own orders."""


def to_step_id(subject: str, number: int) -> str:
    """Return the id of a step: sorted by number within one order, and never too long for an id.

    >>> to_step_id("order-1--acme", 3)
    'order-1--acme/00000003'
    """
    # Eight digits: up to a hundred million steps, text sorts as the numbers do.
    text = f"{subject}/{number:08d}"
    if len(text) <= MAX_ID_LENGTH:
        return text
    return f"{blake2b(subject.encode(), digest_size=20).hexdigest()}/{number:08d}"


def build_step(
    order: MarketplaceOrder | MerchantOrder, number: int, moves: Sequence[Move], *, action: Action | None = None
) -> OrderStep:
    """Return the step of an order that some moves are."""
    whole, merchant = (order.id, None) if isinstance(order, MarketplaceOrder) else (order.order, order.merchant)
    return OrderStep(
        to_step_id(order.id, number),
        order.id,
        whole,
        merchant=merchant,
        buyer=order.buyer,
        number=number,
        moves=tuple(moves),
        action=action,
    )


def split_history(order: O) -> tuple[O, tuple[OrderStep, ...]]:
    """Return an order without the moves that its document still carried, and these moves as steps.

    What happened at one instant is one step: an order was stored once for it. So there are never more steps than the
    order has versions, and those that follow, numbered by its next versions, come after them.
    """
    return attrs.evolve(order, former_moves=()), list_former_steps(order)


def list_former_steps(order: MarketplaceOrder | MerchantOrder) -> tuple[OrderStep, ...]:
    """Return the moves that an order's document still carries as the steps that they become, see `split_history`."""
    runs = [tuple(moves) for _, moves in groupby(order.former_moves, key=lambda move: move.at)]
    return tuple(build_step(order, number, moves) for number, moves in enumerate(runs, 1))


def collect_moves(order: MarketplaceOrder | MerchantOrder, steps: Iterable[OrderStep]) -> tuple[Move, ...]:
    """Return every move of an order, in order: those of its own document, then those of its steps."""
    return (*order.former_moves, *(move for step in steps for move in step.moves))
