"""A year and more of a real marketplace's orders in the books: commission by price band and by the seller's state.

The judge reads the same file and adds up by itself, in fractions.
"""

import csv
import gzip
import os
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from pathlib import Path
from time import perf_counter

import attrs
import pytest

from markets import TWO_MERCHANTS, open_market
from mktcore.commissions import AmountBand, CommissionLine, CommissionRule, Percentage, SaleFilter
from mktcore.commissions.commission_book import CommissionBook
from mktcore.commissions.commissionable_line import SaleFacts
from mktcore.ledger import Account, Transaction
from mktcore.marketplace import Marketplace
from mktcore.money import Currency, Money
from mktcore.postings import (
    Occasion,
    OrderFunds,
    PieceCounts,
    Pool,
    SaleBooks,
    post_order_event,
    post_placement,
    to_charge_key,
)
from mktcore.testing.fakes import ManualClock

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("MKTCORE_SHARED_DATA", ROOT.parent / "shared" / "data")) / "olist"
BRL = Currency.of("BRL")
CENT = Decimal("0.01")
RATES = {"low": "0.18", "middle": "0.14", "high": "0.10"}
NEAR = ("SP", "RJ", "MG")


def make_rule(name: str, rate: str, where: SaleFilter, group: str = "sale") -> CommissionRule:
    return CommissionRule(name, Percentage(Decimal(rate)), group=group, where=where)


def make_band(start: str, end: str | None = None) -> SaleFilter:
    return SaleFilter(price=AmountBand(Money.of(start, BRL), None if end is None else Money.of(end, BRL)))


RULES = (
    make_rule("low", RATES["low"], make_band("0", "100")),
    make_rule("middle", RATES["middle"], make_band("100", "500")),
    make_rule("high", RATES["high"], make_band("500")),
    make_rule(
        "far", "0.02", SaleFilter(excluding=SaleFilter(merchant_attributes={"state": list(NEAR)})), group="state"
    ),
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not FOLDER.is_dir(),
        reason="no olist/ here: set MKTCORE_SHARED_DATA to the folder that holds it",
    ),
]


@attrs.frozen
class Item:
    order: str
    number: str
    seller: str
    at: datetime
    price: Decimal
    freight: Decimal


def read(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(FOLDER / name, "rt", encoding="utf-8", newline="") as rows:
        yield from csv.DictReader(rows)


def read_items() -> list[Item]:
    return [
        Item(
            row["order_id"],
            row["order_item_id"],
            row["seller_id"],
            datetime.strptime(row["shipping_limit_date"], "%m/%d/%Y %H:%M").replace(tzinfo=UTC),
            Decimal(row["price"]).quantize(CENT),
            Decimal(row["freight_value"]).quantize(CENT),
        )
        for row in read("order_items.csv.gz")
    ]


def to_money(amount: Decimal) -> Money:
    return Money.of(str(amount), BRL)


def to_line(item: Item, states: dict[str, str]) -> CommissionLine:
    price = to_money(item.price)
    sale = SaleFacts(merchant_attributes={"state": states.get(item.seller, "")})
    return CommissionLine(item.number, item.seller, quantity=1, net=price, gross=price, sale=sale)


def post_order(book: CommissionBook, items: list[Item], states: dict[str, str]) -> list[Transaction]:
    """Return what an order moves: paid with its first item's date, and each item earned at its own."""
    order = items[0].order
    goods = [(item, item.number, item.price) for item in items]
    freight = [(item, to_charge_key(f"f{item.number}"), item.freight) for item in items]
    pools = [
        Pool.of(key, item.seller, pieces=1, paid=to_money(amount).minor, tax=0, borne=0)
        for item, key, amount in (*goods, *freight)
    ]
    funds = OrderFunds(order, BRL, tuple(pools))
    dates = sorted({item.at for item in items})
    entries = book.calculate([to_line(item, states) for item in items], now=dates[0])
    whose = {item.number: item.seller for item in items}
    commissions = {
        seller: tuple(entry for entry in entries if whose[entry.line] == seller) for seller in whose.values()
    }
    books = SaleBooks("everybody", commissions, {})
    posted = list(post_placement(Occasion(f"{order}/0", dates[0], order), funds, books))
    known = {item.number: PieceCounts(open=1, earned=0, canceled=0) for item in items}
    for number, at in enumerate(dates, 1):
        moved = {item.number: PieceCounts(open=0, earned=1, canceled=0) for item in items if item.at == at}
        after = funds.follow(known, {**known, **moved})
        posted += post_order_event(Occasion(f"{order}/{number}", at, order), funds, after, books=books)
        funds, known = after, {**known, **moved}
    return posted


@attrs.frozen
class Paper:
    """What the file comes to."""

    paid: Decimal
    fees: Decimal
    earned: dict[str, Decimal]


def add_up(items: list[Item], states: dict[str, str], until: datetime | None = None) -> Paper:
    paid = fees = Decimal(0)
    earned: defaultdict[str, Decimal] = defaultdict(Decimal)
    for item in items:
        if until is not None and item.at > until:
            continue
        band = "low" if item.price < 100 else "middle" if item.price < 500 else "high"
        fee = (item.price * Decimal(RATES[band])).quantize(CENT, ROUND_HALF_UP)
        if states.get(item.seller, "") not in NEAR:
            fee += (item.price * Decimal("0.02")).quantize(CENT, ROUND_HALF_UP)
        paid += item.price + item.freight
        fees += fee
        earned[item.seller] += item.price + item.freight - fee
    return Paper(paid, fees, dict(earned))


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    clock = ManualClock(datetime(2018, 12, 31, tzinfo=UTC))
    with open_market(request.param, tmp_path, clock, TWO_MERCHANTS, currency="BRL") as opened:
        yield opened


def test_every_order_of_the_file_is_in_the_books_and_they_balance_at_each_months_end(market: Marketplace) -> None:
    items, states = read_items(), {row["seller_id"]: row["seller_state"] for row in read("sellers.csv.gz")}
    orders = [list(group) for _, group in groupby(items, key=lambda item: item.order)]
    assert (len(items), len(orders)) == (9_998, 8_796)
    started, book, now = perf_counter(), CommissionBook(RULES), market.clock.now()
    for start in range(0, len(orders), 100):
        batch = [posted for order in orders[start : start + 100] for posted in post_order(book, order, states)]
        with market.store.begin(market.as_operator()) as unit:
            assert unit.ledger.post(batch, at=now) == ()
            unit.commit()
    print(f"{len(orders) / (perf_counter() - started):.0f} orders/s")  # noqa: T201 - a figure to be told

    paper = add_up(items, states)
    assert paper.paid == Decimal("1405655.69")
    with market.store.begin(market.as_operator()) as unit:
        books = unit.ledger.trial_balance()
        sellers = [Account(f"merchant:{seller}", "pending", BRL) for seller in paper.earned]
        pending = unit.ledger.balances(sellers)
    assert books.differences == {"BRL": Money.of("0.00", BRL)}
    found = {row.name: row.balance.amount for row in books.rows if not row.balance.is_zero()}
    assert found == {
        "clearing": paper.paid,
        "commission_income": paper.fees,
        "pending": paper.paid - paper.fees,
    }
    assert {account.owner.removeprefix("merchant:"): money.amount for account, money in pending.items()} == paper.earned
    assert len(paper.earned) == 1_574
    check_months(market, items, states)


def check_months(market: Marketplace, items: list[Item], states: dict[str, str]) -> None:
    months = sorted({(item.at.year, item.at.month) for item in items})
    ends = [datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC) for year, month in months]
    assert len(ends) > 20
    for end in ends:
        with market.store.begin(market.as_operator()) as unit:
            books = unit.ledger.trial_balance(at=end)
        assert books.differences == {"BRL": Money.of("0.00", BRL)}
        paper = add_up(items, states, until=end)
        assert books.find("commission_income", "BRL").amount == paper.fees
        assert books.find("pending", "BRL").amount == sum(paper.earned.values())
