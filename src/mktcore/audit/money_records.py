"""What the money of some orders is checked against, read together: pools, postings, and what is signed and ruled."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from mktcore.audit.commission_checks import audit_commissions
from mktcore.audit.money_checks import OrderBooks, audit_money
from mktcore.audit.order_records import OrderLook, OrderRecords, OrderRules
from mktcore.commissions import COMMISSION_RULES, CommissionRule
from mktcore.ledger import PostedTransaction
from mktcore.notice import Notice
from mktcore.orders import Order
from mktcore.orders.effects import POST_MONEY
from mktcore.parties import AGREEMENTS, Agreement
from mktcore.postings import ORDER_FUNDS, OrderFunds
from mktcore.store_inspection import Kept

__all__ = ["MoneyRecords", "check_money_records", "load_money"]


@attrs.frozen
class MoneyRecords:
    """What is kept of some orders' money.

    Attributes:
        funds: Their pools, by order.
        posted: What is posted of them, by order.
        agreements: Those of their merchants, of any time, by merchant.
        rules: The commission rules that took something of them, by id; as they are now.
    """

    funds: Mapping[str, OrderFunds]
    posted: Mapping[str, tuple[Kept[PostedTransaction], ...]]
    agreements: Mapping[str, tuple[Agreement, ...]]
    rules: Mapping[str, CommissionRule]

    def find_books(self, order: str) -> OrderBooks:
        """Return what is kept of one order's money."""
        kept = self.posted.get(order, ())
        faults = [one.problem for one in kept if one.value is None]
        posted = [one.value for one in kept if one.value is not None]
        return OrderBooks(self.funds.get(order), posted, fault=faults[0] if faults else None)


def load_money(look: OrderLook, orders: Iterable[Order]) -> MoneyRecords:
    """Return what is kept of the money of some orders, in a constant number of reads."""
    given = tuple(orders)
    parts = [part for order in given for part in order.merchant_orders]
    ids = [order.id for order in given]
    rules = {entry.rule for part in parts for entry in part.commissions or () if not entry.agreement}
    agreements: dict[str, list[Agreement]] = {}
    for kept in look.find_by(AGREEMENTS, "merchant", sorted({part.merchant for part in parts})):
        if kept.value is not None:
            agreements.setdefault(kept.value.merchant, []).append(kept.value)
    return MoneyRecords(
        _read(look.find_kept(ORDER_FUNDS, ids)),
        look.find_postings(ids),
        agreements={merchant: tuple(own) for merchant, own in agreements.items()},
        rules=_read(look.find_kept(COMMISSION_RULES, rules)),
    )


def _read(found: Mapping[str, Kept[Any]]) -> dict[str, Any]:
    """Return what could be read; the rest is told with all other records."""
    return {id_: kept.value for id_, kept in found.items() if kept.value is not None}


def check_money_records(
    order: Order, records: OrderRecords, money: MoneyRecords, *, rules: OrderRules
) -> Iterator[Notice]:
    """Yield a finding for everything about an order's commission and money that does not hold (I4, I8)."""
    yield from audit_commissions(order, money.agreements, money.rules)
    if POST_MONEY in rules.effects:
        steps = records.steps.get(order.id, ())
        yield from audit_money(order, money.find_books(order.id), rules.processes, steps=steps)
