"""Whether answers under keys that tell of shipments and feeds are those of what is kept under their ids (I13)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mktcore.feeds import FEEDS, Feed
from mktcore.notice import Notice
from mktcore.orders.shipments import SHIPMENTS, Shipment
from mktcore.persistence.idempotency_records import IdempotencyRecord
from mktcore.store_inspection import Kept, RecordInspection

__all__ = ["check_answered", "load_answered"]

_SHIPMENT_STAYS = ("merchant_order", "order", "merchant", "buyer", "shipped_at")
_FEED_STAYS = ("merchant", "rows", "chunks", "accepted_at", "whole", "keeps_empty", "time_zone")


def load_answered(inspection: RecordInspection, records: Iterable[IdempotencyRecord]) -> Mapping[str, Kept[Any]]:
    """Return what is kept of the shipments and the feeds that answers tell of, by id."""
    answers = [record.result for record in records]
    found: dict[str, Kept[Any]] = {}
    if SHIPMENTS.name in inspection.kinds:
        found |= inspection.find_kept(SHIPMENTS, {one.id for one in answers if isinstance(one, Shipment)})
    if FEEDS.name in inspection.kinds:
        found |= inspection.find_kept(FEEDS, {one.id for one in answers if isinstance(one, Feed)})
    return found


def check_answered(where: str, record: IdempotencyRecord, kept: Mapping[str, Kept[Any]]) -> Iterator[Notice]:
    """Yield a finding where an answer tells another shipment, or another feed, than the one that is there."""
    answer = record.result
    if isinstance(answer, Shipment):
        there = kept.get(answer.id)
        if there is None:
            yield Notice("I13", where, f"its answer is {answer.id}, which is not there")
        asked = {record.request.get("subject"), record.request.get("shipment")}
        if asked.isdisjoint({answer.id, answer.merchant_order}):
            yield Notice("I13", where, f"it asks for something else than its answer, {answer.id}")
        yield from _compare(where, answer, there, stays=_SHIPMENT_STAYS)
    elif isinstance(answer, Feed):
        if record.request.get("merchant") != answer.merchant:
            yield Notice("I13", where, f"it asks for something else than its answer, {answer.id}")
        # One that is over may have been removed.
        yield from _compare(where, answer, kept.get(answer.id), stays=_FEED_STAYS)


def _compare(where: str, answer: Shipment | Feed, there: Kept[Any] | None, *, stays: Iterable[str]) -> Iterator[Notice]:
    stored = None if there is None else there.value
    if stored is None:
        return  # told with all other records that cannot be read
    differs = [name for name in stays if getattr(stored, name) != getattr(answer, name)]
    if differs:
        yield Notice("I13", where, f"its answer tells of {answer.id} another {', '.join(differs)}")
    elif stored.version < answer.version:
        yield Notice("I13", where, f"its answer is version {answer.version} of {answer.id}, it is at {stored.version}")
    elif stored.version == answer.version and stored != answer:
        yield Notice("I13", where, f"its answer is the present {answer.id}, and tells it otherwise")
