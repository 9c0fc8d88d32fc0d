"""Verifying a store: stock (I10), idempotency (I13), events (I14), and whatever other rooms add."""

from collections.abc import Callable, Iterable, Iterator

from mktcore.errors import MktcoreError, Notice
from mktcore.stock.events import ShortageRecorded
from mktcore.store_inspection import Inspected, Inspection

__all__ = ["Check", "verify_store"]

Check = Callable[[], Iterable[Notice]]
"""A further check, such as the totals of every order (I1): it opens its own units, and returns what it found."""


def verify_store(store: Inspected, checks: Iterable[Check] = ()) -> tuple[Notice, ...]:
    """Recompute the invariants over a live store, as of one moment.

    >>> from mktcore.adapters.memory import MemoryStore
    >>> verify_store(MemoryStore())
    ()

    Args:
        store: The store.
        checks: What else to check: `lambda: find_unbalanced_orders(store)`.

    Returns:
        Every finding; empty when all holds.
    """
    with store.inspect() as inspection:
        told: set[str] = set()
        found = [
            *_verify_events(inspection, told),
            *_verify_streams(inspection, told),
            *_verify_stock(inspection, told),
            *_verify_records(inspection),
        ]
    return (*found, *(finding for check in checks for finding in check()))


def _verify_events(inspection: Inspection, told: set[str]) -> Iterator[Notice]:
    """Read every event; note in `told` the items whose shortage was."""
    try:
        for envelope in inspection.iterate_events():
            if isinstance(envelope.event, ShortageRecorded):
                told.add(envelope.event.subject)
    except MktcoreError as error:
        yield Notice("I14", "events", f"one cannot be read: {str(error)[:300]}")


def _verify_records(inspection: Inspection) -> Iterator[Notice]:
    try:
        for record in inspection.iterate_records():
            if not record.operation:
                yield Notice("I13", f"key {record.key} of {record.owner}", "it names no operation")
    except MktcoreError as error:
        yield Notice("I13", "idempotency records", f"one cannot be read: {str(error)[:300]}")


def _verify_stock(inspection: Inspection, told: set[str]) -> Iterator[Notice]:
    for state in inspection.iterate_stock():
        level = state.level
        where = f"stock_item {level.item}"
        if state.held != level.reserved:
            yield Notice("I10", where, f"{level.reserved} are reserved, live reservations hold {state.held}")
        if min(level.on_hand, level.reserved, level.backorder) < 0:
            yield Notice("I10", where, f"a count is below zero: {level}")
        if level.short and level.item not in told:
            yield Notice("I10", where, f"{level.short} too many are reserved, and no shortage was recorded")


def _verify_streams(inspection: Inspection, told: set[str]) -> Iterator[Notice]:
    for stream in inspection.iterate_streams():
        if stream.kind == ShortageRecorded.subject_kind and stream.published and stream.lowest != 1:
            told.add(stream.subject)  # its first events were pruned, and may have told
        where = f"{stream.kind} {stream.subject}"
        if not 0 <= stream.published <= stream.last:
            yield Notice("I14", where, f"{stream.published} events are published of {stream.last}")
        if stream.highest > stream.last:
            yield Notice("I14", where, f"event {stream.highest} is there, the last number given is {stream.last}")
        waiting = stream.last - stream.published
        if waiting and (stream.highest != stream.last or stream.lowest > stream.published + 1):
            yield Notice("I14", where, f"events {stream.published + 1} to {stream.last} wait and are not all there")
        if stream.stored and stream.stored != stream.highest - stream.lowest + 1:
            missing = stream.highest - stream.lowest + 1 - stream.stored
            yield Notice("I14", where, f"{missing} events between {stream.lowest} and {stream.highest} are missing")
