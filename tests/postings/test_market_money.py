"""The money of a market's orders: what placing, shipping and canceling leave in the books, on every store."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import attrs
import pytest

from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.adapters.memory import MemoryStore
from mktcore.carts import Cart, CartLine
from mktcore.commissions import (
    CommissionOn,
    CommissionRule,
    FeeTaxPolicy,
    Fixed,
    Per,
    Percentage,
    Reversal,
    Tier,
    Tiers,
)
from mktcore.commissions.commission_policy import CommissionPolicy
from mktcore.ledger import Account, Funds, Leg, Transaction
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.orders import Order
from mktcore.orders.errors import FundsMissing
from mktcore.persistence import Scope
from mktcore.ports import KINDS
from mktcore.testing.fakes import CountingIds, ManualClock

FILES = TWO_MERCHANTS | {
    "tax_rates.csv": "tax_category,name,rate,owner\ngoods,VAT,0.19,\nstate,CA state,0.0825,marketplace\n",
    "skus.csv": "sku,name,tax_category\nlens,Lens,goods\ncap,Cap,goods\nbook,Book,\nmug,Mug,state\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock\nlens,acme,lens,349.99,99\ncap,acme,cap,2.49,99\n"
        "book,bolt,book,29.04,999\nmug,bolt,mug,108.25,99\n"
    ),
    "shipping_fees.csv": "merchant,fee,free_from,tax_category\nacme,4.90,500.00,goods\n",
}
BACKENDS = ["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]


@pytest.fixture(params=BACKENDS)
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, ManualClock(NOON), FILES) as opened:
        yield opened


def place(market: Marketplace, lines: Mapping[str, int], cart: str = "cart-1") -> Order:
    wanted = [CartLine(offer, offer, quantity, offer=offer) for offer, quantity in lines.items()]
    return market.place(Cart.of(cart, buyer="b1", lines=wanted), key=cart, scope=market.as_operator())


def fire(market: Marketplace, part: str, event: str, lines: Mapping[str, int] | None = None) -> None:
    market.fire(part, event, key=CALLS.new_id("call"), scope=market.as_operator(), lines=lines)


CALLS = CountingIds()


def find_balances(market: Marketplace) -> dict[str, str]:
    rows = market.ledger.trial_balance(scope=market.as_operator()).rows
    return {row.name: str(row.balance.amount) for row in rows if not row.balance.is_zero()}


def post(market: Marketplace, debit: Account, credit: Account, amount: str) -> None:
    money = Money.of(amount, "EUR")
    legs = [Leg.debit(debit, money), Leg.credit(credit, money)]
    transaction = Transaction(CALLS.new_id("by-hand"), "by-hand", legs, effective_at=NOON, cause="by-hand")
    assert market.ledger.post(transaction, scope=market.as_operator()) == ()


def test_commission_by_bands_is_frozen_by_line_and_its_tax_is_theirs_summed(tmp_path: Path) -> None:
    # 15/10/5 % at 0/100/500 of what is net, at least 0.50 a line: 59.41 and 0.50; 19 % on each of them, 11.29 + 0.10.
    policy = CommissionPolicy(fee_tax=FeeTaxPolicy("DE", Decimal("0.19")))
    bands = [("0", "0.15"), ("100", "0.10"), ("500", "0.05")]
    tiers = Tiers([Tier(Money.of(start, "EUR"), Decimal(rate)) for start, rate in bands])
    market = Marketplace.in_memory("EUR", commissions=policy)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    market.load(tmp_path)
    rule = CommissionRule("bands", tiers, floor=Money.of("0.50", "EUR"))
    market.commissions.save_rule(rule, scope=market.as_operator())
    order = place(market, {"lens": 2, "cap": 1})
    [part] = order.merchant_orders
    assert [(str(one.base), str(one.amount), str(one.tax)) for one in part.commissions or ()] == [
        ("588.22 EUR", "59.41 EUR", "11.29 EUR"),
        ("2.09 EUR", "0.50 EUR", "0.10 EUR"),
    ]
    fire(market, part.id, "ship")
    assert find_balances(market) == {
        "clearing": "702.47",
        "own_vat": "11.39",
        "commission_income": "59.91",
        "pending": "631.17",
    }
    assert market.verify() == ()


def test_tax_that_the_marketplace_owes_is_kept_out_of_what_is_payable(market: Marketplace) -> None:
    part = place(market, {"mug": 2}).merchant_orders[0].id
    fire(market, part, "ship", {"mug": 1})
    assert find_balances(market) == {
        "clearing": "216.50",
        "sales_tax": "8.25",
        "pending": "100.00",
        "order_funds": "108.25",
    }
    fire(market, part, "cancel by merchant")
    assert find_balances(market) == {"clearing": "108.25", "sales_tax": "8.25", "pending": "100.00"}
    assert market.verify() == ()


def test_freight_is_earned_with_the_first_piece_and_goes_back_with_the_last(market: Marketplace) -> None:
    first, second = (place(market, {"cap": 2}, f"cart-{number}").merchant_orders[0].id for number in (1, 2))
    fire(market, first, "ship", {"cap": 1})
    assert find_balances(market)["pending"] == "7.39"
    fire(market, first, "cancel by merchant")
    assert find_balances(market)["pending"] == "7.39"
    fire(market, second, "cancel by merchant", {"cap": 1})
    assert find_balances(market)["order_funds"] == "7.39"
    fire(market, second, "cancel by merchant")
    assert find_balances(market) == {"clearing": "7.39", "pending": "7.39"}
    assert market.verify() == ()


def test_what_a_merchant_earns_settles_its_debt_first(market: Marketplace) -> None:
    debt, bank = Account("merchant:bolt", "merchant_debt", "EUR"), Account("operator", "bank", "EUR")
    post(market, debt, bank, "20.00")
    fire(market, place(market, {"book": 1}).merchant_orders[0].id, "ship")
    balances = find_balances(market)
    assert ("merchant_debt" in balances, balances["pending"]) == (False, "9.04")
    assert market.verify() == ()


def test_commission_is_taken_of_what_can_be_paid_out_where_nothing_is_pending(market: Marketplace) -> None:
    fixed = CommissionRule("all", Percentage(Decimal(1)), merchant="bolt")
    market.commissions.save_rule(fixed, scope=market.as_operator())
    debt, bank = Account("merchant:bolt", "merchant_debt", "EUR"), Account("operator", "bank", "EUR")
    post(market, debt, bank, "29.04")
    post(market, bank, Account("merchant:bolt", "available", "EUR"), "10.00")
    fire(market, place(market, {"book": 1}).merchant_orders[0].id, "ship")
    balances = find_balances(market)
    assert (balances["commission_income"], balances["merchant_debt"]) == ("29.04", "19.04")
    assert "available" not in balances
    assert market.verify() == ()


def test_the_buyer_reads_its_own_accounts_and_no_merchants(market: Marketplace) -> None:
    place(market, {"book": 1})
    funds, buyer = Account("buyer:b1", "order_funds", "EUR"), market.as_buyer("b1")
    assert str(market.ledger.balance(funds, scope=buyer)) == "29.04 EUR"
    assert [entry.kind for entry in market.ledger.page_entries(scope=buyer).items] == ["capture"]
    assert market.ledger.page_entries(scope=market.as_merchant("bolt")).items == ()


def test_the_same_call_again_posts_nothing(market: Marketplace) -> None:
    part = place(market, {"book": 2}).merchant_orders[0].id
    for _ in range(2):
        market.fire(part, "ship", key="once", scope=market.as_operator(), lines={"book": 1})
    assert find_balances(market)["pending"] == "29.04"


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (3, 4, 5))])
def test_whatever_is_shipped_and_canceled_the_books_close(market: Marketplace, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a life, not a secret
    offers = {"lens": "acme", "cap": "acme", "book": "bolt", "mug": "bolt"}
    per_piece, whole = Fixed(Money.of("0.01", "EUR")), Fixed(Money.of("0.35", "EUR"), per=Per.ORDER)
    for rule in (
        CommissionRule("rate", Percentage(Decimal("0.137"))),
        CommissionRule("piece", per_piece, group="piece"),
        CommissionRule("whole", whole, group="whole"),
        CommissionRule("freight", Percentage(Decimal("0.05")), group="freight", on=CommissionOn.FREIGHT),
        CommissionRule("kept", Percentage(Decimal("0.011")), group="kept", reversal=Reversal.KEEP),
    ):
        market.commissions.save_rule(rule, scope=market.as_operator())
    left: dict[str, dict[str, int]] = {}
    for number in range(4):
        chosen = random.sample(sorted(offers), random.randint(1, 4))
        order = place(market, {offer: random.randint(1, 4) for offer in chosen}, f"cart-{number}")
        left |= {part.id: {line.key: line.quantity for line in part.lines} for part in order.merchant_orders}
    while left:
        part = random.choice(sorted(left))
        line = random.choice(sorted(left[part]))
        pieces = random.randint(1, left[part][line])
        fire(market, part, random.choice(["ship", "ship", "cancel by merchant"]), {line: pieces})
        left[part][line] -= pieces
        left = {id_: kept for id_, lines in left.items() if (kept := {key: n for key, n in lines.items() if n})}
    balances = find_balances(market)
    assert balances.keys() <= {"clearing", "pending", "sales_tax", "commission_income", "merchant_debt"}
    parts = market.orders.merchant_orders.page(scope=market.as_operator()).items
    taken = Money.sum([part.commission for part in parts if part.commission is not None])
    assert balances.get("commission_income", "0.00") == str(taken.amount)
    assert market.verify() == ()


class StaleOnce:
    """A store in memory whose first reading of funds is one that somebody overtook."""

    def __init__(self, change: Callable[[Funds], Funds]) -> None:
        self.inner, self.change, self.is_stale = MemoryStore(KINDS), change, False

    @contextmanager
    def begin(self, scope: Scope) -> Iterator[Any]:
        with self.inner.begin(scope) as unit:
            yield _Part(unit, self)

    def read(self, found: dict[Account, Funds]) -> dict[Account, Funds]:
        if not self.is_stale or not found:
            return found
        self.is_stale = False
        return {account: self.change(funds) for account, funds in found.items()}


class _Part:
    def __init__(self, target: Any, store: StaleOnce) -> None:
        self._target, self._store = target, store

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if name == "ledger":
            return _Part(found, self._store)
        if name == "find_funds":
            return lambda accounts: self._store.read(found(accounts))
        return found


def owe_more(funds: Funds) -> Funds:
    return attrs.evolve(funds, balance=Money.of("5.00", "EUR")) if funds.account.name == "merchant_debt" else funds


def test_a_debt_that_was_paid_meanwhile_is_not_settled_twice(tmp_path: Path) -> None:
    store = StaleOnce(owe_more)
    market = Marketplace(store, "EUR", clock=ManualClock(NOON), ids=CountingIds())
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    market.load(tmp_path)
    part = place(market, {"book": 1}).merchant_orders[0].id
    store.is_stale = True
    fire(market, part, "ship")
    assert find_balances(market)["pending"] == "29.04"
    assert market.verify() == ()


def test_money_that_is_not_there_is_refused_and_nothing_moves(market: Marketplace) -> None:
    part = place(market, {"book": 1}).merchant_orders[0].id
    post(market, Account("buyer:b1", "order_funds", "EUR"), Account("operator", "bank", "EUR"), "29.04")
    with pytest.raises(FundsMissing, match=r"buyer:b1/order_funds/EUR has 0\.00 EUR, not 29\.04 EUR"):
        fire(market, part, "ship")
    assert market.orders.get_merchant_order(part, scope=market.as_operator()).states == {"book": {"new": 1}}


def test_figures_of_every_party_follow_what_is_canceled(market: Marketplace) -> None:
    order = place(market, {"lens": 2, "mug": 2})
    acme, bolt = (part.id for part in order.merchant_orders)
    fire(market, bolt, "ship", {"mug": 1})
    fire(market, bolt, "cancel by merchant")
    part = market.orders.get_merchant_order(bolt, scope=market.as_merchant("bolt"))
    assert (str(part.totals.canceled_total), str(part.totals.canceled_tax_total)) == ("108.25 EUR", "8.25 EUR")
    assert (str(part.totals.grand_total), str(part.totals.tax_total)) == ("108.25 EUR", "8.25 EUR")
    assert part.explain("lines.mug.canceled_total").value == "108.25 EUR"
    fire(market, acme, "cancel by merchant")
    for scope in (market.as_buyer("b1"), market.as_operator()):
        seen = market.orders.get(order.id, scope=scope)
        assert (str(seen.totals.canceled_total), str(seen.totals.grand_total)) == ("808.23 EUR", "108.25 EUR")
        assert seen.totals.as_placed().grand_total == order.totals.grand_total
        assert seen.explain("order.canceled_total").value == "808.23 EUR"
    assert market.verify() == ()
