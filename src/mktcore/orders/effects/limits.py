"""Promotions' limits get back what is cancelled."""

from mktcore.orders.effects.changes import Changes
from mktcore.orders.effects.effect import Effect, Found
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.processes import Flag
from mktcore.processes import PortionsMachine, Subject
from mktcore.promotions.release_limits import find_returns

__all__ = ["RETURN_LIMITS", "find_canceled"]


def find_canceled(machine: PortionsMachine, subject: Subject) -> dict[str, int]:
    """Return the pieces of each line that are cancelled for good: in a final state that is never invoiced."""
    # By flags, not by name: a host's process may call its states anything.
    canceled = {state.name for state in machine.process.states if state.final and state.has(Flag.NOT_INVOICED)}
    return {
        line: sum([quantity for state, quantity in states.items() if state in canceled])
        for line, states in subject.states().items()
    }


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
