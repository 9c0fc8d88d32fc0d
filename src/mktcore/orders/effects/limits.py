"""Promotions' limits get back what is cancelled."""

from mktcore.orders.canceled_pieces import find_canceled
from mktcore.orders.effects.changes import Changes
from mktcore.orders.effects.decide_revision import ask_for_funds, find_revision, revise_order
from mktcore.orders.effects.effect import Effect, Found
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.promotions.release_limits import find_returns

__all__ = ["RETURN_LIMITS"]


def _return_limits(transition: OrderTransition, found: Found) -> Changes:
    """Give back what cancelled pieces took of promotions' limits, and what the rest has no more: uses, and budgets."""
    whole, machine = transition.after.marketplace_order, transition.processes.whole
    if not whole.promotion_uses or whole.id not in transition.moved.moves:
        return Changes()
    pieces = {line: sum(states.values()) for line, states in whole.fulfilment.states().items()}
    before = transition.before
    known = {} if before is None else find_canceled(machine, before.marketplace_order.fulfilment)
    revision = find_revision(transition, found)
    return Changes(
        released=find_returns(
            whole.promotion_uses,
            known,
            after=find_canceled(machine, whole.fulfilment),
            pieces=pieces,
            revised=None if revision is None else revise_order(whole, revision, machine).promotion_uses,
        )
    )


RETURN_LIMITS = Effect("limits", _return_limits, ask_for_funds)
"""Counters get back what cancelled pieces of the marketplace order took."""
