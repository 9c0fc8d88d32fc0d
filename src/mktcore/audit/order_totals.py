"""Whether an order's figures are the sums of their parts, and what its inputs come to (invariants I1 and I2). Pure."""

from collections import Counter
from collections.abc import Callable, Iterator

from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.orders import Order
from mktcore.orders.placed_totals import recompute_totals
from mktcore.totals import InvalidTotals
from mktcore.totals.figures import Figures

__all__ = ["check_totals"]

_FIGURES: tuple[tuple[str, Callable[[Figures], int]], ...] = (
    ("subtotal", lambda of: of.subtotal_minor),
    ("discount_total", lambda of: of.discount_minor - of.undone.raised_minor),
    ("expense_total", lambda of: of.expense_minor),
    ("tax_total", lambda of: of.tax_minor - of.undone.canceled_tax_minor + of.undone.raised_tax_minor),
    ("grand_total", lambda of: of.grand_minor - of.undone.lowered_minor),
    ("canceled_total", lambda of: of.undone.canceled_minor),
    ("canceled_tax_total", lambda of: of.undone.canceled_tax_minor),
    ("refund_total", lambda of: of.undone.refund_minor),
    ("refund_tax_total", lambda of: of.undone.refund_tax_minor),
)
"""Each figure with what it is in minor units: thousands of lines are summed as such, and an amount is made of none."""


def check_totals(order: Order) -> Iterator[Notice]:
    """Yield a finding for every figure that is not the sum of its parts, or not what its inputs come to."""
    yield from _audit_sums(order)
    yield from _audit_inputs(order)
    yield from _audit_uses(order)


def _audit_uses(order: Order) -> Iterator[Notice]:
    """What a limited promotion is said to have taken off lines and charges is what it took off the order."""
    uses = order.marketplace_order.promotion_uses or ()
    raised = [line for one in order.marketplace_order.revisions for line in one.raised]
    told_lapsed = {(one.promotion, line.line) for line in raised for one in line.discounts if one.lapsed}
    for use in uses:
        for part in use.parts:
            may_lapse = any((use.promotion, line) in told_lapsed for line in part.lines)
            if not 0 <= part.lapsed <= part.minor or (part.lapsed and not may_lapse):
                where = f"{order.id}.promotion_uses.{use.promotion}"
                yield Notice("I17", where, f"{part.lapsed} minor units of it lapsed, and no revision tells of that")
    at_once, one_by_one = Counter[str](), Counter[str]()
    for key, minor in order.totals.reduction_minors if uses else ():
        # It is `promotion:OPEN`, or `promotion:OPEN:l1` where it reduces lines one by one; ids may hold colons.
        name = key.removeprefix("promotion:")
        at_once[name] += minor
        one_by_one.update({name[:place]: minor for place, sign in enumerate(name) if sign == ":"})
    for use in uses:
        found = sum([part.minor for part in use.parts])
        told, spread = at_once[use.promotion], one_by_one[use.promotion]
        if found not in {told, spread, told + spread}:
            where = f"{order.id}.promotion_uses.{use.promotion}"
            yield Notice("I17", where, f"its parts come to {found} minor units, and its reductions to {told or spread}")


def _audit_sums(order: Order) -> Iterator[Notice]:
    """Invariant I1: each figure is the sum of its parts, at both levels."""
    whole = order.marketplace_order
    own = [entry.totals for entry in whole.expenses]
    yield from _audit_sum(whole.id, whole.totals, [*(part.totals for part in order.merchant_orders), *own])
    for part in order.merchant_orders:
        below = [*(line.totals for line in part.lines), *(entry.totals for entry in part.expenses)]
        yield from _audit_sum(part.id, part.totals, below)


def _audit_sum(where: str, whole: Figures, parts: list[Figures]) -> Iterator[Notice]:
    if any(part.currency != whole.currency for part in parts):
        yield Notice("I1", where, f"it is in {whole.currency.code}, and some of its parts are not")
        return
    for figure, find in _FIGURES:
        total, parts_sum = find(whole), sum([find(part) for part in parts])
        if total != parts_sum:
            told, expected = (Money.from_minor(minor, whole.currency) for minor in (total, parts_sum))
            yield Notice("I1", f"{where}.{figure}", f"it is {told}, and its parts sum to {expected}")


def _audit_inputs(order: Order) -> Iterator[Notice]:
    """Invariants I1 and I2: what is stored is what the stored inputs come to."""
    try:
        totals = recompute_totals(order.marketplace_order, order.merchant_orders)
    except InvalidTotals as error:
        yield Notice("I2", order.id, f"its inputs cannot be computed with: {error.describe()}")
        return
    for part in order.merchant_orders:
        for line in part.lines:
            if totals.lines[line.key] != line.totals.as_placed():
                yield Notice("I2", f"{part.id}.lines.{line.key}", "its totals are not what its inputs come to")
        if totals.merchants[part.merchant] != part.totals.as_placed():
            yield Notice("I2", part.id, "its totals are not what its inputs come to")
    for entry in [*order.marketplace_order.expenses, *(one for part in order.merchant_orders for one in part.expenses)]:
        if totals.expenses[entry.expense.key] != entry.totals.as_placed():
            yield Notice("I2", f"{order.id}.expenses.{entry.expense.key}", "its totals are not what its inputs come to")
    if totals.order != order.totals.as_placed():
        yield Notice("I2", order.id, "its totals are not what its inputs come to")
