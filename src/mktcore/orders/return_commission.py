"""Commission follows cancellation: what is frozen is given back as far as pieces are cancelled."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

import attrs

from mktcore.commissions import Commission, CommissionOn, CommissionReversal, reverse_commission
from mktcore.orders.canceled_pieces import find_canceled
from mktcore.orders.merchant_order import MerchantOrder
from mktcore.orders.order import Order
from mktcore.orders.order_line import OrderLine
from mktcore.orders.order_money import group_reversals
from mktcore.processes import PortionsMachine

__all__ = ["return_commission"]


def return_commission(
    before: Order, after: Order, find_machine: Callable[[str], PortionsMachine], *, now: datetime
) -> Order:
    """Return an order on its way with what its cancelled pieces give back of the commissions of merchant orders.

    What is taken of a line falls with its pieces; what is taken once of an order, with the worth of its lines' pieces;
    of freight, once everything is cancelled. Nothing is given back twice, whatever is cancelled in which order.

    Args:
        before: As it was read.
        after: With the states that it comes to.
        find_machine: Returns the process of merchant orders with a name.
        now: The instant, UTC.
    """

    def find(part: MerchantOrder) -> dict[str, int]:
        return find_canceled(find_machine(part.fulfilment.process), part.fulfilment)

    known = {part.id: find(part) for part in before.merchant_orders}
    parts = []
    for part in after.merchant_orders:
        canceled = find(part)
        is_more = part.commissions is not None and canceled != known.get(part.id)
        parts.append(_return_commission(part, canceled, now) if is_more else part)
    return Order(after.marketplace_order, tuple(parts))


def _return_commission(part: MerchantOrder, canceled: Mapping[str, int], now: datetime) -> MerchantOrder:
    steps = tuple(step for step in _list_steps(part, canceled, now) if not step.is_empty())
    return attrs.evolve(part, commission_reversals=(*part.list_reversals(), *steps)) if steps else part


def _list_steps(part: MerchantOrder, canceled: Mapping[str, int], now: datetime) -> Iterator[CommissionReversal]:
    lines = {line.key: line for line in part.lines}
    before = group_reversals(part)
    for entry in part.commissions or ():
        gone, whole = _measure(entry, lines, canceled)
        if gone:
            yield reverse_commission(entry, refunded=gone, of=whole, before=before.get(entry.id, ()), at=now)


def _measure(entry: Commission, lines: Mapping[str, OrderLine], canceled: Mapping[str, int]) -> tuple[int, int]:
    """Return how much of what an entry was taken of is cancelled, and of how much."""
    if entry.on is CommissionOn.FREIGHT:
        is_all = all(canceled.get(key, 0) >= line.quantity for key, line in lines.items())
        return int(is_all), 1
    if len(entry.lines) == 1:
        [key] = entry.lines
        return canceled.get(key, 0), lines[key].quantity
    return _measure_worth([lines[key] for key in entry.lines], canceled)


def _measure_worth(own: Sequence[OrderLine], canceled: Mapping[str, int]) -> tuple[int, int]:
    """Measure by what the lines cost as placed; where all of them are free, by their pieces."""
    is_free = not any(line.totals.grand_minor > 0 for line in own)
    gone = whole = 0
    for line in own:
        worth = line.quantity if is_free else line.totals.grand_minor
        whole += worth
        # Down, so that what is not cancelled is never counted; at the last piece it is the whole.
        gone += worth * canceled.get(line.key, 0) // line.quantity
    return gone, whole
