"""Stored minimums of orders, asked anew of what is left when a buyer cancels a part. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction

from mktcore.cancellations.cancellation import CancellationRefused
from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.order_thresholds.order_threshold import OrderThreshold, find_thresholds
from mktcore.orders.least_left import list_kept
from mktcore.orders.order import Order
from mktcore.orders.order_line import OrderLine
from mktcore.orders.order_processes import OrderProcesses
from mktcore.sales_context import SalesContext
from mktcore.totals.thresholds import ThresholdKind

__all__ = ["check_minimums"]


def check_minimums(
    order: Order,
    processes: OrderProcesses,
    canceling: Mapping[str, int],
    *,
    thresholds: Iterable[OrderThreshold],
    now: datetime,
) -> None:
    """Let a cancellation pass that leaves nothing of what a minimum is about, or at least that minimum.

    A minimum that the order misses already refuses nothing: it was raised since, or a merchant could not deliver.

    Args:
        order: Before.
        processes: The processes that it is on.
        canceling: Pieces by line that are being canceled, or whose merchant is being asked.
        thresholds: Those of the marketplace and of the order's merchants.
        now: The instant, UTC.

    Raises:
        CancellationRefused: Less would be left; every minimum is told.
    """
    whole = order.marketplace_order
    context = SalesContext(whole.buyer, user=whole.user, groups=whole.groups, channel=whole.channel)
    problems = []
    for one in find_thresholds(thresholds, context, now):
        if one.kind is ThresholdKind.HARD_MINIMUM and one.limit.currency == order.totals.currency:
            had, left = (_sum_kept(list_kept(order, processes, gone), one) for gone in ({}, canceling))
            if 0 < left < one.limit.minor <= had:
                problems.append(_to_problem(order, one, left))
    if problems:
        raise CancellationRefused(tuple(problems))


def _sum_kept(kept: Iterable[tuple[str, OrderLine, int]], threshold: OrderThreshold) -> Fraction:
    """Return what is kept of the goods that a minimum is about, in minor units; shares of discounts stay frozen."""
    total = Fraction(0)
    for merchant, line, pieces in kept:
        if threshold.merchant in {None, merchant}:
            figures = line.totals
            worth = figures.subtotal_minor - (figures.discount_minor if threshold.after_reductions else 0)
            total += Fraction(worth * pieces, line.quantity)
    return total


def _to_problem(order: Order, threshold: OrderThreshold, left: Fraction) -> Notice:
    shown = Money.from_minor(int(left), threshold.limit.currency)
    owner = "the order" if threshold.merchant is None else f"{threshold.merchant}'s goods"
    message = threshold.message or f"{shown} of {owner} would be left, and at least {threshold.limit} must be"
    operands = {"left": shown, "least": threshold.limit, "threshold": threshold.id}
    return Notice("orders.below-least", order.id, message, remedy="cancel less, or all of it", operands=operands)
