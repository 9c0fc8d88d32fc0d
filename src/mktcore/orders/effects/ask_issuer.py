"""Goods that are made when they are paid for: a gift card, a licence key. The host's issuer is asked once."""

from collections.abc import Iterator

from mktcore.events import Event
from mktcore.orders.effects.changes import Changes
from mktcore.orders.effects.effect import Effect, Found
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.events import GoodsToIssue

__all__ = ["ASK_TO_ISSUE"]


def _ask_to_issue(transition: OrderTransition, found: Found) -> Changes:
    del found  # the order tells all
    return Changes(events=tuple(_list_asked(transition)))


def _list_asked(transition: OrderTransition) -> Iterator[Event]:
    for part in transition.list_moved_parts():
        # A merchant's part starts when the order is paid, and a piece starts once: whatever happens to it later, and
        # however often this unit has to run again, no second card is asked for.
        started = {move.line for move in transition.moved.moves[part.id] if move.source is None}
        for line in part.lines:
            if line.issued and line.key in started:
                yield GoodsToIssue.of(part, line, transition.now)


ASK_TO_ISSUE = Effect("issue", _ask_to_issue)
"""What is made when it is paid for is asked of the host's issuer, by an event in the transaction of the payment."""
