"""Whether answers under keys that tell of shipments, links and feeds tell what is kept under their ids (I13)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from mktcore.audit.answered_history import AnsweredHistory
from mktcore.feeds import FEEDS, Feed
from mktcore.forwarded_orders import FORWARDED_ORDERS, ForwardedOrder
from mktcore.notice import Notice
from mktcore.orders import MERCHANT_ORDERS, MerchantOrder
from mktcore.orders.history import ORDER_STEPS, OrderStep
from mktcore.orders.shipments import SHIPMENTS, Shipment
from mktcore.persistence.idempotency_records import IdempotencyRecord
from mktcore.store_inspection import Kept, RecordInspection

__all__ = ["Answered", "check_answered", "load_answered"]

_SHIPMENT_STAYS = ("merchant_order", "order", "merchant", "buyer", "shipped_at")
_LINK_STAYS = (
    *("merchant_order", "order", "merchant", "supplier", "supplier_order", "supplier_merchant_order", "purchaser"),
    *("lines", "forwarded_at"),
)
_FEED_STAYS = ("merchant", "rows", "chunks", "accepted_at", "whole", "keeps_empty", "time_zone")


@attrs.frozen
class Answered:
    """What is kept of the shipments, the links and the feeds that some answers tell of.

    Attributes:
        kept: The shipments, links and feeds, by id.
        histories: What the merchant orders of the shipments went through, by their ids.
        supplied: The suppliers' merchant orders of the links, by their ids.
    """

    kept: Mapping[str, Kept[Any]]
    histories: Mapping[str, AnsweredHistory]
    supplied: Mapping[str, Kept[MerchantOrder]]


def load_answered(inspection: RecordInspection, records: Iterable[IdempotencyRecord]) -> Answered:
    """Return what is kept of the shipments, the links and the feeds that answers tell of."""
    answers = [record.result for record in records]
    shipments = [one for one in answers if isinstance(one, Shipment)]
    found: dict[str, Kept[Any]] = {}
    if SHIPMENTS.name in inspection.kinds:
        found |= inspection.find_kept(SHIPMENTS, {one.id for one in shipments})
    links = [one for one in answers if isinstance(one, ForwardedOrder)]
    if FORWARDED_ORDERS.name in inspection.kinds:
        found |= inspection.find_kept(FORWARDED_ORDERS, {one.id for one in links})
    if FEEDS.name in inspection.kinds:
        found |= inspection.find_kept(FEEDS, {one.id for one in answers if isinstance(one, Feed)})
    supplied: Mapping[str, Kept[MerchantOrder]] = {}
    if MERCHANT_ORDERS.name in inspection.kinds:
        supplied = inspection.find_kept(MERCHANT_ORDERS, {one.supplier_merchant_order for one in links})
    return Answered(found, _load_histories(inspection, {one.merchant_order for one in shipments}), supplied)


def _load_histories(inspection: RecordInspection, parts: Iterable[str]) -> Mapping[str, AnsweredHistory]:
    if not {MERCHANT_ORDERS.name, ORDER_STEPS.name} <= inspection.kinds.keys():
        return {}
    orders = inspection.find_kept(MERCHANT_ORDERS, parts)
    steps: dict[str, list[OrderStep]] = {id_: [] for id_ in orders}
    for kept in inspection.find_by(ORDER_STEPS, "subject", list(steps)):
        if kept.value is not None and kept.value.subject in steps:
            steps[kept.value.subject].append(kept.value)
    there = {id_: kept.value for id_, kept in orders.items() if kept.value is not None}
    ordered = {id_: sorted(steps[id_], key=lambda step: step.number) for id_ in there}
    found = {id_: AnsweredHistory(order, ordered[id_]) for id_, order in there.items()}
    return {id_: history for id_, history in found.items() if history.is_told()}


def check_answered(where: str, record: IdempotencyRecord, known: Answered) -> Iterator[Notice]:
    """Yield a finding where an answer tells another shipment, link or feed than the one that is there."""
    answer = record.result
    if isinstance(answer, Shipment):
        there = known.kept.get(answer.id)
        if there is None:
            yield Notice("I13", where, f"its answer is {answer.id}, which is not there")
        yield from _check_asked(where, record, answer, history=known.histories.get(answer.merchant_order))
        yield from _compare(where, answer, there, stays=_SHIPMENT_STAYS)
        if there is not None and there.value is not None:
            yield from _check_held(where, answer, there.value, history=known.histories.get(answer.merchant_order))
    elif isinstance(answer, ForwardedOrder):
        if answer.id not in known.kept:
            yield Notice("I13", where, f"its answer is {answer.id}, which is not there")
        if not _is_forwarding(record.request, answer, known.supplied.get(answer.supplier_merchant_order)):
            yield Notice("I13", where, f"it asks for something else than its answer, {answer.id}")
        yield from _compare(where, answer, known.kept.get(answer.id), stays=_LINK_STAYS)
    elif isinstance(answer, Feed):
        if record.request.get("merchant") != answer.merchant:
            yield Notice("I13", where, f"it asks for something else than its answer, {answer.id}")
        if answer.version == 1 and answer != _to_accepted(answer):
            yield Notice("I13", where, f"its answer tells of {answer.id} what no worker had done yet")
        # One that is over may have been removed.
        yield from _compare(where, answer, known.kept.get(answer.id), stays=_FEED_STAYS)


def _check_asked(
    where: str, record: IdempotencyRecord, answer: Shipment, *, history: AnsweredHistory | None
) -> Iterator[Notice]:
    asked = {record.request.get("subject"), record.request.get("shipment")}
    if asked.isdisjoint({answer.id, answer.merchant_order}):
        yield Notice("I13", where, f"it asks for something else than its answer, {answer.id}")
    elif record.operation != "track":
        yield from () if history is None else history.check_asked(where, record.request)
    else:
        named = record.request.get("parcel")
        parcel = answer.find_parcel(named) if isinstance(named, str) else None
        told: Shipment | Any = answer if parcel is None else parcel
        names = [name for name in ("carrier", "tracking") if name in record.request]
        if any(getattr(told, name) != record.request[name] for name in names):
            yield Notice("I13", where, f"its answer, {answer.id}, does not tell what was told of it")


def _is_forwarding(request: Mapping[str, object], answer: ForwardedOrder, supplied: Kept[MerchantOrder] | None) -> bool:
    """Tell whether a request asks for what was forwarded: of whom, to whom, how many pieces of which offers."""
    if any(request.get(name) != getattr(answer, name) for name in ("merchant_order", "supplier")):
        return False
    lines, named = request.get("lines"), request.get("offers")
    if isinstance(lines, Mapping) and dict(lines) != dict(answer.lines):
        return False
    if not isinstance(named, Mapping) or supplied is None or supplied.value is None:
        return True
    offers = {line.key: line.offer for line in supplied.value.lines}
    return all(offers.get(line) == offer for line, offer in named.items() if line in offers)


def _check_held(where: str, answer: Shipment, stored: Shipment, *, history: AnsweredHistory | None) -> Iterator[Notice]:
    """What left together stays together, whatever becomes of it, in the parcels that it left in."""
    if _count_held(answer) != _count_held(stored) or _list_parcels(answer) != _list_parcels(stored):
        yield Notice("I13", where, f"its answer tells of other pieces or parcels than {answer.id} has")
    if history is not None and not all(history.has_entered(one.line, one.state) for one in answer.pieces):
        yield Notice("I13", where, f"its answer tells states that pieces of {answer.id} were never in")


def _count_held(shipment: Shipment) -> Counter[tuple[str, str]]:
    held = Counter[tuple[str, str]]()
    for one in (*shipment.pieces, *shipment.undone):
        held[one.line, one.parcel] += one.quantity
    return held


def _list_parcels(shipment: Shipment) -> list[tuple[str, Mapping[str, int] | None]]:
    return [(parcel.key, parcel.holds) for parcel in shipment.parcels]


def _to_accepted(feed: Feed) -> Feed:
    """Return a feed as it is accepted: nothing was gone through."""
    stays: Mapping[str, Any] = {name: getattr(feed, name) for name in _FEED_STAYS}
    return Feed(feed.id, **stays, due=feed.due, version=feed.version)


def _compare(
    where: str, answer: Shipment | ForwardedOrder | Feed, there: Kept[Any] | None, *, stays: Iterable[str]
) -> Iterator[Notice]:
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
