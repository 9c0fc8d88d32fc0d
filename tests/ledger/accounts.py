"""Accounts and transactions that the tests of this room share."""

from datetime import UTC, datetime
from typing import Any

from mktcore.ledger import Account, Leg, Transaction
from mktcore.money import Money

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CLEARING = Account("operator", "clearing", "EUR")
COMMISSION = Account("operator", "commission_income", "EUR")
AVAILABLE = Account("merchant:acme", "available", "EUR")
THEIRS = Account("merchant:bolt", "available", "EUR")
PREPAID = Account("buyer:b1", "prepaid", "EUR")
FUNDS = Account("buyer:b1", "order_funds", "EUR")
DEBT = Account("buyer:b1", "buyer_debt", "EUR")


def euros(amount: str) -> Money:
    return Money.of(amount, "EUR")


def move(key: str, amount: str, debit: Account, *, credit: Account, **changes: Any) -> Transaction:
    given = {"kind": "capture", "effective_at": NOON, "cause": "order-1", **changes}
    kind = given.pop("kind")
    return Transaction(key, kind, [Leg.debit(debit, euros(amount)), Leg.credit(credit, euros(amount))], **given)
