"""Promotions' limits get back what is cancelled."""

from mktcore.orders.canceled_pieces import find_canceled
from mktcore.orders.effects.changes import Changes
from mktcore.orders.effects.effect import Effect, Found
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.promotions.release_limits import find_returns

__all__ = ["RETURN_LIMITS"]


def _return_limits(transition: OrderTransition, found: Found) -> Changes:
    """Give back what cancelled pieces took of promotions' limits: uses, and shares of budgets."""
    del found  # it reads nothing
    whole, machine = transition.after.marketplace_order, transition.processes.whole
    if not whole.promotion_uses or whole.id not in transition.moved.moves:
        return Changes()
    pieces = {line: sum(states.values()) for line, states in whole.fulfilment.states().items()}
    before = transition.before
    known = {} if before is None else find_canceled(machine, before.marketplace_order.fulfilment)
    return Changes(
        released=find_returns(
            whole.promotion_uses, known, after=find_canceled(machine, whole.fulfilment), pieces=pieces
        )
    )


RETURN_LIMITS = Effect("limits", _return_limits)
"""Counters get back what cancelled pieces of the marketplace order took."""
