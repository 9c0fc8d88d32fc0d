"""The history tells what a step changed of an order's figures, so that nothing else need repeat it. Pure."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import attrs

from mktcore.orders.effects.changes import Changes, Write
from mktcore.orders.history import ORDER_STEPS, OrderStep
from mktcore.orders.merchant_order import MerchantOrder
from mktcore.orders.order import MarketplaceOrder, Order
from mktcore.orders.stated_figures import list_stated
from mktcore.processes.portions import Move
from mktcore.totals.undone import NOTHING_UNDONE

__all__ = ["note_begun", "note_figures"]

O = TypeVar("O", MarketplaceOrder, MerchantOrder)  # noqa: E741 - an order


def note_begun(order: Order, changes: Changes) -> Order:
    """Return a new order that says whether its steps tell all that it is: they do from the first one on, or never."""
    if not any(write.kind is ORDER_STEPS for write in changes.writes):
        return order

    def note(one: O) -> O:
        return attrs.evolve(one, told_by_steps=one.totals.undone == NOTHING_UNDONE)

    return Order(note(order.marketplace_order), tuple(note(part) for part in order.merchant_orders))


def note_figures(
    before: Order, after: Order, changes: Changes, *, moves: Mapping[str, Sequence[Move]]
) -> tuple[Order, Changes]:
    """Return an order and its changes of which one step tells the figures that differ.

    Where no step tells what moved, or what its figures came to, the order is no longer told by its steps.

    Args:
        before: The order with the figures that it had.
        after: The order as it comes to stand.
        changes: What follows, with the steps among its writes.
        moves: What moved, by the id of the order whose pieces did.
    """
    stated = list_stated(before, after)
    first = next((place for place, write in enumerate(changes.writes) if write.kind is ORDER_STEPS), None)
    if first is None:
        return _forget(after, {*moves, *(one.subject for one in stated)}), changes
    if not stated:
        return after, changes
    step: OrderStep = changes.writes[first].value
    told = Write(ORDER_STEPS, attrs.evolve(step, figures=stated))
    return after, attrs.evolve(changes, writes=(*changes.writes[:first], told, *changes.writes[first + 1 :]))


def _forget(order: Order, untold: set[str]) -> Order:
    def note(one: O) -> O:
        is_known = not one.told_by_steps or one.id not in untold
        return one if is_known else attrs.evolve(one, told_by_steps=False)

    return Order(note(order.marketplace_order), tuple(note(part) for part in order.merchant_orders))
