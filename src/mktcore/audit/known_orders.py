"""What is kept of the orders that answers under keys tell of: as they are, and what they went through."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from mktcore.audit.answered_history import AnsweredHistory
from mktcore.audit.answered_versions import AnsweredVersion
from mktcore.extra import NO_EXTRA
from mktcore.orders import MARKETPLACE_ORDERS, MERCHANT_ORDERS, MarketplaceOrder, MerchantOrder, OrderProcesses
from mktcore.orders.answered_order import AnsweredMerchantOrder, AnsweredWhole
from mktcore.orders.history import ORDER_STEPS, OrderStep
from mktcore.orders.order_line import OrderLine
from mktcore.store_inspection import Kept, RecordInspection

__all__ = ["KnownOrders", "Told", "load_known"]

Told = MarketplaceOrder | MerchantOrder | AnsweredVersion
"""An order as an answer has it: whole, or as a version of it."""


@attrs.frozen
class KnownOrders:
    """What is kept of the orders that some answers tell of, each by the order's id.

    Attributes:
        orders: The orders as they are.
        steps: Their histories.
        histories: What those that have one went through, for answers to be compared with.
        lines: The lines that were compared, of an answer and of what is kept, by which objects they are, and whether
            they are alike: answers share nearly all of their lines, and would be compared as often as there are keys.
        unborne: The orders without who bears what, by id.
        shipped: The versions that merchant orders got by their shipments, by the order's id.
        processes: The processes that orders are on; None where nobody knows them.
    """

    orders: Mapping[str, Kept[Any]]
    steps: Mapping[str, list[OrderStep]]
    histories: Mapping[str, AnsweredHistory]
    lines: dict[tuple[int, int], tuple[OrderLine, OrderLine, bool]] = attrs.field(factory=dict)
    unborne: dict[str, MarketplaceOrder | MerchantOrder] = attrs.field(factory=dict)
    shipped: dict[str, list[int]] = attrs.field(factory=dict)
    processes: OrderProcesses | None = None

    def hide_bearers(self, stored: MarketplaceOrder | MerchantOrder) -> MarketplaceOrder | MerchantOrder:
        """Return an order without who bears what, the same object each time."""
        if stored.id not in self.unborne:
            self.unborne[stored.id] = stored.without_bearers()
        return self.unborne[stored.id]

    def list_shipments(self, stored: MerchantOrder, version: int) -> tuple[str, ...]:
        """Return the shipments that an order had in a version: they only grow."""
        if stored.id not in self.shipped:
            # The id of a shipment ends with the version that its order got by it.
            self.shipped[stored.id] = [int(one[-8:]) for one in stored.shipments]
        return stored.shipments[: bisect_right(self.shipped[stored.id], version)]

    def is_line_alike(self, one: OrderLine, other: OrderLine) -> bool:
        """Tell whether two lines say the same of what was bought."""
        if one is other:
            return True
        pair = (id(one), id(other))
        if pair not in self.lines:
            # The lines are kept beside, so that no other value comes to the place that an id tells.
            self.lines[pair] = (one, other, one == other or _to_placed_line(one) == _to_placed_line(other))
        return self.lines[pair][2]


def load_known(inspection: RecordInspection, told: Iterable[Told]) -> KnownOrders:
    """Return what is kept of the orders that some answers tell of."""
    given = tuple(told)
    orders: dict[str, Kept[Any]] = {}
    steps: dict[str, list[OrderStep]] = {}
    for kind, types in (
        (MARKETPLACE_ORDERS, (MarketplaceOrder, AnsweredWhole)),
        (MERCHANT_ORDERS, (MerchantOrder, AnsweredMerchantOrder)),
    ):
        if kind.name in inspection.kinds:
            orders |= inspection.find_kept(kind, {one.id for one in given if isinstance(one, types)})
    if ORDER_STEPS.name in inspection.kinds:
        for kept in inspection.find_by(ORDER_STEPS, "subject", {one.id for one in given}):
            if kept.value is not None:
                steps.setdefault(kept.value.subject, []).append(kept.value)
    steps = {id_: sorted(own, key=lambda step: step.number) for id_, own in steps.items()}
    there = {id_: kept.value for id_, kept in orders.items() if kept.value is not None}
    histories = {id_: AnsweredHistory(order, steps.get(id_, ())) for id_, order in there.items()}
    return KnownOrders(orders, steps, {id_: history for id_, history in histories.items() if history.is_told()})


def _to_placed_line(line: OrderLine) -> OrderLine:
    return attrs.evolve(line, sources=(), extra=NO_EXTRA, totals=line.totals.as_placed())
