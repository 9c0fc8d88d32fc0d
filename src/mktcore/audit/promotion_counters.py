"""Whether the counters of promotions' limits hold what orders took, less what cancellations gave back. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping

from mktcore.audit.order_records import OrderRules
from mktcore.errors import Notice
from mktcore.orders import Order
from mktcore.orders.canceled_pieces import find_canceled

__all__ = ["check_counters", "count_claims"]

_PROMOTION = "promotion/"
"""Begins the names of promotions' counters; all others are the host's own, and nothing tells what they should hold."""


def count_claims(order: Order, rules: OrderRules) -> Counter[str]:
    """Return what an order holds of promotions' limits, by counter."""
    whole = order.marketplace_order
    machine = rules.find_machine(whole.fulfilment) or rules.processes.whole
    canceled = find_canceled(machine, whole.fulfilment)
    pieces = {line: sum(states.values()) for line, states in whole.fulfilment.states().items()}
    held: Counter[str] = Counter()
    for use in whole.promotion_uses:
        taken = dict.fromkeys(use.counters, 1)
        if use.budget is not None:
            taken[use.budget] = sum(part.minor for part in use.parts)
        held.update(taken)
        held.subtract(use.find_returned(canceled, pieces))
    return held


def check_counters(claimed: Mapping[str, int], counters: Mapping[str, int]) -> Iterator[Notice]:
    """Yield a finding for each counter that does not hold what all orders hold together."""
    ours = {name for name in counters if name.startswith(_PROMOTION)}
    for name in sorted(ours | claimed.keys()):
        expected, found = claimed.get(name, 0), counters.get(name, 0)
        if expected != found:
            yield Notice("I17", f"counter {name}", f"it holds {found}, orders hold {expected} of it")
