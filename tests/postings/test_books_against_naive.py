"""Whatever happens to sales, refunds, disputes and payouts, in whatever order: the books are those kept on paper."""

from collections.abc import Callable, Iterable
from fractions import Fraction

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mktcore.commissions import Commission
from mktcore.ledger import Transaction
from mktcore.money import Money
from mktcore.postings import MerchantPosition, OrderFunds, Pool, find_figures
from mktcore.postings.payout_postings import (
    post_debt_paid,
    post_debt_written_off,
    post_payout_declined,
    post_payout_paid,
    post_payout_returned,
    post_payout_sent,
    post_release,
    post_reserve,
    post_reserve_end,
    post_sweep,
)
from mktcore.postings.refund_postings import (
    SaleReversal,
    post_chargeback,
    post_chargeback_lost,
    post_chargeback_won,
    post_goodwill,
    post_refund_executed,
)
from mktcore.postings.sale_postings import post_capture, post_fee_passed_on, post_gateway_fee
from postings.books import EUR, Books, make_commission
from postings.naive_books import NaiveBooks, NaiveSale

MERCHANTS = ("acme", "bolt")
BUYER = "buyer:b1"
SHARES = st.fractions(0, 1)


def money(minor: int) -> Money:
    return Money.from_minor(minor, EUR)


@attrs.define
class Sale:
    """A line in both books."""

    funds: OrderFunds
    naive: NaiveSale
    commissions: dict[str, tuple[Commission, ...]]
    disputed: int = 0


class BothBooks(RuleBasedStateMachine):
    """Every event is told to the library and to the paper; then all accounts are compared."""

    def __init__(self) -> None:
        super().__init__()
        self.books, self.naive, self.sales = Books(), NaiveBooks(), list[Sale]()
        self.paid_out = dict.fromkeys(MERCHANTS, 0)
        self.passed_on = dict.fromkeys(MERCHANTS, 0)

    def post(self, transactions: Iterable[Transaction]) -> None:
        assert self.books.post(transactions) == ()

    def follow(self, sale: Sale, after: OrderFunds) -> None:
        self.books.follow(sale.funds, after, sale.commissions)
        sale.funds = after

    def find_minor(self, merchant: str, name: str) -> int:
        minor = self.naive.find(f"merchant:{merchant}", name)
        return minor if name == "merchant_debt" else -minor

    @rule(data=st.data())
    def place(self, data: st.DataObject) -> None:
        merchant = data.draw(st.sampled_from(MERCHANTS))
        pieces, paid, borne = (
            data.draw(st.integers(1, 5)),
            data.draw(st.integers(0, 9_999)),
            data.draw(st.integers(0, 999)),
        )
        tax, fee, fee_tax = (data.draw(st.integers(0, most)) for most in (paid // 5, paid // 4 + 50, paid // 20))
        key = f"order-{len(self.sales) + 1}"
        pool = Pool.of("l1", merchant, pieces=pieces, paid=paid, tax=tax, borne=borne)
        entry = make_commission("l1", str(money(fee).amount), str(money(fee_tax).amount))
        naive = NaiveSale("l1", merchant, pieces, paid, borne, tax, fee, fee_tax)
        self.sales.append(Sale(OrderFunds(key, EUR, (pool,)), naive, {merchant: (entry,)}))
        self.post(post_capture(self.books.name(), amount=money(paid), buyer="b1"))
        self.naive.pay(BUYER, paid)

    def choose(self, data: st.DataObject) -> Sale:
        return data.draw(st.sampled_from(self.sales), label="sale")

    @precondition(lambda self: self.sales)
    @rule(data=st.data())
    def earn(self, data: st.DataObject) -> None:
        sale = self.choose(data)
        pieces = data.draw(st.integers(0, sale.naive.open[0]))
        self.follow(sale, attrs.evolve(sale.funds, pools=(sale.funds.pools[0].earn(pieces),)))
        self.naive.earn(sale.naive, pieces, BUYER)

    @precondition(lambda self: self.sales)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        sale = self.choose(data)
        pieces = data.draw(st.integers(0, sale.naive.open[0]))
        self.follow(sale, attrs.evolve(sale.funds, pools=(sale.funds.pools[0].cancel(pieces),)))
        self.naive.cancel(sale.naive, pieces, BUYER)

    @precondition(lambda self: self.sales)
    @rule(data=st.data())
    def refund(self, data: st.DataObject) -> None:
        sale = self.choose(data)
        amount = data.draw(st.integers(0, sale.naive.kept[1] - sale.disputed))
        self.follow(sale, sale.funds.refund({"l1": amount}))
        self.naive.refund(sale.naive, amount, ("operator", "clearing"))

    @precondition(lambda self: self.sales)
    @rule(data=st.data(), fee=st.integers(0, 2_000))
    def open_dispute(self, data: st.DataObject, fee: int) -> None:
        sale = self.choose(data)
        amount = data.draw(st.integers(0, sale.naive.kept[1] - sale.disputed))
        sale.disputed += amount
        self.post(post_chargeback(self.books.name(), amount=money(amount)))
        self.post(post_gateway_fee(self.books.name(), amount=money(fee)))
        self.naive.move(("operator", "disputes"), ("operator", "clearing"), amount)
        self.naive.move(("operator", "gateway_fees"), ("operator", "clearing"), fee)

    @precondition(lambda self: any(sale.disputed for sale in self.sales))
    @rule(data=st.data())
    def end_dispute(self, data: st.DataObject) -> None:
        sale = data.draw(st.sampled_from([sale for sale in self.sales if sale.disputed]))
        lost = data.draw(st.integers(0, sale.disputed))
        won, sale.disputed = sale.disputed - lost, 0
        after = sale.funds.refund({"l1": lost})
        merchant = sale.naive.merchant
        before, now = (find_figures(funds, sale.commissions)[merchant] for funds in (sale.funds, after))
        reversal = SaleReversal.of(now - before, EUR)
        self.post(post_chargeback_lost(self.books.name(), self.books.find_position(merchant), reversal=reversal))
        self.post(post_chargeback_won(self.books.name(), amount=money(won)))
        sale.funds = after
        self.naive.refund(sale.naive, lost, ("operator", "disputes"))
        self.naive.move(("operator", "clearing"), ("operator", "disputes"), won)

    @rule(merchant=st.sampled_from(MERCHANTS), fee=st.integers(0, 900))
    def pass_a_fee_on(self, merchant: str, fee: int) -> None:
        self.post(post_gateway_fee(self.books.name(), amount=money(fee)))
        self.post(post_fee_passed_on(self.books.name(), self.books.find_position(merchant), amount=money(fee)))
        self.naive.move(("operator", "gateway_fees"), ("operator", "clearing"), fee)
        self.naive.take(merchant, fee, ("operator", "gateway_fees"))
        self.passed_on[merchant] += fee

    @rule(merchant=st.sampled_from(MERCHANTS), part=SHARES, step=st.integers(0, 3))
    def move_funds(self, merchant: str, part: Fraction, step: int) -> None:
        moves: list[tuple[str, str, Callable[..., tuple[Transaction, ...]]]] = [
            ("pending", "available", post_release),
            ("available", "reserve", post_reserve),
            ("reserve", "available", post_reserve_end),
            ("available", "in_transit", post_payout_sent),
        ]
        source, target, post = moves[step]
        amount = int(self.find_minor(merchant, source) * part)
        self.post(post(self.books.name(), MerchantPosition(merchant, EUR), amount=money(amount)))
        owner = f"merchant:{merchant}"
        self.naive.move((owner, source), (owner, target), amount)

    @rule(merchant=st.sampled_from(MERCHANTS), end=st.sampled_from(["paid", "declined", "returned"]))
    def end_payout(self, merchant: str, end: str) -> None:
        amount, owner = self.find_minor(merchant, "in_transit"), f"merchant:{merchant}"
        if end == "declined":
            self.post(post_payout_declined(self.books.name(), self.books.find_position(merchant), amount=money(amount)))
            self.naive.give(merchant, amount, "available", (owner, "in_transit"))
            return
        self.post(post_payout_paid(self.books.name(), MerchantPosition(merchant, EUR), amount=money(amount)))
        self.naive.move((owner, "in_transit"), ("operator", "bank"), amount)
        self.paid_out[merchant] += amount
        if end == "returned":
            self.post(post_payout_returned(self.books.name(), self.books.find_position(merchant), amount=money(amount)))
            self.naive.give(merchant, amount, "available", ("operator", "bank"))
            self.paid_out[merchant] -= amount

    @rule(merchant=st.sampled_from(MERCHANTS), part=SHARES, is_paid=st.booleans())
    def end_debt(self, merchant: str, part: Fraction, is_paid: bool) -> None:
        amount = int(self.find_minor(merchant, "merchant_debt") * part)
        post, account = (post_debt_paid, "bank") if is_paid else (post_debt_written_off, "losses")
        self.post(post(self.books.name(), MerchantPosition(merchant, EUR), amount=money(amount)))
        self.naive.move(("operator", account), (f"merchant:{merchant}", "merchant_debt"), amount)
        self.paid_out[merchant] -= amount

    @rule(amount=st.integers(0, 500))
    def give_goodwill(self, amount: int) -> None:
        self.post(post_goodwill(self.books.name(), amount=money(amount), buyer="b1"))
        self.post(post_refund_executed(self.books.name(), amount=money(amount), buyer="b1"))
        self.naive.move(("operator", "losses"), ("operator", "clearing"), amount)

    @rule(amount=st.integers(0, 5_000))
    def sweep(self, amount: int) -> None:
        self.post(post_sweep(self.books.name(), amount=money(amount)))
        self.naive.move(("operator", "bank"), ("operator", "clearing"), amount)

    @invariant()
    def every_account_is_what_the_paper_says(self) -> None:
        with self.books.store.begin(self.books.scope) as unit:
            entries = unit.ledger.page_entries(limit=10_000)
        found: dict[str, int] = {}
        for entry in entries.items:
            name = f"{entry.account.owner}/{entry.account.name}"
            found[name] = found.get(name, 0) + entry.amount.minor
        assert {name: Money.from_minor(minor, EUR) for name, minor in found.items() if minor} == self.naive.show()

    @invariant()
    def debits_are_credits_and_no_floor_is_broken(self) -> None:
        assert self.books.is_balanced()
        assert all(
            self.find_minor(merchant, name) >= 0
            for merchant in MERCHANTS
            for name in ("pending", "available", "reserve", "in_transit", "merchant_debt")
        )

    @invariant()
    def merchants_have_what_they_earned(self) -> None:
        for merchant in MERCHANTS:
            owned = sum(self.find_minor(merchant, name) for name in ("pending", "available", "reserve", "in_transit"))
            sales = [sale.naive for sale in self.sales if sale.naive.merchant == merchant]
            earned = sum(
                sale.kept[1] - sale.kept[2] + sale.find_booked("borne") - sum(map(sale.find_booked, ("fee", "fee_tax")))
                for sale in sales
            )
            debt = self.find_minor(merchant, "merchant_debt")
            assert owned + self.paid_out[merchant] - debt == earned - self.passed_on[merchant]

    def teardown(self) -> None:
        """When all that was sold is given back, nothing of commission, promotions and tax is left (invariant I8)."""
        for sale in self.sales:
            self.follow(sale, attrs.evolve(sale.funds, pools=(sale.funds.pools[0].cancel(sale.naive.open[0]),)))
            self.follow(sale, sale.funds.refund({"l1": sale.funds.pools[0].kept.paid}))
        free = [sale for sale in self.sales if not sale.naive.base]
        if not free:
            left = self.books.list_balances()
            assert {"commission_income", "promotion_cost", "sales_tax", "own_vat", "order_funds"} & left.keys() == set()


BothBooks.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestBothBooks = pytest.mark.slow(BothBooks.TestCase)
