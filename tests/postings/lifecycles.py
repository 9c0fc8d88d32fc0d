"""Random lives of orders in the books: captured, shipped, canceled, refunded, kept back, paid out, sent back."""

from collections.abc import Mapping
from random import Random

import attrs

from mktcore.commissions import Commission
from mktcore.commissions.commission_rule import CommissionOn, Reversal
from mktcore.ledger import Transaction
from mktcore.money import Money
from mktcore.postings import OrderFunds, PieceCounts, Pool, find_figures
from mktcore.postings.payout_postings import (
    post_payout_declined,
    post_payout_paid,
    post_payout_returned,
    post_payout_sent,
    post_release,
    post_reserve,
    post_reserve_end,
)
from mktcore.postings.refund_postings import SaleReversal, post_chargeback, post_chargeback_lost, post_chargeback_won
from mktcore.postings.sale_postings import post_capture, post_fee_passed_on, post_gateway_fee
from postings.books import EUR, Books, make_commission

__all__ = ["run_lifecycle"]

MERCHANTS = ("acme", "bolt")


def run_lifecycle(seed: int) -> int:
    """Run one life, check it after every step, and return how many transactions it took.

    Raises:
        AssertionError: A floor was broken, books do not balance, or something was left of a sale that was given back.
    """
    life = _Life(Random(seed))  # noqa: S311 - a life, not a secret
    life.place()
    for _ in range(life.random.randint(4, 14)):
        life.step()
        life.check()
    life.end()
    life.check()
    life.check_nothing_is_left()
    return life.posted


class _Life:
    def __init__(self, random: Random) -> None:
        self.random, self.books, self.posted = random, Books(), 0
        self.funds, self.commissions = _make_sale(random)
        self.paid_out, self.passed_on = dict.fromkeys(MERCHANTS, 0), dict.fromkeys(MERCHANTS, 0)
        self.counts: Mapping[str, PieceCounts] = {
            pool.key: PieceCounts(open=pool.whole.pieces, earned=0, canceled=0)
            for pool in self.funds.pools
            if not pool.is_charge()
        }

    def post(self, transactions: tuple[Transaction, ...]) -> None:
        assert self.books.post(transactions) == (), "a floor was broken"
        self.posted += len(transactions)

    def follow(self, after: OrderFunds) -> None:
        self.posted += len(self.books.follow(self.funds, after, self.commissions))
        self.funds = after

    def place(self) -> None:
        paid = sum(pool.whole.paid for pool in self.funds.pools)
        first = self.random.randint(0, paid)
        for part in (first, paid - first):
            self.post(post_capture(self.books.name(), amount=_money(part), buyer="b1"))
        self.post(post_gateway_fee(self.books.name(), amount=_money(paid // 50)))

    def step(self) -> None:
        self.random.choice([self.move, self.move, self.refund, self.refund, self.dispute, self.settle, self.settle])()

    def move(self) -> None:
        line = self.random.choice(list(self.counts))
        counts = self.counts[line]
        pieces = self.random.randint(0, counts.open)
        to = self.random.choice(["earned", "earned", "canceled"])
        moved = attrs.evolve(counts, open=counts.open - pieces, **{to: getattr(counts, to) + pieces})
        self.move_to({**self.counts, line: moved})

    def move_to(self, counts: Mapping[str, PieceCounts]) -> None:
        self.follow(self.funds.follow(self.counts, counts))
        self.counts = counts

    def refund(self) -> None:
        merchant = self.random.choice(MERCHANTS)
        keys = [pool.key for pool in self.funds.pools if pool.merchant == merchant and pool.kept.paid]
        kept = sum(pool.kept.paid for pool in self.funds.get_pools(keys))
        if kept:
            amount = self.random.randint(1, kept)
            self.follow(self.funds.refund(self.funds.spread_refund(amount, keys)))

    def dispute(self) -> None:
        pools = [pool for pool in self.funds.pools if pool.kept.paid and pool.merchant is not None]
        if not pools:
            return
        pool = self.random.choice(pools)
        amount = self.random.randint(0, pool.kept.paid)
        lost = self.random.randint(0, amount)
        self.post(post_chargeback(self.books.name(), amount=_money(amount)))
        after = self.funds.refund({pool.key: lost})
        merchant = str(pool.merchant)
        step = find_figures(after, self.commissions)[merchant] - find_figures(self.funds, self.commissions)[merchant]
        position = self.books.find_position(merchant)
        self.post(post_chargeback_lost(self.books.name(), position, reversal=SaleReversal.of(step, EUR)))
        self.post(post_chargeback_won(self.books.name(), amount=_money(amount - lost)))
        self.funds = after

    def settle(self) -> None:
        merchant = self.random.choice(MERCHANTS)
        self.random.choice([self.release, self.reserve, self.pay, self.pass_on])(merchant)

    def release(self, merchant: str) -> None:
        position = self.books.find_position(merchant)
        self.post(post_release(self.books.name(), position, amount=_money(self.random.randint(0, position.pending))))

    def reserve(self, merchant: str) -> None:
        position = self.books.find_position(merchant)
        self.post(post_reserve(self.books.name(), position, amount=_money(self.random.randint(0, position.available))))
        if self.random.random() < 0.5:
            position = self.books.find_position(merchant)
            self.post(post_reserve_end(self.books.name(), position, amount=_money(position.reserve)))

    def pay(self, merchant: str) -> None:
        amount = _money(self.random.randint(0, self.books.find_position(merchant).available))
        self.post(post_payout_sent(self.books.name(), self.books.find_position(merchant), amount=amount))
        if self.random.random() < 0.3:
            self.post(post_payout_declined(self.books.name(), self.books.find_position(merchant), amount=amount))
            return
        self.post(post_payout_paid(self.books.name(), self.books.find_position(merchant), amount=amount))
        self.paid_out[merchant] += amount.minor
        if self.random.random() < 0.2:
            self.post(post_payout_returned(self.books.name(), self.books.find_position(merchant), amount=amount))
            self.paid_out[merchant] -= amount.minor

    def pass_on(self, merchant: str) -> None:
        fee = self.random.randint(0, 300)
        self.post(post_fee_passed_on(self.books.name(), self.books.find_position(merchant), amount=_money(fee)))
        self.passed_on[merchant] += fee

    def check(self) -> None:
        """Debits are credits, and each merchant has, or was paid, what it earned less what went back."""
        assert self.books.is_balanced()
        figures = find_figures(self.funds, self.commissions)
        for merchant in MERCHANTS:
            one, position = figures[merchant], self.books.find_position(merchant)
            earned = one.earned - one.earned_tax - one.refunded + one.refunded_tax + one.borne
            earned -= one.commission + one.commission_tax + self.passed_on[merchant]
            owned = position.pending + position.available + position.reserve - position.debt
            assert owned + self.paid_out[merchant] == earned

    def end(self) -> None:
        """Everything that is open is shipped or canceled, and everything that was shipped is given back."""
        to = self.random.choice(["earned", "canceled"])
        self.move_to({
            line: attrs.evolve(counts, open=0, **{to: getattr(counts, to) + counts.open})
            for line, counts in self.counts.items()
        })  # fmt: skip
        self.follow(self.funds.refund({pool.key: pool.kept.paid for pool in self.funds.pools}))

    def check_nothing_is_left(self) -> None:
        left = self.books.list_balances()
        kept = sum(
            entry.amount.minor + entry.tax.minor
            for entries in self.commissions.values()
            for entry in entries
            if entry.reversal is Reversal.KEEP
        )
        assert not {"promotion_cost", "sales_tax", "service_income", "order_funds"} & left.keys(), left
        fees = [Money.of(left.get(name, "0.00"), EUR).minor for name in ("commission_income", "own_vat")]
        assert sum(fees) == kept


def _make_sale(random: Random) -> tuple[OrderFunds, dict[str, tuple[Commission, ...]]]:
    # Each merchant has a line: no merchant's part of an order is without.
    sellers = [*MERCHANTS, *(random.choice(MERCHANTS) for _ in range(random.randint(0, 3)))]
    pools = [_make_pool(random, f"l{number}", merchant) for number, merchant in enumerate(sellers)]
    pools += [
        Pool.of(f"/freight-{merchant}", merchant, pieces=1, paid=random.randint(1, 900), tax=0, borne=0)
        for merchant in MERCHANTS
    ]
    pools += [Pool.of("/service", None, pieces=1, paid=119, tax=19, borne=0)]
    commissions = {merchant: tuple(_list_entries(random, merchant, pools)) for merchant in MERCHANTS}
    return OrderFunds("order-1", EUR, tuple(pools)), commissions


def _make_pool(random: Random, key: str, merchant: str) -> Pool:
    paid = random.choice([random.randint(1, 99), random.randint(100, 50_000)])
    tax = random.choice([0, paid // random.randint(5, 15)])
    borne = random.choice([0, random.randint(0, paid)])
    return Pool.of(key, merchant, pieces=random.randint(1, 6), paid=paid, tax=tax, borne=borne)


def _list_entries(random: Random, merchant: str, pools: list[Pool]) -> list[Commission]:
    lines = [pool.key for pool in pools if pool.merchant == merchant and not pool.is_charge()]
    entries = [
        attrs.evolve(
            make_commission(line, str(_money(fee).amount), str(_money(fee // 5).amount)),
            reversal=random.choice([Reversal.PROPORTIONAL, Reversal.PROPORTIONAL, Reversal.KEEP]),
        )
        for line in lines
        for fee in [random.randint(0, 900)]
    ]
    freight = make_commission(f"freight-{merchant}", str(_money(random.randint(0, 90)).amount))
    entries.append(attrs.evolve(freight, on=CommissionOn.FREIGHT, lines=()))
    if lines:
        whole = make_commission("", str(_money(random.randint(0, 200)).amount))
        entries.append(attrs.evolve(whole, on=CommissionOn.ORDER, lines=tuple(lines)))
    return entries


def _money(minor: int) -> Money:
    return Money.from_minor(minor, EUR)
