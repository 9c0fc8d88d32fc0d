"""What of the figures of an order a step changed: what was undone of a line or a charge. Pure."""

from collections.abc import Iterable, Iterator, Mapping

import attrs

from mktcore.orders.merchant_order import MerchantOrder
from mktcore.orders.order import MarketplaceOrder, Order
from mktcore.orders.order_line import OrderLine
from mktcore.postings import to_charge_key
from mktcore.totals.undone import NOTHING_UNDONE, Undone

__all__ = ["StatedFigures", "find_undone", "list_stated", "list_undone"]


@attrs.frozen
class StatedFigures:
    """What is undone of one line or charge from one version of an order on.

    Attributes:
        subject: Id of the order that has the line or the charge: the marketplace order's, or a merchant order's.
        version: The version of that order from which on it holds.
        key: Key of the line, or of the charge as money is kept of it.
        undone: What was canceled and refunded of it.
    """

    subject: str
    version: int
    key: str
    undone: Undone


def list_stated(before: Order, after: Order) -> tuple[StatedFigures, ...]:
    """Return what is undone of the lines and charges for which that differs, from the next version of each order on."""
    whole = _compare(before.marketplace_order, after.marketplace_order)
    pairs = zip(before.merchant_orders, after.merchant_orders, strict=True)
    return (*whole, *(one for known, part in pairs for one in _compare(known, part)))


def _compare(
    before: MarketplaceOrder | MerchantOrder, after: MarketplaceOrder | MerchantOrder
) -> Iterator[StatedFigures]:
    # Of most steps of most orders nothing is undone: then these are the very same.
    if before.expenses is after.expenses and _get_lines(before) is _get_lines(after):
        return
    known = dict(list_undone(before))
    for key, undone in list_undone(after):
        if undone != known.get(key, NOTHING_UNDONE):
            yield StatedFigures(after.id, after.version + 1, key=key, undone=undone)


def list_undone(order: MarketplaceOrder | MerchantOrder) -> Iterator[tuple[str, Undone]]:
    """Yield what is undone of each line and charge, with its key."""
    for line in _get_lines(order):
        yield line.key, line.totals.undone
    for entry in order.expenses:
        yield to_charge_key(entry.expense.key), entry.totals.undone


def _get_lines(order: MarketplaceOrder | MerchantOrder) -> tuple[OrderLine, ...]:
    return order.lines if isinstance(order, MerchantOrder) else ()


def find_undone(stated: Iterable[StatedFigures], versions: Mapping[str, int]) -> dict[str, Undone]:
    """Return what was undone of lines and charges, by their keys, when orders had some versions.

    Args:
        stated: All that was ever stated, in any order.
        versions: The version of each order that is asked about, by its id.
    """
    told = [one for one in stated if one.version <= versions.get(one.subject, -1)]
    return {one.key: one.undone for one in sorted(told, key=lambda one: one.version)}
