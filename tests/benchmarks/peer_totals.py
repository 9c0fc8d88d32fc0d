"""The everyday orders of `small_orders_floor` on two libraries of amounts, as a shop writes it with them.

    pip install prices py-moneyed

They know amounts and taxed amounts, and neither orders nor what becomes of a cent that is left: so they do less.
"""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from benchmarks.small_orders_floor import BareOrder

__all__ = ["bind_peers"]

CENT = Decimal("0.01")


def bind_peers(order: BareOrder) -> dict[str, Callable[[], int]]:
    """Return, by the name of each library that is installed, what computes an order and returns its total in cents."""
    found = {}
    for name, module, bind in (("prices", "prices", _bind_prices), ("py-moneyed", "moneyed", _bind_moneyed)):
        if find_spec(module) is not None:
            found[name] = bind(import_module(module), order)
    return found


def _bind_prices(prices: Any, order: BareOrder) -> Callable[[], int]:
    money, taxed, fixed = prices.Money, prices.TaxedMoney, prices.fixed_discount
    lines = [
        (
            line.seller,
            money(Decimal(line.price).scaleb(-2), "EUR"),
            line.quantity,
            _cents(line.reductions, money),
            line.rate,
        )
        for line in order.lines
    ]
    freight = [(seller, money(Decimal(amount).scaleb(-2), "EUR"), rate) for seller, amount, rate in order.freight]
    rates = {rate: Decimal(rate).scaleb(-4) for rate in (1900, 700)}
    nothing = taxed(money(Decimal(0), "EUR"), money(Decimal(0), "EUR"))

    def tax(net: Any, rate: int) -> Any:
        return taxed(net, net + money((net.amount * rates[rate]).quantize(CENT, ROUND_HALF_UP), "EUR"))

    def compute() -> int:
        sellers = [nothing] * order.sellers
        for seller, price, quantity, reductions, rate in lines:
            net = price * quantity
            for reduction in reductions:
                net = fixed(net, reduction)
            sellers[seller] += tax(net, rate)
        for seller, amount, rate in freight:
            sellers[seller] += tax(amount, rate)
        return int(sum(sellers, nothing).gross.amount * 100)

    return compute


def _bind_moneyed(moneyed: Any, order: BareOrder) -> Callable[[], int]:
    def money(amount: Decimal, _: str = "EUR") -> Any:
        return moneyed.Money(amount, moneyed.EUR)

    lines = [
        (line.seller, money(Decimal(line.price).scaleb(-2)), line.quantity, _cents(line.reductions, money), line.rate)
        for line in order.lines
    ]
    freight = [(seller, money(Decimal(amount).scaleb(-2)), rate) for seller, amount, rate in order.freight]
    rates = {rate: Decimal(rate).scaleb(-4) for rate in (1900, 700)}
    nothing = money(Decimal(0))

    def compute() -> int:
        net_of, tax_of = [nothing] * order.sellers, [nothing] * order.sellers
        for seller, price, quantity, reductions, rate in lines:
            net = price * quantity
            for reduction in reductions:
                net -= reduction
            net_of[seller] += net
            tax_of[seller] += money((net.amount * rates[rate]).quantize(CENT, ROUND_HALF_UP))
        for seller, amount, rate in freight:
            net_of[seller] += amount
            tax_of[seller] += money((amount.amount * rates[rate]).quantize(CENT, ROUND_HALF_UP))
        return int((sum(net_of, nothing) + sum(tax_of, nothing)).amount * 100)

    return compute


def _cents(amounts: tuple[int, ...], money: Callable[[Decimal, str], Any]) -> list[Any]:
    return [money(Decimal(amount).scaleb(-2), "EUR") for amount in amounts]
