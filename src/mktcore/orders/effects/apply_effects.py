"""The one loop that stores an order with everything that follows from what happened to it, in one transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import attrs

from mktcore.ledger import Transaction
from mktcore.orders.effects.changes import Changes, Write, join_changes
from mktcore.orders.effects.decide_revision import revise_order
from mktcore.orders.effects.effect import Effect, Found, Reads, join_reads
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.effects.tell_figures import note_begun, note_figures
from mktcore.orders.errors import FundsMissing
from mktcore.orders.mark_progress import mark_progress
from mktcore.orders.merchant_order import MERCHANT_ORDERS, MerchantOrder
from mktcore.orders.order import MARKETPLACE_ORDERS, MarketplaceOrder, Order
from mktcore.orders.order_figures import state_figures
from mktcore.orders.order_processes import OrderProcesses
from mktcore.orders.order_stage import find_stage
from mktcore.orders.ports import EffectUnit
from mktcore.orders.shipments.shipment import SHIPMENTS
from mktcore.persistence import Kind, Party, Retryable, put
from mktcore.postings import ORDER_FUNDS
from mktcore.processes.timeout_repository import TIMEOUTS, StoredTimeOuts
from mktcore.stock import Stock

__all__ = [
    "Settled",
    "apply_changes",
    "apply_effects",
    "decide_changes",
    "mark_stages",
    "read_found",
    "settle_order",
]


def apply_effects(unit: EffectUnit, transition: OrderTransition, effects: tuple[Effect, ...]) -> Order:
    """Store an order and everything that follows, and return the order as stored.

    Everything is read first, then decided, then written; nothing is committed here.

    Args:
        unit: The transaction, under the operator's authority.
        transition: What happened to the order.
        effects: What follows, in order: their records and events are written in the order of this list.

    Raises:
        StaleVersion: Somebody else moved the order meanwhile.
        Retryable: Somebody else moved money of one of its merchants meanwhile.
        FundsMissing: The ledger lacks what the order's money says is there.
    """
    transition = mark_stages(transition)
    found = read_found(unit, join_reads(effect.reads(transition) for effect in effects))
    changes = decide_changes(transition, found, effects)
    if not transition.after.marketplace_order.version:
        return _add_order(unit, transition.after, changes, processes=transition.processes, now=transition.now)
    # The orders come first: of two events on one order the later loses here, before it locks what all orders share.
    settled = settle_order(transition, changes)
    order = _store_order(unit, settled)
    apply_changes(unit, settled.changes, transition.now)
    return order


def mark_stages(transition: OrderTransition) -> OrderTransition:
    """Return a transition whose order says, as it comes to stand, how far each part of it is."""
    order, processes = transition.after, transition.processes
    whole = order.marketplace_order
    parts = [
        attrs.evolve(part, stage=find_stage(processes.get_machine(part.fulfilment.process), part.fulfilment))
        for part in order.merchant_orders
    ]
    after = Order(attrs.evolve(whole, stage=find_stage(processes.whole, whole.fulfilment)), tuple(parts))
    return attrs.evolve(transition, after=after)


def decide_changes(transition: OrderTransition, found: Found, effects: Iterable[Effect]) -> Changes:
    """Return what follows from what happened to an order. Pure."""
    return join_changes(effect.decide(transition, found) for effect in effects)


def read_found(unit: EffectUnit, reads: Reads) -> Found:
    """Read what effects ask for: one call for all reservations, one for all accounts, one for each kind of records."""
    reservations = unit.stock.find_reservations(sorted(reads.reservations)) if reads.reservations else {}
    records = {kind.name: unit.repository(kind).find_many(sorted(ids)) for kind, ids in reads.records.items() if ids}
    funds = unit.ledger.find_funds(sorted(reads.accounts, key=str)) if reads.accounts else {}
    return Found(reservations, records, funds)


def _add_order(unit: EffectUnit, order: Order, changes: Changes, *, processes: OrderProcesses, now: datetime) -> Order:
    """Store a new order with what follows from it: nobody else knows of it, so its records come last, all at once."""
    apply_changes(unit, attrs.evolve(changes, writes=(), events=()), now)
    order = note_begun(mark_progress(_state(order, changes), processes), changes)
    whole = attrs.evolve(order.marketplace_order, in_ledger=any(one.kind is ORDER_FUNDS for one in changes.writes))
    parts = tuple(_complete(part, changes) for part in order.merchant_orders)
    _store(unit, changes.writes, orders=((MARKETPLACE_ORDERS, [whole]), (MERCHANT_ORDERS, parts)))
    unit.publish(changes.events)
    stored = tuple(MERCHANT_ORDERS.to_new(part) for part in parts)
    return Order(MARKETPLACE_ORDERS.to_new(whole), stored)


@attrs.frozen
class Settled:
    """An order with the figures and the commission that it comes to, and what of it differs from what is stored.

    Attributes:
        order: The whole order.
        whole: The marketplace order, where it is to be stored.
        parts: The merchant orders that are to be stored.
        changes: What is changed beside it, with what the history tells of its figures.
    """

    order: Order
    whole: MarketplaceOrder | None
    parts: tuple[MerchantOrder, ...]
    changes: Changes


def settle_order(transition: OrderTransition, changes: Changes) -> Settled:
    """Return an order as its changes leave it: what moved, has other figures, or gives back commission is stored."""
    before = transition.after
    order = mark_progress(_state(_revise(transition, changes), changes), transition.processes)
    order, changes = note_figures(before, order, changes, moves=transition.moved.moves)
    touched = {*transition.moved.subjects, *changes.reversals}
    whole = order.marketplace_order
    is_touched = whole.id in touched or whole is not before.marketplace_order
    changed = {
        part.id
        for part, known in zip(order.merchant_orders, before.merchant_orders, strict=True)
        if part.id in touched or part is not known
    }
    parts = tuple(_complete(part, changes) if part.id in changed else part for part in order.merchant_orders)
    stored = tuple(part for part in parts if part.id in changed)
    return Settled(Order(whole, parts), whole if is_touched else None, stored, changes=changes)


def _store_order(unit: EffectUnit, settled: Settled) -> Order:
    whole = settled.order.marketplace_order
    if settled.whole is not None:
        whole = put(unit, MARKETPLACE_ORDERS, settled.whole)
    # In one call, whether one merchant's part moved or all of them did.
    if settled.parts:
        unit.repository(MERCHANT_ORDERS).save_many(settled.parts)
    stored = {part.id: MERCHANT_ORDERS.to_changed(part) for part in settled.parts}
    return Order(whole, tuple(stored.get(part.id, part) for part in settled.order.merchant_orders))


def _revise(transition: OrderTransition, changes: Changes) -> Order:
    """Return the order of a transition with what becomes of the prices of the rest of it."""
    after, revision = transition.after, changes.revision
    if revision is None:
        return after
    return Order(revise_order(after.marketplace_order, revision, transition.processes.whole), after.merchant_orders)


def _state(order: Order, changes: Changes) -> Order:
    """Return an order with the figures that its money comes to, where its money changes."""
    funds = [write.value for write in changes.writes if write.kind is ORDER_FUNDS]
    return state_figures(order, funds[-1]) if funds else order


def _complete(part: MerchantOrder, changes: Changes) -> MerchantOrder:
    """Return a merchant order with what it gives back of commission, and with what it ships."""
    steps = changes.reversals.get(part.id, ())
    if steps:
        part = attrs.evolve(part, commission_reversals=(*part.list_reversals(), *steps))
    shipments = [write.value for write in changes.writes if write.kind is SHIPMENTS and not write.value.version]
    new = [shipment.id for shipment in shipments if shipment.merchant_order == part.id]
    return attrs.evolve(part, shipments=(*part.shipments, *new)) if new else part


def apply_changes(unit: EffectUnit, changes: Changes, now: datetime) -> None:
    """Make the changes beside the orders: counters, stock, money, time-outs, records, events."""
    # Counters before stock, and each by name, as placing takes them: units that lock both never wait in a circle.
    for counter, amount in changes.released.items():
        unit.counters.release(counter, amount)
    _move_stock(unit.stock, changes, now)
    _post(unit, changes.transactions, now)
    timeouts = StoredTimeOuts(unit.repository(TIMEOUTS))
    # Cancelled first: a key in both was left and entered again, and its new instant must stay.
    timeouts.cancel(changes.cancel)
    timeouts.schedule(changes.schedule)
    _store(unit, changes.writes)
    unit.publish(changes.events)


def _move_stock(stock: Stock, changes: Changes, now: datetime) -> None:
    back = [one.reservation for one in changes.returned]
    moved = [list(ids) for ids in (changes.consumed, changes.freed, changes.recalled, back) if ids]
    if len(moved) > 1:  # each verb locks by name, and two of them in a row do not
        stock.lock(id_ for ids in moved for id_ in ids)
    if changes.consumed:
        stock.consume(changes.consumed, at=now)
    if changes.freed:
        stock.give_back(changes.freed, at=now)
    if changes.recalled:
        stock.recall(changes.recalled, at=now)
    if changes.returned:
        stock.restock(changes.returned, at=now)


def _post(unit: EffectUnit, transactions: tuple[Transaction, ...], now: datetime) -> None:
    """Post everything in one call, after stock: all who lock both do so in this order."""
    shortfalls = unit.ledger.post(transactions, at=now) if transactions else ()
    lacking = [short for short in shortfalls if short.account.type.party is not Party.MERCHANT]
    if lacking:
        raise FundsMissing(tuple(str(short) for short in lacking))
    if shortfalls:
        # What a merchant has was read before it was taken; whoever came between changes what is taken of which account.
        raise Retryable(f"money of a merchant moved meanwhile: {shortfalls[0]}")


def _group(writes: Iterable[Write[Any]]) -> Iterable[tuple[Kind[Any], list[Any]]]:
    grouped: dict[Kind[Any], list[Any]] = {}
    for write in writes:
        grouped.setdefault(write.kind, []).append(write.value)
    return grouped.items()


def _store(
    unit: EffectUnit, writes: Iterable[Write[Any]], *, orders: Iterable[tuple[Kind[Any], Sequence[Any]]] = ()
) -> None:
    """Store records: all new ones in one call, behind new orders, and the changed ones of each kind in another."""
    grouped = list(_group(writes))
    new = [(kind, [value for value in values if not value.version]) for kind, values in grouped]
    added = [(kind, values) for kind, values in (*orders, *new) if values]
    if added:
        unit.add_records(added)
    for kind, values in grouped:
        changed = [value for value in values if value.version]
        if changed:
            unit.repository(kind).save_many(changed)
