"""Verifying the commission and the money of every order of a live store, page by page (I4, I8)."""

from collections.abc import Iterable

from mktcore.audit.commission_checks import audit_commissions
from mktcore.audit.money_checks import OrderBooks, audit_money
from mktcore.errors import MktcoreError, Notice
from mktcore.orders import MARKETPLACE_ORDERS, MERCHANT_ORDERS, MerchantOrder, Order, OrderProcesses
from mktcore.orders.history import ORDER_STEPS, OrderStep
from mktcore.parties import AGREEMENTS, Agreement
from mktcore.persistence import Scope, Store
from mktcore.postings import ORDER_FUNDS
from mktcore.stock import MarketUnit

__all__ = ["verify_money"]

_PAGE = 100
"""Orders in one unit: few enough that a live store is not held up, many enough that round trips do not count."""


def verify_money(
    store: Store[MarketUnit],
    processes: OrderProcesses,
    *,
    is_posted: bool = True,
) -> tuple[Notice, ...]:
    """Return a finding for everything about an order's commission and money that does not hold; empty when all is well.

    Orders are read in pages, each in a unit of its own, so a live store is not held up and memory stays constant.

    Args:
        store: The store, audited as the operator.
        processes: The processes that orders are on.
        is_posted: The money of orders is posted: the effect that does so is among those of the marketplace.
    """
    findings: list[Notice] = []
    after = ""
    while True:
        with store.begin(Scope.operator()) as unit:
            page = unit.repository(MARKETPLACE_ORDERS).page(after=after or None, limit=_PAGE)
            parts = unit.repository(MERCHANT_ORDERS).find_many(
                [id_ for order in page.items for id_ in order.merchant_order_ids]
            )
            subjects = [*(order.id for order in page.items), *parts]
            agreements = _read_agreements(unit, parts.values())
            books = _read_books(unit, [order.id for order in page.items])
            steps = _group_steps(unit.repository(ORDER_STEPS).find_where("subject", subjects))
        for whole in page.items:
            order = Order(whole, tuple(parts[id_] for id_ in whole.merchant_order_ids if id_ in parts))
            findings.extend(audit_commissions(order, agreements))
            if is_posted:
                findings.extend(audit_money(order, books[order.id], processes, steps=steps.get(order.id, ())))
        if page.next is None:
            return tuple(findings)
        after = page.next


def _read_agreements(unit: MarketUnit, parts: Iterable[MerchantOrder]) -> dict[str, list[Agreement]]:
    found: dict[str, list[Agreement]] = {}
    for agreement in unit.repository(AGREEMENTS).find_where("merchant", sorted({part.merchant for part in parts})):
        found.setdefault(agreement.merchant, []).append(agreement)
    return found


def _read_books(unit: MarketUnit, orders: list[str]) -> dict[str, OrderBooks]:
    funds = unit.repository(ORDER_FUNDS).find_many(orders)
    try:
        posted = unit.ledger.find_transactions_of(orders)
    except MktcoreError as error:
        if len(orders) == 1:
            return {orders[0]: OrderBooks(funds.get(orders[0]), fault=str(error)[:300])}
        # One that was damaged must not hide what is wrong with the others.
        return {order: books for one in orders for order, books in _read_books(unit, [one]).items()}
    return {order: OrderBooks(funds.get(order), posted.get(order, ())) for order in orders}


def _group_steps(steps: Iterable[OrderStep]) -> dict[str, list[OrderStep]]:
    """Return the steps of each order, in order: they are read in the order of their ids."""
    grouped: dict[str, list[OrderStep]] = {}
    for step in steps:
        grouped.setdefault(step.subject, []).append(step)
    return grouped
