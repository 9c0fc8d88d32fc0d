"""Whether the answers that are kept for idempotency keys are those of the orders that they name (invariant I13)."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

import attrs

from mktcore.audit.answered_history import AnsweredHistory
from mktcore.audit.answered_orders import check_told_order, list_figures
from mktcore.audit.answered_records import check_answered, load_answered
from mktcore.audit.answered_versions import AnsweredVersion, list_versions
from mktcore.audit.guarded_checks import iterate_batches, run_guarded
from mktcore.audit.known_orders import KnownOrders, Told, load_known
from mktcore.audit.paused_collector import pause_collector
from mktcore.notice import Notice
from mktcore.orders import MARKETPLACE_ORDERS, MERCHANT_ORDERS, MarketplaceOrder, MerchantOrder, Order, OrderProcesses
from mktcore.orders.answered_order import AnsweredMerchantOrder, AnsweredOrder
from mktcore.orders.order_line import OrderLine
from mktcore.persistence import Party
from mktcore.persistence.idempotency_records import IdempotencyRecord
from mktcore.store_inspection import Kept, RecordInspection

__all__ = ["check_keys"]

_BATCH = 100


def check_keys(inspection: RecordInspection, processes: OrderProcesses | None = None) -> Iterator[Notice]:
    """Yield a finding for each record that is unreadable, disguised, or answers with an order that it is not about.

    Args:
        inspection: What is looked at.
        processes: The processes that orders are on; None where nobody knows them.
    """
    seen: dict[tuple[str, str, int], str] = {}
    for batch in iterate_batches(inspection.iterate_records(), _BATCH):
        with pause_collector():
            found = tuple(_check_batch(inspection, batch, seen, processes=processes))
        yield from found


def _check_batch(
    inspection: RecordInspection,
    batch: Iterable[Kept[IdempotencyRecord]],
    seen: dict[tuple[str, str, int], str],
    *,
    processes: OrderProcesses | None,
) -> Iterator[Notice]:
    told = [one for kept in batch if kept.value is not None for one in _list_named(kept.value)]
    known = attrs.evolve(load_known(inspection, told), processes=processes)
    others = load_answered(inspection, [kept.value for kept in batch if kept.value is not None])
    for kept in batch:
        if kept.value is not None:
            yield from run_guarded(
                "I13", f"key {kept.id}", partial(check_answered, f"key {kept.id}", kept.value, others)
            )
        yield from run_guarded("I13", f"key {kept.id}", partial(_check, kept, known, seen))


_ANSWERED = frozenset({"place", "fire", "cancel"})
"""The operations whose answer is an order."""


def _list_named(record: IdempotencyRecord) -> tuple[Told, ...]:
    return (*_list_told(record), *list_versions(record.result))


def _list_told(record: IdempotencyRecord) -> tuple[MarketplaceOrder | MerchantOrder, ...]:
    """Return the orders that an answer tells of: what it is about first, then its parts."""
    answer = record.result
    if record.operation not in _ANSWERED or not isinstance(answer, Order | MerchantOrder):
        return ()
    return (answer,) if isinstance(answer, MerchantOrder) else (answer.marketplace_order, *answer.merchant_orders)


def _check(
    kept: Kept[IdempotencyRecord], known: KnownOrders, seen: dict[tuple[str, str, int], str]
) -> Iterator[Notice]:
    record, where = kept.value, f"key {kept.id}"
    if record is None:
        yield Notice("I13", where, f"it cannot be read: {kept.problem}")
        return
    if not record.operation:
        yield Notice("I13", where, "it names no operation")
    if record.operation in _ANSWERED and isinstance(record.result, Mapping):
        yield Notice("I13", where, "its answer is of no type that orders answer with")
    told = _list_named(record)
    for one in told:
        yield from check_told_order(where, one, known)
    if told:
        yield from _check_request(where, record, told, known=known)
        yield from _check_step(where, record, told[0], history=known.histories.get(told[0].id))
    if isinstance(record.result, Order | AnsweredOrder):
        yield from _check_parts(where, told, known)
        # An order is placed once, and each action that moves something makes a version of its own.
        number = 0 if record.operation == "place" else told[0].version
        did = record.operation if record.operation == "place" else "move"
        other = seen.setdefault((did, told[0].id, number), kept.id)
        if other != kept.id:
            yield Notice("I13", where, f"its answer is that of key {other}")


def _check_step(
    where: str, record: IdempotencyRecord, answer: Told, *, history: AnsweredHistory | None
) -> Iterator[Notice]:
    """Look at what was asked beside what happened, where anything of that was recorded."""
    if history is None:
        return
    if record.operation == "fire":
        yield from history.check_asked(where, record.request)
    if isinstance(answer, AnsweredVersion) and not history.has_step(answer.version):
        yield Notice("I13", where, f"its answer is version {answer.version} of {answer.id}, which no step made")


def _check_parts(where: str, told: tuple[Told, ...], known: KnownOrders) -> Iterator[Notice]:
    kept = known.orders.get(told[0].id)
    whole = told[0] if isinstance(told[0], MarketplaceOrder) else None if kept is None else kept.value
    if whole is not None and tuple(part.id for part in told[1:]) != whole.merchant_order_ids:
        yield Notice("I13", where, "its answer has other merchant orders than it names")


def _check_request(
    where: str, record: IdempotencyRecord, told: tuple[Told, ...], *, known: KnownOrders
) -> Iterator[Notice]:
    answer, cart = told[0], record.request.get("cart")
    if record.operation == "place" and isinstance(answer, MarketplaceOrder) and isinstance(cart, Mapping):
        lines = {line.key: line for part in told[1:] if isinstance(part, MerchantOrder) for line in part.lines}
        is_same = (cart.get("id"), cart.get("buyer")) == (answer.cart, answer.buyer) and _asks_for(cart, lines)
        # An answer of an earlier release told neither codes nor, to a buyer, that uses are not shown.
        is_same = is_same and (not answer.told_by_steps or (cart.get("codes") or []) == list(answer.codes))
        yield from _check_as_placed(where, told, known)
    else:
        is_same = record.request.get("order") == answer.id
    if not is_same or record.request.get("kind", _name_kind(answer)) != _name_kind(answer):
        yield Notice("I13", where, f"it asks for something else than its answer, {answer.id}")
    order = known.orders.get(answer.id)
    stored = None if order is None else order.value
    if stored is not None and not _may_ask(record.owner, stored):
        yield Notice("I13", where, f"its owner has nothing to do with {answer.id}")


def _name_kind(answer: Told) -> str:
    is_part = isinstance(answer, MerchantOrder | AnsweredMerchantOrder)
    return MERCHANT_ORDERS.name if is_part else MARKETPLACE_ORDERS.name


def _check_as_placed(where: str, told: tuple[Told, ...], known: KnownOrders) -> Iterator[Notice]:
    """Look at what had not happened yet when an order was placed, and what it took of limits."""
    for one in told:
        if not isinstance(one, MarketplaceOrder | MerchantOrder):
            continue
        is_begun = one.reviews if isinstance(one, MarketplaceOrder) else one.is_held or one.list_reversals()
        if is_begun or one.version != 1 or list_figures(one) != [figures.as_placed() for figures in list_figures(one)]:
            yield Notice("I13", where, f"its answer tells of {one.id} what had not happened yet")
        order = known.orders.get(one.id)
        stored = None if order is None else order.value
        if isinstance(one, MarketplaceOrder) and isinstance(stored, MarketplaceOrder):
            yield from _check_uses(where, one, stored)


def _check_uses(where: str, told: MarketplaceOrder, stored: MarketplaceOrder) -> Iterator[Notice]:
    # What lapsed since is no longer among them; a revision tells what they were before it.
    placed = stored.revisions[0].former_uses if stored.revisions else stored.promotion_uses
    is_shown = told.told_by_steps and told.promotion_uses is not None
    if is_shown and told.promotion_uses != placed:
        yield Notice("I13", where, f"its answer tells of {told.id} another use of promotions")


def _asks_for(cart: Mapping[str, object], lines: Mapping[str, OrderLine]) -> bool:
    """Tell whether lines are those of a cart; of which offer, it may leave to the marketplace."""
    asked = cart.get("lines")
    # What promotions give is in no cart.
    lines = {key: line for key, line in lines.items() if not line.gift_of}
    if not isinstance(asked, list) or len(asked) != len(lines):
        return False
    told = {one["key"]: (one["quantity"], one["sku"], one.get("offer") or lines[one["key"]].offer) for one in asked}
    return told == {key: (line.quantity, line.sku, line.offer) for key, line in lines.items()}


def _may_ask(owner: str, answer: MarketplaceOrder | MerchantOrder) -> bool:
    party, _, id_ = owner.partition(":")
    if party == Party.BUYER.value:
        return id_ == answer.buyer
    return party == Party.OPERATOR.value or (isinstance(answer, MerchantOrder) and id_ == answer.merchant)
