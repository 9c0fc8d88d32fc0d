"""Whether the shipments that an order expects hold what it is made of, each piece at most once (invariant I2). Pure."""

from collections import Counter
from collections.abc import Iterator

from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.orders import Order

__all__ = ["check_expected"]


def check_expected(order: Order) -> Iterator[Notice]:
    """Yield a finding for pieces that no line has, lines that are expected in part, and costs that nobody charged."""
    costs = []
    for part in order.merchant_orders:
        held: Counter[str] = Counter()
        for shipment in part.expected:
            for pieces in shipment.contents:
                held[pieces.line] += pieces.quantity
                costs.append(pieces.cost)
                if pieces.merchant != part.merchant or pieces.cost.is_negative():
                    yield Notice("I2", f"{part.id}.expected.{shipment.key}", f"line {pieces.line} is not its own")
        ordered = {line.key: line.quantity for line in part.lines}
        for line, quantity in held.items():
            if ordered.get(line) != quantity:
                message = f"line {line} has {ordered.get(line, 0)} pieces, and {quantity} are expected"
                yield Notice("I2", f"{part.id}.expected", message)
    if costs:
        yield from _check_costs(order, Money.sum(costs))


def _check_costs(order: Order, told: Money) -> Iterator[Notice]:
    expenses = [*order.marketplace_order.expenses, *(one for part in order.merchant_orders for one in part.expenses)]
    charged = Money.sum([Money.zero(told.currency), *(one.expense.amount for one in expenses)])
    if told > charged:
        yield Notice("I2", f"{order.id}.expected", f"shipments cost {told}, and all charges come to {charged}")
