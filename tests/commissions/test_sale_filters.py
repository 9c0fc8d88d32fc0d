"""Which sales a rule is for, and which rule of a group comes first."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from mktcore.commissions import AmountBand, CommissionLine, CommissionOn, CommissionRule, Percentage, SaleFilter
from mktcore.commissions.commission_book import CommissionBook, calculate_commissions
from mktcore.commissions.commissionable_line import LineNature, SaleFacts
from mktcore.errors import InvalidValue
from mktcore.money import CurrencyMismatch, Money
from yardstick import check_cost

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


TEN = Percentage(Decimal("0.10"))
SALE = SaleFacts(channel="web", groups=("vip",), merchant_attributes={"state": "SP"}, stated=eur("300.00"))
LINE = CommissionLine(
    "1",
    "acme",
    "lenses",
    quantity=3,
    net=eur("252.10"),
    gross=eur("300.00"),
    sku="lens-50",
    ancestors=("photo", "goods"),
    brand="Orlik",
    attributes={"mount": "E"},
    sale=SALE,
)


def band(start: str, end: str | None = None) -> AmountBand:
    return AmountBand(eur(start), None if end is None else eur(end))


@pytest.mark.parametrize(
    ("given", "holds"),
    [
        ({}, True),
        ({"skus": ["lens-50", "x"]}, True),
        ({"skus": ["x"]}, False),
        ({"categories": ["photo"]}, True),
        ({"categories": "goods"}, True),
        ({"categories": ["books"]}, False),
        ({"brands": ["Orlik"]}, True),
        ({"brands": ["orlik"]}, False),
        ({"attributes": {"mount": ["E", "F"]}}, True),
        ({"attributes": {"mount": ["F"]}}, False),
        ({"attributes": {"colour": ["red"]}}, False),
        ({"price": band("100.00")}, True),
        ({"price": band("100.01")}, False),
        ({"price": band("0", "100.00")}, False),
        ({"price": band("0", "100.01")}, True),
        ({"price": AmountBand(Money.of("1", "USD"))}, False),
        ({"merchants": ["acme"]}, True),
        ({"merchants": ["bolt"]}, False),
        ({"merchant_attributes": {"state": ["SP", "RJ"]}}, True),
        ({"merchant_attributes": {"state": ["RJ"]}}, False),
        ({"channels": ["web"]}, True),
        ({"channels": ["app"]}, False),
        ({"groups": ["vip", "staff"]}, True),
        ({"groups": ["staff"]}, False),
        ({"order": band("300.00")}, True),
        ({"order": band("0", "300.00")}, False),
        ({"excluding": SaleFilter(merchants=["bolt"])}, True),
        ({"excluding": SaleFilter(merchants=["acme"])}, False),
        ({"excluding": [SaleFilter(merchants=["bolt"]), SaleFilter(categories=["photo"])]}, False),
        ({"categories": ["photo"], "excluding": SaleFilter(categories=["lenses"], brands=["Solara"])}, True),
    ],
)
def test_a_filter_means_what_fits_every_field(given: dict[str, Any], holds: bool) -> None:
    rule = CommissionRule("r", TEN, where=SaleFilter(**given))
    assert bool(calculate_commissions([LINE], [rule], now=NOW)) is holds


def test_a_path_lies_in_what_it_begins_with() -> None:
    line = CommissionLine("1", "acme", "photo/lenses/wide", quantity=1, net=eur("1"), gross=eur("1"))
    for category, holds in (("photo", True), ("photo/lenses", True), ("photo/lens", False), ("wide", False)):
        rule = CommissionRule("r", TEN, category=category)
        assert bool(calculate_commissions([line], [rule], now=NOW)) is holds


def test_a_rule_that_names_many_things_is_found_by_each() -> None:
    names = [f"sku-{n}" for n in range(300)]
    rule = CommissionRule(
        "r", TEN, where=SaleFilter(skus=names, brands=["Orlik", "Solara"], merchants=["acme", "bolt"])
    )
    lines = [attrs.evolve(LINE, key=name, sku=name, brand=brand) for name in names[::50] for brand in ("Orlik", "x")]
    taken = CommissionBook([rule]).calculate(lines, now=NOW)
    assert [entry.line for entry in taken] == names[::50]


@pytest.mark.slow(counted=True)
def test_rules_with_long_lists_of_names_are_not_asked_one_by_one() -> None:
    rules = [
        CommissionRule(f"r{n}", TEN, where=SaleFilter(skus=[f"s{n}-{m}" for m in range(120)], brands=["Orlik", "x"]))
        for n in range(1_000)
    ]
    book = CommissionBook(rules)
    lines = [attrs.evolve(LINE, key=str(n), sku=f"s{n * 7}-{n}") for n in range(100)]
    check_cost(lambda: book.calculate(lines, now=NOW), yards=50)
    taken = book.calculate(lines, now=NOW)
    assert [entry.rule for entry in taken] == [f"r{n * 7}" for n in range(100)]


def test_an_archived_rule_is_not_asked() -> None:
    rule = CommissionRule("r", TEN, is_active=False)
    assert calculate_commissions([LINE], [rule], now=NOW) == ()


def test_what_is_signed_is_asked_before_every_rule_of_its_group() -> None:
    signed = CommissionRule("signed", TEN, agreement="a1")
    loud = CommissionRule("loud", TEN, priority=10**9)
    assert [entry.rule for entry in calculate_commissions([LINE], [loud, signed], now=NOW)] == ["signed"]


def test_freight_goes_with_the_goods_it_carries() -> None:
    freight = CommissionLine(
        "ship", "acme", quantity=1, net=eur("5"), gross=eur("5"), nature=LineNature.FREIGHT, sale=SALE
    )
    bulky = CommissionRule("bulky", TEN, on=CommissionOn.FREIGHT, category="furniture", priority=1)
    photo = CommissionRule("photo", TEN, on=CommissionOn.FREIGHT, category="photo")
    taken = calculate_commissions([LINE, freight], [bulky, photo], now=NOW)
    assert [(entry.rule, entry.line, str(entry.amount)) for entry in taken] == [("photo", "ship", "0.50 EUR")]


def test_an_order_rule_takes_of_the_lines_that_it_is_for() -> None:
    books = attrs.evolve(LINE, key="2", category="books", ancestors=())
    rule = CommissionRule("r", TEN, on=CommissionOn.ORDER, category="photo")
    (entry,) = calculate_commissions([LINE, books], [rule], now=NOW)
    assert (entry.lines, str(entry.base)) == (("1",), "252.10 EUR")


def test_merchants_of_one_order_are_sales_of_their_own() -> None:
    other = attrs.evolve(LINE, key="2", merchant="bolt")
    rule = CommissionRule("r", TEN, on=CommissionOn.ORDER)
    assert [entry.lines for entry in calculate_commissions([LINE, other], [rule], now=NOW)] == [("1",), ("2",)]


def test_bands_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InvalidValue, match="the end is outside"):
        band("5", "5")
    with pytest.raises(CurrencyMismatch):
        AmountBand(eur("1"), Money.of("2", "USD"))


def test_amounts_of_several_currencies_in_a_line_are_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        CommissionLine("1", "acme", quantity=1, net=eur("1"), gross=Money.of("1", "USD"))
