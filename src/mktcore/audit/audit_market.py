"""Verifying a market: its orders with all that is kept of them, and then everything else of its store."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from mktcore.audit.audit_orders import OrderAudit
from mktcore.audit.audit_store import Check, check_inspection
from mktcore.audit.guarded_checks import run_guarded
from mktcore.audit.order_counters import check_claims, check_numbers, check_sold
from mktcore.audit.order_records import OrderRules
from mktcore.notice import Notice
from mktcore.orders import MARKETPLACE_ORDERS, MERCHANT_ORDERS, OrderProcesses
from mktcore.orders.effects import EFFECTS, RETURN_LIMITS
from mktcore.orders.effects.effect import Effect
from mktcore.orders.history import ORDER_STEPS
from mktcore.orders.order_numbers import StoredNumbers
from mktcore.store_inspection import Inspected, Inspection

__all__ = ["verify_market"]

_OF_ORDERS = (MARKETPLACE_ORDERS, MERCHANT_ORDERS, ORDER_STEPS)


def verify_market(
    store: Inspected,
    processes: OrderProcesses,
    *,
    effects: tuple[Effect, ...] = EFFECTS,
    numbers: StoredNumbers | None = None,
    checks: Iterable[Check] = (),
    progress: Callable[[int], None] | None = None,
) -> tuple[Notice, ...]:
    """Return a finding for everything in a market's store that breaks an invariant; empty when all is well.

    Everything is looked at as of one moment. It never raises: what cannot be read, or checked, is a finding.

    Args:
        store: The store, audited as the operator.
        processes: The processes that orders are on.
        effects: What followed from all that happened to orders.
        numbers: The series that orders have their numbers from; None where they come from elsewhere.
        checks: What else to check.
        progress: Called with the number of orders looked at so far.
    """
    rules = OrderRules(processes, effects, numbers)
    found = [*run_guarded("I16", "store", partial(_check_market, store, rules, progress))]
    for check in checks:
        found += run_guarded("I16", "a further check", check)
    return tuple(found)


def _check_market(store: Inspected, rules: OrderRules, progress: Callable[[int], None] | None) -> Iterator[Notice]:
    with store.inspect() as inspection:
        audit = OrderAudit(inspection, rules)
        yield from audit.check(progress)
        if audit.is_whole:
            yield from run_guarded("I17", "counters", partial(_check_counters, inspection, audit))
        # Each record of an order was read with it, once; where there are more of them than that, some are nobody's.
        kinds = [kind.name for kind in _OF_ORDERS if inspection.count_kept(kind) == audit.seen[kind.name]]
        streams = [kind.name for kind in _OF_ORDERS[:2] if _has_all_events(inspection, audit, kind.name)]
        named = audit.named if audit.is_whole else None
        yield from check_inspection(inspection, kinds=kinds, streams=streams, named=named, processes=rules.processes)


def _check_counters(inspection: Inspection, audit: OrderAudit) -> Iterator[Notice]:
    counters = inspection.read_counters()
    if RETURN_LIMITS in audit.rules.effects:
        yield from check_claims(audit.claimed, counters)
    yield from check_sold(audit.sold, counters)
    yield from check_numbers(audit.drawn, counters)


def _has_all_events(inspection: Inspection, audit: OrderAudit, kind: str) -> bool:
    return inspection.count_events(kind) == audit.seen[f"{kind}/"]
