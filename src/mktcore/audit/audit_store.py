"""Verifying a store: records (I16, I18), stock (I10), keys (I13), events (I14), books (I3 to I5), and whatever else."""

from collections.abc import Callable, Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import partial

from mktcore.audit.catalog_history import check_catalog_history
from mktcore.audit.event_streams import check_event_streams, check_streams
from mktcore.audit.feed_parts import check_feeds
from mktcore.audit.guarded_checks import run_guarded
from mktcore.audit.idempotent_answers import check_keys
from mktcore.audit.ledger_checks import check_books
from mktcore.audit.record_checks import check_records
from mktcore.audit.stock_levels import check_levels
from mktcore.notice import Notice
from mktcore.orders import OrderProcesses
from mktcore.store_inspection import Inspected, Inspection

__all__ = ["Check", "check_inspection", "verify_store"]

Check = Callable[[], Iterable[Notice]]
"""A further check, such as the totals of every order (I1): it opens its own units, and returns what it found."""


def verify_store(store: Inspected, checks: Iterable[Check] = ()) -> tuple[Notice, ...]:
    """Recompute the invariants over a live store, as of one moment. It never raises: what fails is a finding.

    >>> from mktcore.adapters.memory import MemoryStore
    >>> verify_store(MemoryStore())
    ()

    Args:
        store: The store.
        checks: What else to check: `lambda: find_unbalanced_orders(store)`.

    Returns:
        Every finding; empty when all holds.
    """
    found = [*run_guarded("I16", "store", partial(_check_store, store))]
    for check in checks:
        found += run_guarded("I16", "a further check", check)
    return tuple(found)


def _check_store(store: Inspected) -> Iterator[Notice]:
    with store.inspect() as inspection:
        yield from check_inspection(inspection)


def check_inspection(
    inspection: Inspection,
    *,
    kinds: Collection[str] = (),
    streams: Collection[str] = (),
    named: AbstractSet[str] | None = None,
    processes: OrderProcesses | None = None,
) -> Iterator[Notice]:
    """Yield what does not hold of a store, but for what was looked at already.

    Args:
        inspection: What is looked at.
        kinds: Kinds whose records were looked at already.
        streams: Kinds of aggregates whose events were looked at already.
        named: The live reservations that some order names, where that is known.
        processes: The processes that orders are on, where these are known.
    """
    told: set[str] = set()
    yield from run_guarded("I14", "events", partial(check_event_streams, inspection, told, without=streams))
    yield from run_guarded("I14", "events", partial(check_streams, inspection, told))
    yield from run_guarded("I10", "stock", partial(check_levels, inspection, told, named=named))
    yield from run_guarded("I13", "idempotency records", partial(check_keys, inspection, processes))
    yield from check_records(inspection, without=kinds)
    yield from run_guarded("I16", "feeds", partial(check_feeds, inspection))
    yield from run_guarded("I4", "books", partial(check_books, inspection))
    yield from run_guarded("I16", "revisions", partial(check_catalog_history, inspection))
