"""Whether the answers that are kept for idempotency keys are those of the orders that they name (invariant I13)."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import attrs

from mktcore.audit.guarded_checks import iterate_batches, run_guarded
from mktcore.errors import Notice
from mktcore.extra import NO_EXTRA
from mktcore.orders import MARKETPLACE_ORDERS, MERCHANT_ORDERS, MarketplaceOrder, MerchantOrder, Order
from mktcore.persistence import Party
from mktcore.persistence.idempotency import IdempotencyRecord
from mktcore.store_inspection import Kept, RecordInspection

__all__ = ["check_keys"]

_BATCH = 100


def check_keys(inspection: RecordInspection) -> Iterator[Notice]:
    """Yield a finding for each record that is unreadable, disguised, or answers with an order that it is not about."""
    seen: dict[tuple[str, str, int], str] = {}
    for batch in iterate_batches(inspection.iterate_records(), _BATCH):
        told = [one for kept in batch if kept.value is not None for one in _list_told(kept.value)]
        orders: dict[str, Kept[Any]] = {}
        for kind, type_ in ((MARKETPLACE_ORDERS, MarketplaceOrder), (MERCHANT_ORDERS, MerchantOrder)):
            if kind.name in inspection.kinds:
                orders |= inspection.find_kept(kind, {one.id for one in told if isinstance(one, type_)})
        for kept in batch:
            yield from run_guarded("I13", f"key {kept.id}", partial(_check, kept, orders, seen))


def _list_told(record: IdempotencyRecord) -> tuple[MarketplaceOrder | MerchantOrder, ...]:
    """Return the orders that an answer tells of: what it is about first, then its parts."""
    answer = record.result
    if record.operation not in {"place", "fire"} or not isinstance(answer, Order | MerchantOrder):
        return ()
    return (answer,) if isinstance(answer, MerchantOrder) else (answer.marketplace_order, *answer.merchant_orders)


def _check(
    kept: Kept[IdempotencyRecord], orders: Mapping[str, Kept[Any]], seen: dict[tuple[str, str, int], str]
) -> Iterator[Notice]:
    record, where = kept.value, f"key {kept.id}"
    if record is None:
        yield Notice("I13", where, f"it cannot be read: {kept.problem}")
        return
    if not record.operation:
        yield Notice("I13", where, "it names no operation")
    if record.operation in {"place", "fire"} and isinstance(record.result, Mapping):
        yield Notice("I13", where, "its answer is of no type that orders answer with")
    told = _list_told(record)
    for one in told:
        yield from _check_told(where, one, orders.get(one.id))
    if told:
        yield from _check_request(where, record, told)
        # An order is placed once, and each action that moves something makes a version of its own.
        number = 0 if record.operation == "place" else told[0].version
        other = seen.setdefault((record.operation, told[0].id, number), kept.id)
        if other != kept.id:
            yield Notice("I13", where, f"its answer is that of key {other}")


def _check_told(where: str, told: MarketplaceOrder | MerchantOrder, order: Kept[Any] | None) -> Iterator[Notice]:
    if order is None:
        yield Notice("I13", where, f"its answer is {told.id}, which is not there")
        return
    stored = order.value
    if stored is None:
        return  # told with all other records that cannot be read
    if _to_placed(stored) != _to_placed(told):
        yield Notice("I13", where, f"its answer tells of {told.id} what was not placed")
    elif stored.version == told.version and stored.fulfilment != told.fulfilment:
        yield Notice("I13", where, f"its answer is the present {told.id}, in other states")
    if stored.version < told.version:
        yield Notice("I13", where, f"its answer is version {told.version} of {told.id}, it is at {stored.version}")


def _check_request(
    where: str, record: IdempotencyRecord, told: tuple[MarketplaceOrder | MerchantOrder, ...]
) -> Iterator[Notice]:
    answer, cart = told[0], record.request.get("cart")
    if record.operation == "place" and isinstance(answer, MarketplaceOrder) and isinstance(cart, Mapping):
        asked = (cart.get("id"), cart.get("buyer"), _read_lines(cart))
        lines = {line.key: line.quantity for part in told[1:] if isinstance(part, MerchantOrder) for line in part.lines}
        is_same = asked == (answer.cart, answer.buyer, lines)
    else:
        is_same = record.request.get("order") == answer.id
    if not is_same:
        yield Notice("I13", where, f"it asks for something else than its answer, {answer.id}")
    if not _may_ask(record.owner, answer):
        yield Notice("I13", where, f"its owner has nothing to do with {answer.id}")


def _read_lines(cart: Mapping[str, object]) -> dict[str, object]:
    lines = cart.get("lines")
    return {one["key"]: one["quantity"] for one in lines} if isinstance(lines, list) else {}


def _to_placed(order: MarketplaceOrder | MerchantOrder) -> MarketplaceOrder | MerchantOrder:
    """Return of an order what no caller is denied, and nothing moves: what was bought, of whom, at which figures.

    Who spoke for the buyer, and through which channel, a host may note later.
    """
    begun = attrs.evolve(order.fulfilment, portions=())
    if isinstance(order, MarketplaceOrder):
        placed = attrs.evolve(order, fulfilment=begun, version=0, former_moves=(), promotion_uses=(), extra=NO_EXTRA)
        return attrs.evolve(placed, channel=None, user=None, groups=(), in_ledger=False)
    lines = tuple(attrs.evolve(line, sources=(), extra=NO_EXTRA) for line in order.lines)
    return attrs.evolve(
        order,
        fulfilment=begun,
        version=0,
        former_moves=(),
        lines=lines,
        commissions=(),
        commission_reversals=(),
        extra=NO_EXTRA,
    )


def _may_ask(owner: str, answer: MarketplaceOrder | MerchantOrder) -> bool:
    party, _, id_ = owner.partition(":")
    if party == Party.BUYER.value:
        return id_ == answer.buyer
    return party == Party.OPERATOR.value or (isinstance(answer, MerchantOrder) and id_ == answer.merchant)
