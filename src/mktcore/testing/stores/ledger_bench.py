"""What clauses about the ledger share: accounts of their own, and transactions between them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mktcore.ledger import Account, Hold, Leg, Shortfall, Transaction
from mktcore.money import Money
from mktcore.testing.stores.samples import AT
from mktcore.testing.stores.store_bench import Bench, CheckedUnit

__all__ = ["LedgerBench", "to_euros"]


def to_euros(minor: int) -> Money:
    """Return an amount in cents."""
    return Money.from_minor(minor, "EUR")


class LedgerBench:
    """The books of one clause.

    Attributes:
        bench: What the clause works with.
        clearing: The operator's; every clause moves it, so none asks for its balance.
        available, pending: Of the merchant acme; they have a floor.
        theirs: Of the merchant bolt.
        debt: Of the buyer ann; it has a ceiling.
        funds: Of the buyer ann.
    """

    def __init__(self, bench: Bench) -> None:
        """Name accounts that no other clause uses."""
        self.bench = bench
        self.clearing = Account(Account.OPERATOR, "clearing", "EUR")
        self.available = Account(str(bench.acme), "available", "EUR")
        self.pending = Account(str(bench.acme), "pending", "EUR")
        self.theirs = Account(str(bench.bolt), "available", "EUR")
        self.debt = Account(str(bench.ann), "buyer_debt", "EUR")
        self.funds = Account(str(bench.ann), "order_funds", "EUR")

    def move(self, name: object, amount: int, debit: Account, *, credit: Account, **changes: Any) -> Transaction:
        """Return a transaction of an amount in cents."""
        money = to_euros(amount)
        given = {"effective_at": AT, "cause": self.bench.id("order"), **changes}
        kind = given.pop("kind", "capture")
        return Transaction(self.bench.id(name), kind, [Leg.debit(debit, money), Leg.credit(credit, money)], **given)

    def give(self, name: object, amount: int, **changes: Any) -> Transaction:
        """Return a transaction that raises what the merchant acme has available."""
        return self.move(name, amount, self.clearing, credit=self.available, **changes)

    def take(self, name: object, amount: int, **changes: Any) -> Transaction:
        """Return a transaction that lowers it."""
        return self.move(name, amount, self.available, credit=self.clearing, **changes)

    def held(self, name: object, amount: int, **changes: Any) -> Hold:
        """Return a hold on it."""
        return Hold(self.bench.id(name), self.available, self.clearing, amount=to_euros(amount), **changes)

    def post(self, *transactions: Transaction, at: datetime = AT) -> tuple[Shortfall, ...]:
        """Post, and commit."""
        return self.bench.do(lambda unit: unit.ledger.post(transactions, at=at))

    def hold(self, *holds: Hold) -> tuple[Shortfall, ...]:
        """Hold, and commit."""
        return self.bench.do(lambda unit: unit.ledger.hold(holds, at=AT))

    def settle(self, hold: object, transaction: Transaction) -> None:
        """Settle, and commit."""
        self.bench.do(lambda unit: unit.ledger.settle(self.bench.id(hold), transaction, at=AT))

    def void(self, *names: object) -> tuple[str, ...]:
        """Void, and commit."""
        ids = [self.bench.id(name) for name in names]
        return self.bench.do(lambda unit: unit.ledger.void(ids, at=AT))

    def limit(self, account: Account, minor: int) -> None:
        """Set a limit, and commit."""
        limits: Mapping[Account, Money] = {account: to_euros(minor)}
        self.bench.do(lambda unit: unit.ledger.set_limits(limits))

    def balance(self, account: Account | None = None, *, at: datetime | None = None) -> int:
        """Return a balance in cents, as another unit sees it."""
        wanted = account or self.available
        return self.bench.look(lambda unit: read_balance(unit, wanted, at))

    def room(self, account: Account | None = None) -> int | None:
        """Return what may still be taken, in cents."""
        wanted = account or self.available
        found = self.bench.look(lambda unit: unit.ledger.find_funds([wanted]))[wanted].available
        return None if found is None else found.minor

    def short(self, account: Account, available: int, asked: int) -> Shortfall:
        """Return a shortfall in cents."""
        return Shortfall(account, to_euros(available), to_euros(asked))


def read_balance(unit: CheckedUnit, account: Account, at: datetime | None = None) -> int:
    """Return a balance in cents."""
    return unit.ledger.balances([account], at=at)[account].minor
