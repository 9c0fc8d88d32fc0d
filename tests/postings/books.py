"""Books on a store in memory, for figures that one reads as one would read a statement."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from mktcore.adapters.memory import MemoryStore
from mktcore.commissions import Commission
from mktcore.ledger import Account, Shortfall, Transaction
from mktcore.money import Currency, Money
from mktcore.persistence import Scope
from mktcore.ports import KINDS
from mktcore.postings import MerchantPosition, Occasion, OrderFunds, SaleBooks, post_order_event
from mktcore.postings.merchant_position import list_position_accounts

__all__ = ["EUR", "NOON", "Books", "make_commission"]

EUR = Currency.of("EUR")
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


class Books:
    """A ledger, with its events numbered."""

    def __init__(self) -> None:
        self.store = MemoryStore(KINDS)
        self.number = 0
        self.scope = Scope.operator()

    def name(self, cause: str = "order-1") -> Occasion:
        self.number += 1
        return Occasion(f"event-{self.number}", NOON + timedelta(seconds=self.number), cause)

    def post(self, transactions: Iterable[Transaction]) -> tuple[Shortfall, ...]:
        with self.store.begin(Scope.operator()) as unit:
            short = unit.ledger.post(tuple(transactions), at=NOON)
            if not short:
                unit.commit()
        return short

    def find_position(self, merchant: str = "acme", currency: Currency = EUR) -> MerchantPosition:
        with self.store.begin(Scope.operator()) as unit:
            funds = unit.ledger.find_funds(list_position_accounts(merchant, currency))
        return MerchantPosition.of(merchant, currency, funds)

    def follow(
        self, before: OrderFunds, after: OrderFunds, commissions: Mapping[str, tuple[Commission, ...]]
    ) -> tuple[Transaction, ...]:
        positions = {merchant: self.find_position(merchant, before.currency) for merchant in commissions}
        books = SaleBooks("b1", commissions, positions)
        transactions = post_order_event(self.name(before.id), before, after, books=books)
        assert self.post(transactions) == ()
        return transactions

    def find(self, name: str, owner: str | None = None) -> str:
        """Return the balance of an account as people write it: "112.95"."""
        account = Account(owner or "operator", name, EUR)
        with self.store.begin(Scope.operator()) as unit:
            return str(unit.ledger.balances([account])[account].amount)

    def list_balances(self) -> dict[str, str]:
        """Return what is not zero, by name, all owners together."""
        with self.store.begin(Scope.operator()) as unit:
            rows = unit.ledger.trial_balance().rows
        return {row.name: str(row.balance.amount) for row in rows if not row.balance.is_zero()}

    def is_balanced(self) -> bool:
        with self.store.begin(Scope.operator()) as unit:
            differences = unit.ledger.trial_balance().differences
        return all(difference.is_zero() for difference in differences.values())


def make_commission(line: str, amount: str, tax: str = "0.00") -> Commission:
    """Return a frozen entry of a line."""
    return Commission(
        line,
        "all",
        group="sale",
        base=Money.of("0.00", "EUR"),
        amount=Money.of(amount, "EUR"),
        tax=Money.of(tax, "EUR"),
        reason="as agreed",
    )
