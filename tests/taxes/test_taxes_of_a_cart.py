"""Which taxes a cart pays: by where it goes, who buys, and when it is placed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from markets import open_market
from mktcore.addresses import Address
from mktcore.carts import Cart, CartLine
from mktcore.loading import LoadRefused
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.periods import Period
from mktcore.persistence import NotFound
from mktcore.taxes import BuyerStatus, BuyerTax, TaxRule
from mktcore.testing.fakes import ManualClock
from mktcore.totals import OrderTotals, TaxRate, TaxTreatment
from mktcore.totals.inputs import TaxOwner

FILES = {
    "merchants.csv": "merchant,name\nacme,Acme\n",
    "skus.csv": "sku,name,tax_category\nbook,Book,reduced\nmug,Mug,standard\n",
    "offers.csv": "offer,merchant,sku,price,stock\nacme-book,acme,book,23.00,90\nacme-mug,acme,mug,119.00,90\n",
    "shipping_fees.csv": "merchant,fee,tax_category\nacme,11.90,standard\n",
    "tax_rates.csv": (
        "tax_category,name,rate,destinations,buyers,valid_from,valid_until,time_zone,treatment\n"
        "reduced,VAT,0.07,,,,,,\n"
        "reduced,VAT,0.055,FR,,,,,\n"
        "reduced,VAT,0.07,CH;US,,,,,reverse-charge\n"
        "reduced,VAT,0.07,FR,company,,,,reverse-charge\n"
        "standard,VAT,0.19,,,,2020-06-30,Europe/Berlin,\n"
        "standard,VAT,0.16,,,2020-07-01,2020-12-31,Europe/Berlin,\n"
        "standard,VAT,0.19,,,2021-01-01,,Europe/Berlin,\n"
    ),
}
SUMMER = datetime(2020, 6, 30, 21, 59, 59, tzinfo=UTC)  # a second before midnight in Berlin


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(SUMMER)


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, clock, FILES) as market:
        yield market


def totals_of(market: Marketplace, *skus: str, to: Address | None = None, buyer: str = "ann") -> OrderTotals:
    lines = [CartLine(f"l{number}", sku) for number, sku in enumerate(skus)]
    shipping_free = Cart.of("c", buyer=buyer, lines=lines, deliver_to=to)
    return market.simulate(shipping_free, scope=market.as_buyer(buyer)).totals.order


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def test_a_rate_changes_at_midnight_where_the_law_holds(market: Marketplace, clock: ManualClock) -> None:
    before = totals_of(market, "mug")
    clock.advance(timedelta(seconds=1))
    after = totals_of(market, "mug")
    # 119.00 and 11.90 of freight, both with tax: 19 % before, 16 % from midnight on.
    assert (before.tax_total, after.tax_total) == (eur("20.90"), eur("18.05"))
    assert before.grand_total == after.grand_total == eur("130.90")
    clock.advance(datetime(2020, 12, 31, 23, tzinfo=UTC) - clock.now())
    assert totals_of(market, "mug").tax_total == eur("20.90")


@pytest.mark.parametrize(
    ("to", "tax", "goods"),
    [
        (None, "1.50", "23.00"),
        (Address("DE"), "1.50", "23.00"),
        (Address("FR", postal_code="75001"), "1.20", "23.00"),
        (Address("CH"), "0.00", "21.50"),  # an export: the price is stripped of its 7 %
        (Address("US", subdivision="US-CA"), "0.00", "21.50"),
    ],
)
def test_the_destination_decides(market: Marketplace, to: Address | None, tax: str, goods: str) -> None:
    fee = eur("11.90")
    found = totals_of(market, "book", to=to)
    assert found.tax_total - eur("1.90") == eur(tax)
    assert found.grand_total - fee == eur(goods)


def test_a_company_abroad_owes_the_tax_itself_while_its_number_is_checked(
    market: Marketplace, clock: ManualClock
) -> None:
    paris, operator = Address("FR"), market.as_operator()
    checked = Period(SUMMER, SUMMER + timedelta(days=1))
    known = BuyerTax("ann", BuyerStatus.COMPANY, number="FR40303265045", valid=checked)
    stored = market.taxes.save_buyer(known, scope=operator)
    assert totals_of(market, "book", to=paris).grand_total == eur("33.40")  # 21.50 and 11.90
    assert totals_of(market, "book", to=paris, buyer="bob").grand_total == eur("34.90")
    assert totals_of(market, "book", to=Address("DE")).grand_total == eur("34.90")
    clock.advance(timedelta(days=1))
    assert totals_of(market, "book", to=paris).grand_total == eur("34.90")
    assert market.taxes.buyers.get("ann", scope=market.as_buyer("ann")) == stored
    with pytest.raises(NotFound):
        market.taxes.buyers.get("ann", scope=market.as_buyer("bob"))
    assert market.taxes.buyers.page(scope=operator).items == (stored,)
    market.taxes.remove_buyer(stored, scope=operator)
    with pytest.raises(NotFound):
        market.taxes.buyers.get("ann", scope=operator)


def test_each_line_is_taxed_where_it_goes_and_the_order_keeps_it(market: Marketplace) -> None:
    home = Address("DE", postal_code="10115", city="Berlin", lines=["Invalidenstr. 1"], name="Ann")
    away = Address("CH", postal_code="8001", city="Z\u00fcrich", lines=["Bahnhofstr. 1"], name="Ben")
    lines = [CartLine("here", "book"), CartLine("there", "book", deliver_to=away)]
    cart = Cart.of("c1", buyer="ann", lines=lines, deliver_to=home)
    order = market.place(cart, key="k", scope=market.as_buyer("ann"))
    part = order.merchant_orders[0]
    assert (order.marketplace_order.deliver_to, part.deliver_to) == (home, home)
    assert [line.deliver_to for line in part.lines] == [None, away]
    assert [line.totals.grand_total for line in part.lines] == [eur("23.00"), eur("21.50")]
    assert market.verify() == ()
    again = attrs_cart_to(cart, away)
    with pytest.raises(Exception, match="another request"):
        market.place(again, key="k", scope=market.as_buyer("ann"))


def attrs_cart_to(cart: Cart, to: Address) -> Cart:
    return Cart.of(cart.id, buyer=cart.buyer, lines=cart.lines, deliver_to=to)


def test_postal_codes_are_narrower_than_their_state_and_taxes_of_other_names_add_up(market: Marketplace) -> None:
    operator = market.as_operator()
    for name, rate, places in (
        ("sales", "0.06", ["US-CA"]),
        ("sales", "0.08", ["US 94100-94199"]),
        ("city", "0.01", ["US 941*"]),
    ):
        market.taxes.save(TaxRule.of("reduced", name, Decimal(rate), destinations=places), scope=operator)
    rate_names = {
        code: [
            f"{rate.name} {rate.rate}" for rate in _rates(market, Address("US", subdivision="US-CA", postal_code=code))
        ]
        for code in ("", "94110", "95000")
    }
    assert rate_names == {
        "": ["VAT 0.07", "sales 0.06"],
        "94110": ["VAT 0.07", "city 0.01", "sales 0.08"],
        "95000": ["VAT 0.07", "sales 0.06"],
    }


def _rates(market: Marketplace, to: Address) -> tuple[TaxRate, ...]:
    cart = Cart.of("c", buyer="ann", lines=[CartLine("l1", "book")], deliver_to=to)
    return market.simulate(cart, scope=market.as_operator()).lines[0].tax_rates


def test_who_owes_it_and_what_it_is_are_frozen_with_the_rate(market: Marketplace) -> None:
    rule = TaxRule.of("reduced", "VAT", Decimal("0.20"), destinations=["GB"], owner=TaxOwner.MARKETPLACE)
    market.taxes.save(rule, scope=market.as_operator())
    cart = Cart.of("c1", buyer="ann", lines=[CartLine("l1", "book")], deliver_to=Address("GB"))
    order = market.place(cart, key="k", scope=market.as_buyer("ann"))
    rate = order.merchant_orders[0].lines[0].tax_rates[0]
    assert (rate.owner, rate.treatment, str(rate.rate)) == (TaxOwner.MARKETPLACE, TaxTreatment.STANDARD, "0.20")


def test_a_lint_tells_of_rules_that_contend(market: Marketplace) -> None:
    save, operator = market.taxes.save, market.as_operator()
    assert [one.code for one in market.taxes.lint(scope=operator)] == []
    first = save(TaxRule.of("reduced", "VAT", Decimal("0.10"), destinations=["IT", "ES"]), scope=operator)
    second = save(TaxRule.of("reduced", "VAT", Decimal("0.04"), destinations=["ES"]), scope=operator)
    found = market.taxes.lint(scope=operator)
    assert [(one.code, {*one.operands.values()}) for one in found] == [("taxes.ambiguous", {first.id, second.id})]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("reduced,VAT,0.07,Germany,,,,,", "destinations"),
        ("reduced,VAT,0.07,DE-XXXX,,,,,", "destinations"),
        ("reduced,VAT,0.07,DE 200-10,,,,,", "destinations"),
        ("reduced,VAT,0.07,,companies,,,,", "buyers"),
        ("reduced,VAT,0.07,,,2021-01-01,2020-01-01,Europe/Berlin,", "valid_until"),
        ("reduced,VAT,0.07,,,2021-01-01,,,", "valid_from"),
        ("reduced,VAT,0.07,,,,,,export", "treatment"),
        ("reduced,VAT,0.07,,,,,,exempt", ""),
    ],
)
def test_a_row_that_cannot_be_is_refused_by_its_column(
    market: Marketplace, tmp_path: Path, row: str, column: str
) -> None:
    folder = tmp_path / "more"
    folder.mkdir()
    header = FILES["tax_rates.csv"].splitlines()[0]
    (folder / "tax_rates.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    with pytest.raises(LoadRefused) as refused:
        market.load(folder)
    assert [problem.where.split(":")[-1] if column else "" for problem in refused.value.problems] == [column]
