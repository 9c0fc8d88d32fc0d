"""Letting the ends of forwarded orders follow each other: by a worker, each link in a transaction of its own."""

from collections.abc import Iterator
from functools import partial

import attrs

from mktcore.errors import MktcoreError
from mktcore.forwarded_orders.excess_pieces import count_excess
from mktcore.forwarded_orders.follow_supplier import FollowedEvent, list_followed
from mktcore.forwarded_orders.forwarded_order import FORWARDED_ORDERS, ForwardedOrder, ForwardedState
from mktcore.forwarded_orders.held_pieces import count_held
from mktcore.forwarded_orders.supplier_pieces import load_suppliers
from mktcore.notice import Notice
from mktcore.orders import MERCHANT_ORDERS, FireAction, FireRequest, OrderProcesses
from mktcore.orders.actions import AskToCancel, Cancel, Ship
from mktcore.orders.history import ORDER_STEPS, OrderStep, to_step_id
from mktcore.orders.order_stage import OrderStage
from mktcore.orders.queries import load_order_of
from mktcore.orders.shipments import SHIPMENTS, Shipment, ShipmentRefused
from mktcore.persistence import Repositories, Scope
from mktcore.processes import EventRefused
from mktcore.processes.allowed_events import list_refusals
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["FollowOrders"]

_OPERATOR = Scope.operator()
_PAGE = 100


@watched
@attrs.frozen
class FollowOrders:
    """Lets merchant orders follow their suppliers', and suppliers be asked to cancel what is canceled.

    Attributes:
        runtime: Where links and orders are kept.
        firing: Fires what follows.
        processes: The processes that orders are on.
    """

    runtime: Runtime[MarketUnit]
    firing: FireAction
    processes: OrderProcesses

    def follow(self, *, limit: int) -> int:
        """Let links follow whose ends moved, and return how many did; see `ForwardedOrders.follow`."""
        moved = 0
        for id_ in self._find_behind():
            moved += self.runtime.run(_OPERATOR, partial(self._follow, id_))
            if moved >= limit:
                break
        return moved

    def _find_behind(self) -> Iterator[str]:
        """Yield the open links one of whose ends has moved since: of many that wait, three calls look at a hundred."""
        after: str | None = None
        while True:
            with self.runtime.store.begin(_OPERATOR) as unit:
                where = {"state": ForwardedState.OPEN.value}
                page = unit.repository(FORWARDED_ORDERS).page(where, after=after, limit=_PAGE)
                ends = {part for one in page.items for part in (one.merchant_order, one.supplier_merchant_order)}
                parts = unit.repository(MERCHANT_ORDERS).find_many(ends)
            for one in page.items:
                versions = (parts[one.supplier_merchant_order].version, parts[one.merchant_order].version)
                if versions != (one.followed, one.seen):
                    yield one.id
            after = page.next
            if after is None:
                return

    def _follow(self, id_: str, unit: MarketUnit) -> bool:
        forwarded = unit.repository(FORWARDED_ORDERS).get(id_)
        followed = self._ask_supplier(unit, self._follow_supplier(unit, forwarded))
        supplier = unit.repository(MERCHANT_ORDERS).get(forwarded.supplier_merchant_order)
        part = unit.repository(MERCHANT_ORDERS).get(forwarded.merchant_order)
        is_over = supplier.stage is not OrderStage.OPEN and followed.followed == supplier.version
        state = ForwardedState.CLOSED if is_over else ForwardedState.OPEN
        # What asking moved at the supplier's is looked at the next time: an answer may be among it.
        after = attrs.evolve(followed, state=state, seen=part.version)
        if after == forwarded:
            return False
        unit.repository(FORWARDED_ORDERS).save(after)
        return True

    def _follow_supplier(self, unit: MarketUnit, forwarded: ForwardedOrder) -> ForwardedOrder:
        supplier = unit.repository(MERCHANT_ORDERS).get(forwarded.supplier_merchant_order)
        for step in _list_steps(unit, forwarded):
            events = self._decide_step(unit, forwarded, step)
            if events is None:
                return forwarded
            for event in events:
                forwarded = self._fire(unit, forwarded, event, step=step)
            forwarded = attrs.evolve(forwarded, followed=step.number)
        return attrs.evolve(forwarded, followed=supplier.version)

    def _decide_step(
        self, unit: MarketUnit, forwarded: ForwardedOrder, step: OrderStep
    ) -> tuple[FollowedEvent, ...] | None:
        """Return what follows a step; None while the merchant order is held, for what left then is told later."""
        order = load_order_of(unit, forwarded.merchant_order)
        part, pair = order.get_part(forwarded.merchant_order), self.processes.get_pair(order)
        machine, shipments = pair.get_machine(part.fulfilment.process), _load_shipments(unit, forwarded)
        events = tuple(list_followed(step, forwarded, machine, part=part, shipments=shipments))
        waiting = count_held(order, part, pair)
        leaving = [one for one in events if one.event == Ship.event]
        reached = machine.count_reached(part.fulfilment, Ship.event)
        is_blocked = any(waiting[line] > reached.get(line, 0) for one in leaving for line in one.missed)
        return None if is_blocked or (leaving and part.is_held) else events

    def _fire(
        self, unit: MarketUnit, forwarded: ForwardedOrder, event: FollowedEvent, *, step: OrderStep
    ) -> ForwardedOrder:
        if event.missed:
            forwarded = forwarded.note(_to_missed(step, event))
        if not event.lines:
            return forwarded
        request = FireRequest(
            forwarded.merchant_order,
            event.action,
            lines=event.lines,
            reason=f"followed {forwarded.supplier_merchant_order}",
        )
        try:
            part = self.firing.fire_inside(unit, request, scope=_OPERATOR)
        except (EventRefused, ShipmentRefused) as refusal:
            return forwarded.note(*_to_troubles(step.id, event.event, refusal))
        new = to_step_id(part.id, part.version)
        if new in part.shipments:
            return attrs.evolve(forwarded, shipments={**forwarded.shipments, step.id: new})
        return forwarded

    def _ask_supplier(self, unit: MarketUnit, forwarded: ForwardedOrder) -> ForwardedOrder:
        order = load_order_of(unit, forwarded.merchant_order)
        part = order.get_part(forwarded.merchant_order)
        held = count_held(order, part, self.processes.get_pair(order))
        suppliers = load_suppliers(unit, part.id, self.processes)
        excess = count_excess(held, suppliers).get(forwarded.id)
        if not excess:
            return forwarded
        asked = {**forwarded.asked, **{line: forwarded.asked.get(line, 0) + more for line, more in excess.items()}}
        forwarded = attrs.evolve(forwarded, asked=asked)
        troubles: tuple[Notice, ...] = ()
        # What its supplier was not sent yet needs no asking.
        for action in (AskToCancel(), Cancel()):
            request = FireRequest(forwarded.supplier_order, action, lines=excess, reason=f"canceled in {part.id}")
            try:
                self.firing.fire_order_inside(unit, request, scope=_OPERATOR)
            except EventRefused as refusal:
                troubles = troubles or _to_troubles(part.id, action.event, refusal)
            else:
                return forwarded
        return forwarded.note(*troubles)


def _list_steps(unit: Repositories, forwarded: ForwardedOrder) -> Iterator[OrderStep]:
    """Yield the supplier's steps that were not followed yet, in order."""
    after: str | None = to_step_id(forwarded.supplier_merchant_order, forwarded.followed)
    while after is not None:
        page = unit.repository(ORDER_STEPS).page({"subject": forwarded.supplier_merchant_order}, after=after)
        yield from page.items
        after = page.next


def _load_shipments(unit: Repositories, forwarded: ForwardedOrder) -> list[Shipment]:
    """Return the merchant order's shipments that followed the supplier's, those first that left first."""
    found = unit.repository(SHIPMENTS).find_many(forwarded.shipments.values())
    return [found[id_] for id_ in forwarded.shipments.values()]


def _to_missed(step: OrderStep, event: FollowedEvent) -> Notice:
    pieces = ", ".join(f"{count} of {line}" for line, count in event.missed.items())
    return Notice(
        "forwarded-orders.not-followed",
        step.id,
        f"{event.event!r} happened to pieces that are not the order's any more: {pieces}",
        remedy="agree with the supplier what becomes of them, as of a return",
        operands={"event": event.event, **event.missed},
    )


def _to_troubles(where: str, event: str, refusal: MktcoreError) -> tuple[Notice, ...]:
    return tuple(
        Notice("forwarded-orders.not-followed", where, f"{event!r}: {one.message}", remedy=one.remedy)
        for one in list_refusals(refusal)
    )
