"""Parties learn what happened to their orders."""

from collections.abc import Iterator

from mktcore.events import Event
from mktcore.money import Money
from mktcore.orders.effects.changes import Changes
from mktcore.orders.effects.decide_revision import ask_for_funds, find_revision
from mktcore.orders.effects.effect import Effect, Found
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.events import (
    MarketplaceOrderMoved,
    MerchantOrderMoved,
    MerchantOrderPlaced,
    OrderPlaced,
    PricesRaised,
)

__all__ = ["PUBLISH_EVENTS"]


def _publish_events(transition: OrderTransition, found: Found) -> Changes:
    own = _list_placed(transition) if transition.before is None else _list_moved(transition)
    # What follows from the moves comes after them, so a reader learns of the moves first.
    return Changes(events=(*own, *_list_raised(transition, found), *transition.moved.events))


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


def _list_raised(transition: OrderTransition, found: Found) -> Iterator[Event]:
    revision, after = find_revision(transition, found), transition.after
    if revision is None:
        return
    for part in after.merchant_orders:
        own = {line.key for line in part.lines}
        raised = [one for one in revision.raised if one.line in own]
        if raised:
            paid = sum([one.added.paid for one in raised])
            yield PricesRaised(
                subject=part.id,
                at=transition.now,
                merchant=part.merchant,
                buyer=part.buyer,
                order=after.id,
                lines=tuple(one.line for one in raised),
                raised=Money.from_minor(paid, after.totals.currency),
            )


PUBLISH_EVENTS = Effect("events", _publish_events, ask_for_funds)
"""What was placed or moved, and what commands of the processes returned, goes to the outbox."""
