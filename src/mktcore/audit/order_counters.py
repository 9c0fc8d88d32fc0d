"""Whether counters hold what orders took of promotions' limits, and what merchants sold where commission asks. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping

from mktcore.audit.order_records import OrderRules
from mktcore.commissions import Tiers
from mktcore.commissions.volumes import VOLUMES, name_sold
from mktcore.notice import Notice
from mktcore.orders import Order
from mktcore.orders.canceled_pieces import find_canceled

__all__ = ["check_claims", "check_numbers", "check_sold", "count_claims", "count_sold"]

_PROMOTION = "promotion/"
"""Begin the names of counters; all others are the host's own, and nothing tells what they should hold."""


def count_claims(order: Order, rules: OrderRules) -> Counter[str]:
    """Return what an order holds of promotions' limits, by counter."""
    whole = order.marketplace_order
    machine = rules.find_machine(whole.fulfilment) or rules.processes.whole
    canceled = find_canceled(machine, whole.fulfilment)
    pieces = {line: sum(states.values()) for line, states in whole.fulfilment.states().items()}
    held: Counter[str] = Counter()
    for use in whole.promotion_uses or ():
        taken = dict.fromkeys(use.counters, 1)
        if use.budget is not None:
            taken[use.budget] = sum(part.minor for part in use.parts)
        held.update(taken)
        held.subtract(use.find_returned(canceled, pieces))
    return held


def count_sold(order: Order) -> Counter[str]:
    """Return what merchants sold by an order, in minor units, by the counter of each rule whose tiers go by it."""
    sold: Counter[str] = Counter()
    for part in order.merchant_orders:
        for entry in part.commissions or ():
            if entry.sold_before is not None and isinstance(entry.terms, Tiers) and not entry.agreement:
                sold[name_sold(entry.rule, entry.terms, part.merchant, at=part.placed_at)] += entry.base.minor
    return sold


def check_claims(claimed: Mapping[str, int], counters: Mapping[str, int]) -> Iterator[Notice]:
    """Yield a finding for each promotion's counter that does not hold what all orders hold together."""
    return _check(_PROMOTION, claimed, counters)


def check_sold(sold: Mapping[str, int], counters: Mapping[str, int]) -> Iterator[Notice]:
    """Yield a finding for each merchant's volume that is not what all orders sold together."""
    return _check(VOLUMES, sold, counters)


def check_numbers(drawn: Mapping[str, int], counters: Mapping[str, int]) -> Iterator[Notice]:
    """Yield a finding for each series of order numbers that would repeat a number, or leave some out.

    Args:
        drawn: The greatest number that orders have of each series, as its counter held it.
        counters: What counters hold.
    """
    for name, expected in sorted(drawn.items()):
        found = counters.get(name, 0)
        if expected != found:
            yield Notice("I16", f"counter {name}", f"it holds {found}, orders have numbers up to its {expected}")


def _check(prefix: str, told: Mapping[str, int], counters: Mapping[str, int]) -> Iterator[Notice]:
    ours = {name for name in counters if name.startswith(prefix)}
    for name in sorted(ours | told.keys()):
        expected, found = told.get(name, 0), counters.get(name, 0)
        if expected != found:
            yield Notice("I17", f"counter {name}", f"it holds {found}, orders hold {expected} of it")
