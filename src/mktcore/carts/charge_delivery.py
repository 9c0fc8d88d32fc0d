"""What shipments to expect are charged: to whom each part belongs, and taxed by its method where it goes. Pure."""

from collections.abc import Callable, Mapping

from mktcore.carts.cart import Cart
from mktcore.carts.missed_thresholds import name_keys
from mktcore.delivery import DeliveryMethod, DeliveryPlan, ExpectedShipment
from mktcore.money import Money
from mktcore.totals import Expense, TaxRate

__all__ = ["charge_shipments", "find_delivered"]

FindRates = Callable[[DeliveryMethod, ExpectedShipment], tuple[TaxRate, ...]]


def charge_shipments(
    cart: Cart, plan: DeliveryPlan, methods: Mapping[str, DeliveryMethod], *, find_rates: FindRates
) -> tuple[Expense, ...]:
    """Return the charges of shipments: each merchant's part its own, or the marketplace's where that collects them.

    Args:
        cart: Whose own charges have taken some names.
        plan: What is going to travel.
        methods: Those that were chosen, by id.
        find_rates: Finds the taxes on what a shipment costs.
    """
    taken = {expense.key for expense in (*cart.shipping, *cart.expenses)}
    expenses: list[Expense] = []
    for shipment in plan.shipments:
        method = methods[shipment.method]
        rates = find_rates(method, shipment)
        for merchant, amount in _share(method, shipment).items():
            name = f"delivery-{shipment.key}" if merchant is None else f"delivery-{shipment.key}-{merchant}"
            key = next(key for key in name_keys(name) if key not in taken)
            taken.add(key)
            expenses.append(Expense(key, merchant=merchant, amount=amount, tax_rates=rates))
    return tuple(expenses)


def _share(method: DeliveryMethod, shipment: ExpectedShipment) -> dict[str | None, Money]:
    """Return whose what a shipment costs is: as its parts were apportioned to the lines."""
    shares: dict[str | None, Money] = {}
    for pieces in shipment.contents:
        owner = None if method.is_collected_by_operator else pieces.merchant
        shares[owner] = shares[owner] + pieces.cost if owner in shares else pieces.cost
    return shares


def find_delivered(plan: DeliveryPlan, sellers: Mapping[str, str]) -> frozenset[str]:
    """Return the merchants all of whose lines travel by methods: no fee is charged for those.

    Args:
        plan: What is going to travel.
        sellers: The merchant of each line that travels, by its key.
    """
    travelling = {pieces.line for shipment in plan.shipments for pieces in shipment.contents}
    left = {merchant for line, merchant in sellers.items() if line not in travelling}
    return frozenset(sellers.values()) - left if travelling else frozenset()
