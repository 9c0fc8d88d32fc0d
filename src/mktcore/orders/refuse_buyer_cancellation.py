"""What keeps a buyer's own event from canceling a part of its order: the rules of cancellations hold for it. Pure."""

from collections.abc import Iterator, Mapping

from mktcore.notice import Notice
from mktcore.orders.actions.cancellations import AskToCancel
from mktcore.orders.asked_pieces import find_asked, grant_asked
from mktcore.orders.canceled_pieces import count_canceled
from mktcore.orders.cancellation_policy import MissedMinimum
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.lapsed_discounts import find_lapsed_discounts
from mktcore.orders.least_left import find_below_least, list_kept
from mktcore.orders.order import Order
from mktcore.orders.order_money import count_pieces
from mktcore.persistence import Party, Scope
from mktcore.processes import EventRefused

__all__ = ["refuse_buyer_cancellation"]

_REMEDY = "show `market.orders.preview_cancel(...)`, and cancel with it: `agreed=preview`"


def refuse_buyer_cancellation(transition: OrderTransition, *, event: str, by: Scope) -> OrderTransition:
    """Return what an event does, unless a buyer cancels by it, or asks to, what the policy does not let it.

    Raises:
        EventRefused: Too little would be left, or it would cost more without anybody having agreed to that.
    """
    before = transition.before
    if by.caller.party is not Party.BUYER or before is None:
        return transition
    wished = _find_wished(transition, before, event)
    if any(wished.values()):
        EventRefused.raise_if([*_find_problems(transition, before, wished)])
    return transition


def _find_wished(transition: OrderTransition, before: Order, event: str) -> dict[str, int]:
    """Return the pieces of each line that a buyer's event cancels, or asks to."""
    states = before.marketplace_order.fulfilment.states()
    rests = transition.after.marketplace_order.fulfilment.states()
    known, then = (count_canceled(transition.processes.whole, one) for one in (states, rests))
    gone = {line: pieces - known.get(line, 0) for line, pieces in then.items()}
    # Another event that moves pieces, such as asking for a return, cancels nothing.
    asked = find_asked(states, rests, gone) if event == AskToCancel.event else {}
    return {line: pieces + asked.get(line, 0) for line, pieces in gone.items()}


def _find_problems(transition: OrderTransition, before: Order, wished: Mapping[str, int]) -> Iterator[Notice]:
    processes = transition.processes
    yield from find_below_least(before, processes, wished)
    is_part = any(kept > 0 for _, _, kept in list_kept(before, processes, wished))
    if is_part and processes.cancellation.minimums is MissedMinimum.REFUSED:
        # Stored minimums are read by the call that cancels, and not by events.
        message = "a part is canceled by the call that asks minimums anew"
        yield Notice("orders.cancel-by-call", before.id, message, remedy="call `market.orders.cancel(...)`")
    counts = count_pieces(processes.whole, before.marketplace_order.fulfilment.states())
    for line in find_lapsed_discounts(before, grant_asked(counts, wished)):
        message = "what is left would cost more, as it no longer earns its discounts"
        yield Notice("orders.consent-needed", line, message, remedy=_REMEDY)
