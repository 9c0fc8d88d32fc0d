"""What a SKU does not say, its product says; what is true of a category is true below it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from carts.shop import add_goods, eur, open_shop, sell, simulate
from markets import NOON
from mktcore.carts import Cart, CartLine
from mktcore.catalog import Category, Product, Sku
from mktcore.marketplace import Marketplace
from mktcore.parties import Agreement
from mktcore.parties.agreements.agreement import SelectionTerms
from mktcore.periods import Period
from mktcore.promotions import LineFilter, PercentOff, Promotion


@pytest.fixture
def market() -> Marketplace:
    market = open_shop(taxes=[("std", "0.19"), ("low", "0.07")])
    for category in (Category("office", "Office"), Category("chairs", "Chairs", parent="office")):
        market.catalog.save_category(category, scope=market.as_operator())
    add_goods(
        market,
        Product("tee", "T-shirt", tax_category="std", category="chairs", brand="Orlik", attributes={"fit": "slim"}),
        Sku("red", "Red", product="tee"),
        Sku("low", "Low", product="tee", tax_category="low", brand="Own", category="wear/shirts"),
    )
    for sku in ("red", "low"):
        sell(market, f"acme-{sku}", sku, {1: "11.90"})
    return market


def test_a_variant_is_taxed_as_its_product(market: Marketplace) -> None:
    totals = simulate(market, CartLine("red", "red"), CartLine("low", "low")).totals
    assert (totals.lines["red"].tax_total, totals.lines["low"].tax_total) == (eur("1.90"), eur("0.78"))


def test_an_order_line_is_of_the_products_category(market: Marketplace) -> None:
    cart = Cart.of("c", buyer="ann", lines=[CartLine("red", "red")])
    [line] = market.place(cart, key="k", scope=market.as_buyer("ann")).merchant_orders[0].lines
    assert (line.category, line.product, str(line.tax_rates[0].rate)) == ("chairs", "tee", "0.19")


@pytest.mark.parametrize(
    ("targets", "line"),
    [
        (LineFilter(categories=("office",)), "red"),
        (LineFilter(categories=("wear",)), "low"),
        (LineFilter(brands=("Orlik",)), "red"),
        (LineFilter(brands=("Own",)), "low"),
        (LineFilter(attributes={"fit": ("slim",)}, categories=("chairs",)), "red"),
    ],
)
def test_a_promotion_is_for_what_goods_inherit(market: Marketplace, targets: LineFilter, line: str) -> None:
    market.promotions.save(Promotion("p", PercentOff(Decimal("0.5")), targets=targets), scope=market.as_operator())
    simulation = simulate(market, CartLine("red", "red"), CartLine("low", "low"))
    assert [list(one.parts) for one in simulation.promotions.applied] == [[line]]


@pytest.mark.parametrize(
    ("selection", "served"),
    [
        (SelectionTerms(categories=["office"]), ["red"]),
        (SelectionTerms(categories=["wear"]), ["low"]),
        (SelectionTerms(brands=["Orlik"]), ["red"]),
    ],
)
def test_an_agreement_is_about_what_goods_inherit(
    market: Marketplace, selection: SelectionTerms, served: list[str]
) -> None:
    agreement = Agreement("a", "acme", Period(NOON - timedelta(days=1), None), selection=selection)
    market.agreements.sign(agreement, scope=market.as_operator())
    simulation = simulate(market, CartLine("red", "red"), CartLine("low", "low"))
    assert [line.line.key for line in simulation.lines] == served
