"""Time-outs are stored with the states that they wait in."""

from mktcore.orders.effects.changes import Changes
from mktcore.orders.effects.effect import Effect, Found
from mktcore.orders.effects.order_transition import OrderTransition

__all__ = ["SET_TIME_OUTS"]


def _set_time_outs(transition: OrderTransition, found: Found) -> Changes:
    del found  # it reads nothing
    # Of an order that is being placed nothing is stored yet: what its first events cancelled was never scheduled.
    cancel = () if transition.before is None else transition.moved.cancel
    return Changes(cancel=cancel, schedule=transition.moved.schedule)


SET_TIME_OUTS = Effect("time-outs", _set_time_outs)
"""Time-outs of states that were left are cancelled, those of states that were entered are scheduled."""
