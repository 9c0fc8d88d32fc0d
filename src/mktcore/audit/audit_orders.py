"""Verifying every order of a live store, and what orders share: time-outs, and limits of promotions."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import attrs

from mktcore.audit.event_streams import check_event
from mktcore.audit.expected_pieces import check_expected
from mktcore.audit.forwarded_links import check_forwarded_links, load_forwarded_links
from mktcore.audit.guarded_checks import iterate_batches, run_guarded
from mktcore.audit.issuer_requests import check_issued
from mktcore.audit.merchant_order_agreement import check_agreement
from mktcore.audit.money_records import MoneyRecords, check_money_records, load_money
from mktcore.audit.order_counters import count_claims, count_sold
from mktcore.audit.order_history import check_history
from mktcore.audit.order_records import KeptOfOrders, OrderLook, OrderRecords, OrderRules, load_records
from mktcore.audit.order_reviews import check_reviews, load_reviews
from mktcore.audit.order_shipments import check_shipments, load_shipments
from mktcore.audit.order_stock import check_stock
from mktcore.audit.order_timeouts import WaitedFor, check_scheduled, list_waiting, list_waiting_approvals
from mktcore.audit.order_totals import check_totals
from mktcore.audit.paused_collector import pause_collector
from mktcore.audit.record_checks import check_record, check_references
from mktcore.audit.unit_look import UnitLook
from mktcore.notice import Notice
from mktcore.orders import MARKETPLACE_ORDERS, MERCHANT_ORDERS, MarketplaceOrder, Order, OrderProcesses
from mktcore.orders.effects import EFFECTS
from mktcore.orders.effects.effect import Effect
from mktcore.orders.history import ORDER_STEPS
from mktcore.orders.price_approvals.price_approval import APPROVAL_LIFE, PRICE_APPROVALS
from mktcore.orders.shipments import Shipment
from mktcore.persistence import Kind, Scope, Store
from mktcore.processes.timeout_repository import TIMEOUTS
from mktcore.stock import MarketUnit
from mktcore.stock.reservation import ReservationState
from mktcore.store_inspection import Inspected, Kept

__all__ = ["OrderAudit", "verify_orders"]

_PAGE = 100
"""Orders that are looked at together: enough that round trips do not count, few enough that memory stays small."""


def verify_orders(
    store: Store[MarketUnit],
    processes: OrderProcesses,
    *,
    effects: tuple[Effect, ...] = EFFECTS,
    progress: Callable[[int], None] | None = None,
) -> tuple[Notice, ...]:
    """Return a finding for everything about an order that breaks an invariant; empty when all is well.

    A store that can be inspected is looked at as of one moment; any other through a unit of work.

    Args:
        store: The store, audited as the operator.
        processes: The processes that orders are on.
        effects: What followed from all that happened to them.
        progress: Called with the number of orders looked at so far.
    """
    rules = OrderRules(processes, effects)
    if isinstance(store, Inspected):
        with store.inspect() as inspection:
            return tuple(OrderAudit(inspection, rules).check(progress))
    with store.begin(Scope.operator()) as unit:
        return tuple(OrderAudit(UnitLook(unit), rules).check(progress))


@attrs.define
class OrderAudit:
    """Goes through all orders once, each with all that is kept of it, and remembers a few bytes of what they share.

    Attributes:
        look: What is looked at.
        rules: By which rules orders came to what they are.
        waiting: What orders wait for, by the ids of the time-outs.
        named: Ids of the live reservations that some order names.
        claimed: What orders hold of promotions' limits, by counter.
        sold: What merchants sold by orders, where commission goes by it, by counter.
        drawn: The greatest number that orders have of each series, as its counter held it.
        seen: How many records and events belong to some order, by their kind; events under that of their aggregate,
            with a slash.
        is_whole: Whether all of it could be read; otherwise what the rest refers to is known to nobody.
    """

    look: OrderLook
    rules: OrderRules
    waiting: dict[str, WaitedFor] = attrs.field(factory=dict)
    named: set[str] = attrs.field(factory=set)
    claimed: Counter[str] = attrs.field(factory=Counter)
    sold: Counter[str] = attrs.field(factory=Counter)
    drawn: dict[str, int] = attrs.field(factory=dict)
    seen: Counter[str] = attrs.field(factory=Counter)
    is_whole: bool = True

    def check(self, progress: Callable[[int], None] | None = None) -> Iterator[Notice]:
        """Yield what does not hold of orders and their time-outs."""
        yield from run_guarded("I16", "orders", partial(self._check_orders, progress))
        yield from run_guarded("I15", "time-outs", self._check_timeouts)

    def _check_orders(self, progress: Callable[[int], None] | None) -> Iterator[Notice]:
        done = 0
        for batch in iterate_batches(self.look.iterate_kind(MARKETPLACE_ORDERS), _PAGE):
            with pause_collector():
                found = tuple(self._check_batch(batch))
            yield from found
            done += len(batch)
            if progress is not None:
                progress(done)

    def _check_batch(self, batch: list[Kept[MarketplaceOrder]]) -> Iterator[Notice]:
        records = load_records(self.look, batch)
        yield from self._check_kept(records.kept)
        reviews, links = load_reviews(self.look, records.orders), load_forwarded_links(self.look, records.orders)
        money, shipments = load_money(self.look, records.orders), load_shipments(self.look, records.orders)
        for order in records.orders:
            yield from self._check_order(order, records, money, shipments=shipments)
            yield from run_guarded("I16", order.id, partial(check_reviews, order, reviews.get(order.id, ()), records))
            yield from run_guarded("I16", order.id, partial(check_forwarded_links, order, links))
        yield from run_guarded("I14", "goods to issue", partial(check_issued, self.look, records.orders, self.rules))
        live = (one for one in records.reservations.values() if one.state is ReservationState.LIVE)
        self.named.update(one.id for one in live)

    def _check_order(
        self, order: Order, records: OrderRecords, money: MoneyRecords, *, shipments: Mapping[str, tuple[Shipment, ...]]
    ) -> Iterator[Notice]:
        rules = self.rules.narrow(order)
        yield from run_guarded("I1", order.id, partial(check_totals, order))
        yield from run_guarded("I2", order.id, partial(check_expected, order))
        yield from run_guarded("I16", order.id, partial(check_agreement, order, rules))
        yield from run_guarded("I15", order.id, partial(check_history, order, records, rules))
        yield from run_guarded("I10", order.id, partial(check_stock, order, records, rules))
        yield from run_guarded("I4", order.id, partial(check_money_records, order, records, money, rules=rules))
        yield from run_guarded("I10", order.id, partial(check_shipments, order, records, shipments, rules=rules))
        yield from run_guarded("I15", order.id, partial(self._remember, order))

    def _remember(self, order: Order) -> Iterator[Notice]:
        self.waiting.update(list_waiting(order, self.rules))
        self.claimed.update(count_claims(order, self.rules))
        self.sold.update(count_sold(order))
        numbers = self.rules.numbers
        found = None if numbers is None else numbers.find_drawn(order.marketplace_order.number)
        if found is not None:
            self.drawn[found[0]] = max(self.drawn.get(found[0], 0), found[1])
        yield from ()

    def _check_kept(self, kept: KeptOfOrders) -> Iterator[Notice]:
        """Look at each record of orders by itself, since everything of it is at hand here, and read once."""
        self.is_whole = self.is_whole and not kept.has_unreadable()
        records: tuple[tuple[Kind[Any], Iterable[Kept[Any]]], ...] = (
            (MARKETPLACE_ORDERS, kept.wholes),
            (MERCHANT_ORDERS, kept.parts),
            (ORDER_STEPS, kept.steps),
        )
        for kind, own in records:
            for one in own:
                self.seen[kind.name] += 1
                yield from run_guarded("I16", f"{kind.name} {one.id}", partial(check_record, kind, one))
            yield from check_references(self.look, kind, [one.value for one in own if one.value is not None])
        for kind, events in ((MARKETPLACE_ORDERS, kept.whole_events), (MERCHANT_ORDERS, kept.part_events)):
            for event in events:
                self.seen[f"{kind.name}/"] += 1
                yield from run_guarded("I14", f"event {event.id}", partial(check_event, event, set()))

    def _check_timeouts(self) -> Iterator[Notice]:
        held = self.rules.processes.list_held()
        approvals = tuple(self.look.iterate_kind(PRICE_APPROVALS))
        self.waiting.update(list_waiting_approvals(approvals))
        names = frozenset(machine.process.name for pair in held for machine in (pair.whole, *pair.list_parts()))
        if all(one.value is not None for one in approvals):  # otherwise some wait for what nobody knows of
            names |= {APPROVAL_LIFE.name}
        yield from check_scheduled(self.waiting, self.look.iterate_kind(TIMEOUTS), names, is_whole=self.is_whole)
