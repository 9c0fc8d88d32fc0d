"""An order with its progress told anew, where it differs."""

from typing import TypeVar

import attrs

from mktcore.money import Money
from mktcore.orders.merchant_order import MerchantOrder
from mktcore.orders.order import MarketplaceOrder, Order
from mktcore.orders.order_processes import OrderProcesses
from mktcore.orders.order_progress import check_progress, count_progress
from mktcore.processes import PortionsMachine

__all__ = ["mark_progress"]

O = TypeVar("O", MarketplaceOrder, MerchantOrder)  # noqa: E741 - an order


def mark_progress(order: Order, processes: OrderProcesses) -> Order:
    """Return an order that says for people how far it is, and how far its parts are; what stays is the same value.

    Raises:
        ProgressRefused: The host's function told what cannot be one.
    """
    whole = order.marketplace_order
    paid = sum([payment.amount.minor for payment in whole.payments])
    payable = Money.from_minor(max(whole.totals.grand_total.minor - paid, 0), whole.totals.currency)

    def mark(one: O, machine: PortionsMachine) -> O:
        told = check_progress(processes.progress(count_progress(machine, one.fulfilment, payable)))
        return one if one.progress == told else attrs.evolve(one, progress=told)

    parts = tuple(mark(part, processes.get_machine(part.fulfilment.process)) for part in order.merchant_orders)
    return Order(mark(whole, processes.whole), parts)
