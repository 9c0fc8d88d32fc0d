"""The links of a merchant order, with where the suppliers' pieces are: read together."""

from collections import Counter
from collections.abc import Iterable, Mapping

from mktcore.forwarded_orders.excess_pieces import SupplierPieces
from mktcore.forwarded_orders.forwarded_order import FORWARDED_ORDERS, ForwardedOrder
from mktcore.forwarded_orders.held_pieces import count_held
from mktcore.orders import Order, OrderProcesses
from mktcore.orders.default_processes import Flag
from mktcore.orders.queries import load_order
from mktcore.persistence import Repositories

__all__ = ["load_suppliers", "sum_held"]


def load_suppliers(unit: Repositories, merchant_order: str, processes: OrderProcesses) -> tuple[SupplierPieces, ...]:
    """Return every link of a merchant order, the earliest first, with where the suppliers' pieces of it are."""
    found = unit.repository(FORWARDED_ORDERS).find_where("merchant_order", [merchant_order])
    links = sorted(found, key=lambda one: (one.forwarded_at, one.id))
    return tuple(_look(one, load_order(unit, one.supplier_order), processes) for one in links)


def _look(forwarded: ForwardedOrder, order: Order, processes: OrderProcesses) -> SupplierPieces:
    pair, part = processes.get_pair(order), order.get_part(forwarded.supplier_merchant_order)
    subject = part.fulfilment if part.fulfilment.portions else order.marketplace_order.fulfilment
    states = {state.name: state for state in pair.get_machine(subject.process).process.states}
    canceled: Counter[str] = Counter()
    for portion in subject.portions:
        if states[portion.state].has(Flag.NOT_INVOICED):
            canceled[portion.line] += portion.quantity
    return SupplierPieces(forwarded, count_held(order, part, pair), canceled)


def sum_held(suppliers: Iterable[SupplierPieces]) -> Mapping[str, int]:
    """Return the pieces by line that suppliers still have."""
    held: Counter[str] = Counter()
    for one in suppliers:
        held.update(one.held)
    return held
