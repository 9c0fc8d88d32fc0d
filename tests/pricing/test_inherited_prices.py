"""What a SKU does not cost by itself, its product does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from markets import NOON, open_market
from mktcore.carts import Cart, CartLine
from mktcore.catalog import Product, Sku
from mktcore.errors import InvalidValue
from mktcore.loading import LoadRefused
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.offers import OFFERS, Offer
from mktcore.persistence.referrers import StillReferred
from mktcore.pricing import (
    Assignment,
    Precedence,
    PriceBook,
    PriceBreak,
    PriceQuery,
    PriceSchedule,
    Unpriced,
    lint_prices,
)
from mktcore.pricing.precedence import Competition, OnQuantity
from mktcore.sales_context import SalesContext
from mktcore.testing.fakes import ManualClock

FILES = {
    "merchants.csv": "merchant,name\nacme,Acme\nbolt,Bolt\n",
    "products.csv": "product,name\nshirt,Shirt\n",
    "skus.csv": "sku,name,product,tax_category\nshirt-s,Shirt S,shirt,\nshirt-xl,Shirt XL,shirt,\ncap,Cap,,\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock\n"
        "acme-s,acme,shirt-s,inherited,9\nacme-xl,acme,shirt-xl,23.00,9\nbolt-s,bolt,shirt-s,inherited,9\n"
    ),
    "price_schedules.csv": "schedule,merchant,price\nlist,,20.00\nacme-shirts,acme,19.00\n",
    "price_assignments.csv": (
        "assignment,sku,product,schedule,merchant\na1,,shirt,list,\na2,,shirt,acme-shirts,acme\n"
    ),
}


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Marketplace]:
    with open_market("memory", tmp_path, ManualClock(NOON), FILES) as market:
        yield market


def prices_of(market: Marketplace, *offers: str) -> list[str]:
    found = [market.offers.get(offer, scope=market.as_operator()) for offer in offers]
    lines = [CartLine(one.id, one.sku, offer=one.id) for one in found]
    simulation = market.simulate(Cart.of("c", buyer="ann", lines=lines), scope=market.as_buyer("ann"))
    return [str(line.price.unit_price) for line in simulation.lines]


def test_a_skus_own_price_wins_and_the_rest_cost_what_the_product_does(market: Marketplace) -> None:
    # Acme's own price for the product, its own for the XL, and for Bolt, which has none, the product's default.
    assert prices_of(market, "acme-s", "acme-xl", "bolt-s") == ["19.00 EUR", "23.00 EUR", "20.00 EUR"]


def test_it_is_explained(market: Marketplace) -> None:
    cart = Cart.of("c", buyer="ann", lines=[CartLine("l", "shirt-xl", offer="acme-xl")])
    [line] = market.simulate(cart, scope=market.as_operator()).lines
    assert line.price.explain().to_text() == (
        "unit price: 23.00 EUR - merchant-default: price schedule acme-xl for a quantity of 1\n"
        "├─ from 1: 23.00 EUR - applies: the highest quantity reached\n"
        "├─ not acme-shirts: 19.00 EUR - merchant-assignment, inherited from product shirt: "
        "the SKU has a price of its own\n"
        "└─ not list: 20.00 EUR - product-default, inherited from product shirt: the SKU has a price of its own"
    )
    cart = Cart.of("c", buyer="ann", lines=[CartLine("l", "shirt-s", offer="acme-s")])
    [line] = market.simulate(cart, scope=market.as_operator()).lines
    assert line.price.explain().reason == (
        "merchant-assignment, inherited from product shirt: price schedule acme-shirts for a quantity of 1"
    )


def test_it_is_sold_shown_and_checked_at_it(market: Marketplace) -> None:
    ann = market.as_buyer("ann")
    cart = Cart.of("c", buyer="ann", lines=[CartLine("l", "shirt-s", 2)])
    order = market.place(cart, key="k", scope=ann)
    assert order.totals.grand_total == eur("38.00")  # the buy box: 19.00 before 20.00
    entry = market.storefront.get("shirt-s", scope=ann)
    assert entry.price is not None
    assert entry.price.unit_price == eur("19.00")
    approval = market.orders.check_price(order.merchant_orders[0].id, scope=market.as_operator())
    assert approval.current == eur("38.00")
    assert market.verify() == ()
    assert market.prices.lint(scope=market.as_operator()) == ()
    assert market.prices.lint(scope=market.as_merchant("acme")) == ()


def test_loading_again_keeps_what_was_said_of_the_offer(market: Marketplace, tmp_path: Path) -> None:
    with market.store.begin(market.as_operator()) as unit:
        before = unit.repository(OFFERS).get("acme-s")
    market.load(tmp_path / "files")
    assert market.offers.get("acme-s", scope=market.as_operator()) == before
    assert before.schedule == ""


def test_a_merchant_gives_an_offer_without_a_schedule(market: Marketplace) -> None:
    bolt = market.as_merchant("bolt")
    market.offers.save(Offer("bolt-xl", "bolt", "shirt-xl"), scope=bolt)
    market.stock.count("bolt-xl", 3, scope=bolt)
    assert prices_of(market, "bolt-xl") == ["20.00 EUR"]
    # A cap belongs to no product.
    market.offers.save(Offer("bolt-cap", "bolt", "cap"), scope=bolt)
    cart = Cart.of("c", buyer="ann", lines=[CartLine("l", "cap", offer="bolt-cap")])
    assert [one.code for one in market.simulate(cart, scope=market.as_operator()).issues] == ["no-price"]


def test_a_product_whose_price_something_needs_is_not_removed(market: Marketplace) -> None:
    operator = market.as_operator()
    market.catalog.save_product(Product("sock", "Sock"), scope=operator)
    sock = market.catalog.products.get("sock", scope=operator)
    given = market.prices.assign(Assignment("a9", "", "list", product="sock"), scope=operator)
    with pytest.raises(StillReferred):
        market.catalog.remove_product(sock, scope=operator)
    market.prices.unassign(given, scope=operator)
    market.catalog.remove_product(sock, scope=operator)


@pytest.mark.parametrize(
    ("rows", "column"),
    [
        ("a3,shirt-s,shirt,list,\n", "sku"),  # both
        ("a3,,,list,\n", "sku"),  # neither
        ("a3,,trousers,list,\n", "product"),  # an unknown one
    ],
)
def test_a_row_prices_a_sku_or_a_product(market: Marketplace, tmp_path: Path, rows: str, column: str) -> None:
    file = tmp_path / "files" / "price_assignments.csv"
    file.write_text("assignment,sku,product,schedule,merchant\n" + rows)
    with pytest.raises(LoadRefused) as refused:
        market.load(tmp_path / "files")
    assert [fault.operands["column"] for fault in refused.value.problems] == [column]


# The rule by itself.

SCHEDULES = [
    PriceSchedule("product", "acme", [PriceBreak(1, eur("8.00"))]),
    PriceSchedule("vip", "acme", [PriceBreak(1, eur("7.00"))]),
    PriceSchedule("six", "acme", [PriceBreak(6, eur("9.00"))]),
]
GIVEN = [
    Assignment("a1", "", "product", merchant="acme", product="shirt"),
    Assignment("a2", "", "vip", merchant="acme", product="shirt", group="vip"),
]


def ask(book: PriceBook, quantity: int = 1, *, product: str | None = "shirt", groups: tuple[str, ...] = ()) -> str:
    query = PriceQuery(
        "shirt-s", "acme", "EUR", offer="o", product=product, quantity=quantity, context=SalesContext(groups=groups)
    )
    found = book.find(query, now=NOON)
    return found.notice.code if isinstance(found, Unpriced) else found.schedule


def test_precedence_holds_among_what_is_inherited() -> None:
    book = PriceBook(SCHEDULES, GIVEN)
    assert [ask(book), ask(book, groups=("vip",)), ask(book, product="hat"), ask(book, product=None)] == [
        "product",
        "vip",
        "no-price",
        "no-price",
    ]


@pytest.mark.parametrize(
    ("precedence", "one", "six"),
    [
        # What the SKU costs says which quantities it takes, be the product's price less.
        (Precedence(), "quantity-refused", "six"),
        (Precedence(on_quantity=OnQuantity.FALL_THROUGH), "product", "six"),
        (Precedence(competition=Competition.CHEAPEST), "product", "six"),
    ],
)
def test_a_price_of_the_skus_own_comes_first(precedence: Precedence, one: str, six: str) -> None:
    book = PriceBook(SCHEDULES, GIVEN, defaults={"o": "six"}, precedence=precedence)
    assert (ask(book, 1), ask(book, 6)) == (one, six)


def test_the_lint_tells_of_a_product_that_nobody_sells() -> None:
    asked = [PriceQuery("shirt-s", "acme", "EUR", offer="o", product="shirt")]
    lost = Assignment("a3", "", "product", merchant="acme", product="hat")
    found = lint_prices(PriceBook(SCHEDULES[:2], [*GIVEN, lost]), asked)
    assert [(one.code, one.message) for one in found] == [("prices.lost-assignment", "acme does not sell product hat")]


def test_an_assignment_is_of_a_sku_or_of_a_product() -> None:
    with pytest.raises(InvalidValue, match="sku"):
        Assignment("a", "shirt-s", "list", product="shirt")
    with pytest.raises(InvalidValue, match="sku"):
        Assignment("a", "", "list")
    assert Sku("s", "S").product is None
