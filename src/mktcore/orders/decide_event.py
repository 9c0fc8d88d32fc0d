"""What an event makes of an order: the moves, the messages they set off, and the order as it comes to stand. Pure."""

from datetime import datetime

from mktcore.orders.actions.action import Action, to_action, to_event
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.order import Order
from mktcore.orders.order_processes import OrderProcesses
from mktcore.orders.propagation import move_on_event
from mktcore.orders.refuse_buyer_cancellation import refuse_buyer_cancellation
from mktcore.orders.reviews.hold_back import refuse_held
from mktcore.persistence import Scope
from mktcore.processes.portions.choose_portions import Pieces

__all__ = ["decide_event"]


def decide_event(
    processes: OrderProcesses,
    order: Order,
    subject: str,
    *,
    action: Action | str,
    quantities: Pieces | None,
    now: datetime,
    by: Scope,
    reason: str = "",
) -> OrderTransition:
    """Return what firing an action on one subject of an order leads to; effects decide on it next.

    Whoever fires an action and whoever asks what could be fired decide here, so that they never disagree.

    Args:
        processes: The pair that the order is on.
        order: The whole order.
        subject: Id of the marketplace order or of the merchant order that the event is fired on.
        action: The action, or the name of an event.
        quantities: Pieces by line, or by line and state; None for everything the event reaches.
        now: The instant, UTC.
        by: Who fires it.
        reason: Why, for the history.

    Raises:
        mktcore.processes.errors.EventRefused: The event is refused, the other process has no answer to it, a review of
            the order holds it back, or a buyer cancels a part that it may not, or without having agreed to what the
            rest costs then.
    """
    moved = move_on_event(
        processes, order, subject, action=action, quantities=quantities, now=now, by=by, reason=reason
    )
    transition = refuse_held(OrderTransition.of(order, moved, processes, action=to_action(action), now=now))
    return refuse_buyer_cancellation(transition, event=to_event(action), by=by)
