"""Parties learn what happened to their orders."""

from collections.abc import Iterator

from mktcore.events import Event
from mktcore.orders.effects.changes import Changes
from mktcore.orders.effects.effect import Effect, Found
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.events import MarketplaceOrderMoved, MerchantOrderMoved, MerchantOrderPlaced, OrderPlaced

__all__ = ["PUBLISH_EVENTS"]


def _publish_events(transition: OrderTransition, found: Found) -> Changes:
    del found  # it reads nothing
    own = _list_placed(transition) if transition.before is None else _list_moved(transition)
    # What commands tell follows from the moves, so a reader learns of the moves first.
    return Changes(events=(*own, *transition.moved.events))


def _list_placed(transition: OrderTransition) -> Iterator[Event]:
    whole, parts = transition.after.marketplace_order, transition.after.merchant_orders
    yield OrderPlaced(
        subject=whole.id,
        at=whole.placed_at,
        buyer=whole.buyer,
        grand_total=whole.totals.grand_total,
        merchant_orders=tuple(part.id for part in parts),
        number=whole.number,
    )
    for part in parts:
        yield MerchantOrderPlaced(
            subject=part.id,
            at=part.placed_at,
            merchant=part.merchant,
            buyer=part.buyer,
            order=part.order,
            grand_total=part.totals.grand_total,
            number=part.number,
        )


def _list_moved(transition: OrderTransition) -> Iterator[Event]:
    whole, moves, now = transition.after.marketplace_order, transition.moved.moves, transition.now
    action = transition.action  # whole: what a party may see of it, `view_for` tells when the party reads the event
    if whole.id in moves:
        yield MarketplaceOrderMoved(subject=whole.id, at=now, buyer=whole.buyer, moves=moves[whole.id], action=action)
    for part in transition.list_moved_parts():
        yield MerchantOrderMoved(
            subject=part.id, at=now, merchant=part.merchant, buyer=part.buyer, moves=moves[part.id], action=action
        )


PUBLISH_EVENTS = Effect("events", _publish_events)
"""What was placed or moved, and what commands of the processes returned, goes to the outbox."""
