"""Merchants that enter prices with tax sell beside merchants that enter them without: one order, in one mode."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
import pytest

from markets import NOON, open_market
from mktcore.addresses import Address
from mktcore.carts import Cart, CartLine, Simulation
from mktcore.gateways import Succeeded
from mktcore.marketplace import Marketplace
from mktcore.money import Money, Rounding
from mktcore.offers import ChangedItem, ItemTerms, Offer
from mktcore.pricing import Assignment, PriceBook, PriceBreak, PriceQuery, PriceSchedule
from mktcore.pricing.precedence import Competition, Precedence
from mktcore.pricing.price_mode import PriceMode
from mktcore.storefront import ViewRequest
from mktcore.testing.fakes import ManualClock
from mktcore.totals import Option, RoundAt, RoundingProfile, TaxRate
from mktcore.views import view

FILES = {
    "merchants.csv": "merchant,name\nwholesale,Wholesale\nretail,Retail\n",
    "skus.csv": "sku,name,tax_category\nlamp,Lamp,standard\nbook,Book,reduced\nscrew,Screw,standard\nstamp,Stamp,\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock,includes_tax\n"
        "w-lamp,wholesale,lamp,100.00,900,no\n"
        "r-lamp,retail,lamp,118.00,900,yes\n"
        "w-book,wholesale,book,20.00,900,no\n"
        "w-screw,wholesale,screw,0.99,900,no\n"
        "r-screw,retail,screw,1.19,900,\n"
        "w-stamp,wholesale,stamp,5.00,900,no\n"
    ),
    "tax_rates.csv": (
        "tax_category,name,rate,destinations,treatment\n"
        "standard,VAT,0.19,,\n"
        "reduced,VAT,0.07,,\n"
        "standard,VAT,0.19,CH,reverse-charge\n"
    ),
}


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Marketplace]:
    with open_market("memory", tmp_path, ManualClock(NOON), FILES) as market:
        yield market


def simulate(market: Marketplace, *lines: tuple[str, int, str | None], to: Address | None = None) -> Simulation:
    wanted = [CartLine(f"l{n}", sku, pieces, offer=offer) for n, (sku, pieces, offer) in enumerate(lines)]
    cart = Cart.of("c", buyer="ann", lines=wanted, deliver_to=to)
    return market.simulate(cart, scope=market.as_operator())


def test_a_price_without_tax_is_sold_with_it_beside_one_with_tax(market: Marketplace) -> None:
    found = simulate(market, ("lamp", 1, "w-lamp"), ("lamp", 2, "r-lamp"), ("book", 3, "w-book"))
    totals = found.totals
    assert [str(totals.lines[key].grand_total) for key in ("l0", "l1", "l2")] == [
        "119.00 EUR",
        "236.00 EUR",
        "64.20 EUR",
    ]
    # 19.00 + 37.68 (of 236.00) + 4.20
    assert (totals.order.grand_total, totals.order.tax_total) == (eur("419.20"), eur("60.88"))
    assert totals.merchants["wholesale"].net == eur("160.00")


def test_what_is_no_whole_cent_is_rounded_once_as_the_profile_says(market: Marketplace) -> None:
    # 7 x 0.99 = 6.93; with 19 % 8.2467. Rounded piece by piece it would be 7 x 1.18 = 8.26.
    totals = simulate(market, ("screw", 7, "w-screw")).totals
    assert (totals.order.grand_total, totals.order.tax_total, totals.order.net) == (
        eur("8.25"),
        eur("1.32"),
        eur("6.93"),
    )
    by_piece = Marketplace(
        market.store, "EUR", clock=ManualClock(NOON), profile=RoundingProfile(RoundAt.UNIT, Rounding.HALF_UP)
    )
    assert simulate(by_piece, ("screw", 7, "w-screw")).totals.order.grand_total == eur("8.26")


def test_the_buy_box_compares_what_the_buyer_pays(market: Marketplace) -> None:
    # 100.00 without tax is 119.00, and 0.99 is 1.1781: dearer than 118.00, and cheaper than 1.19.
    found = simulate(market, ("lamp", 1, None), ("screw", 1, None))
    assert [line.offer.id for line in found.lines] == ["r-lamp", "w-screw"]


def test_where_the_taxes_are_others_the_choice_is_too(market: Marketplace) -> None:
    # Who owes the tax itself pays 100.00, and of 118.00 what is left without 19 %: 99.16.
    swiss = simulate(market, ("lamp", 1, "w-lamp"), ("lamp", 1, "r-lamp"), to=Address("CH"))
    assert [str(swiss.totals.lines[key].grand_total) for key in ("l0", "l1")] == ["100.00 EUR", "99.16 EUR"]
    # What is not taxed costs the same in either mode.
    assert simulate(market, ("stamp", 2, None)).totals.order.grand_total == eur("10.00")


def test_it_says_how_the_price_was_entered(market: Marketplace) -> None:
    [line] = simulate(market, ("screw", 7, "w-screw")).lines
    assert (line.price.unit_price, line.price.per) == (eur("117.81"), 100)
    assert line.price.explain().to_text() == (
        "unit price: 117.81 EUR per 100 - merchant-default: price schedule w-screw for a quantity of 7, "
        "entered as 0.99 EUR without tax\n"
        "└─ from 1: 0.99 EUR - applies: the highest quantity reached"
    )
    [plain] = simulate(market, ("lamp", 1, "r-lamp")).lines
    assert plain.price.entered is None


def test_an_order_keeps_both_prices_and_verifies(market: Marketplace) -> None:
    cart = Cart.of("c", buyer="ann", lines=[CartLine("l1", "lamp", 2, offer="w-lamp"), CartLine("l2", "lamp", 1)])
    order = market.place(cart, key="k", scope=market.as_buyer("ann"))
    lines = {line.key: line for part in order.merchant_orders for line in part.lines}
    assert (lines["l1"].unit_price, str(lines["l1"].entered)) == (eur("119.00"), "100.00 EUR without tax")
    assert lines["l2"].entered is None
    assert order.totals.grand_total == eur("356.00")
    assert market.verify() == ()
    shown: Any = view(order, market.as_buyer("ann"))
    [first] = [line for part in shown["merchant_orders"] for line in part["lines"] if line["key"] == "l1"]
    assert first["entered"]["includes_tax"] is False


def test_a_market_without_tax_takes_it_out_of_prices_with_it() -> None:
    net = Marketplace.in_memory(currency="EUR", prices_include_tax=False, clock=ManualClock(NOON))
    with TemporaryDirectory() as folder:
        for name, text in FILES.items():
            (Path(folder) / name).write_text(text)
        net.load(folder)
    found = simulate(net, ("lamp", 1, "w-lamp"), ("lamp", 2, "r-lamp"))
    # 2 x 118.00 / 1.19 = 198.3193
    assert [str(found.totals.lines[key].subtotal) for key in ("l0", "l1")] == ["100.00 EUR", "198.32 EUR"]
    assert (found.totals.order.tax_total, found.totals.order.grand_total) == (eur("56.68"), eur("355.00"))


def test_options_are_stated_as_the_price_is() -> None:
    options = (
        Option("box", mark_up=eur("1.00")),
        Option("text", mark_up=eur("0.99"), once=True),
        Option("fast", percent=Decimal("0.1")),
    )
    schedule = PriceSchedule("p", "acme", [PriceBreak(1, eur("10.00"))], options=options, includes_tax=False)
    mode = PriceMode(includes_tax=True, tax_rates=(TaxRate("VAT", Decimal("0.19")),), rounding=Rounding.HALF_UP)
    query = PriceQuery("pen", "acme", "EUR", offer="o", options=("box", "text", "fast"), mode=mode)
    found = PriceBook([schedule], defaults={"o": "p"}).resolve(query, now=NOON)
    # 10.00 + 1.00 + 10 % of 10.00, with tax: 14.28; what is added once is 1.1781, rounded.
    assert (found.unit_price, found.per, found.exact_unit_minor) == (eur("11.90"), 1, Fraction(1428))
    assert [one.mark_up for one in found.options] == [eur("1.19"), eur("1.18"), None]


def test_the_cheapest_wins_by_what_the_buyer_pays() -> None:
    with_tax = PriceSchedule("with", "acme", [PriceBreak(1, eur("11.80"))], includes_tax=True)
    without = PriceSchedule("without", "acme", [PriceBreak(1, eur("10.00"))], includes_tax=False)
    book = PriceBook(
        [with_tax, without],
        [Assignment("a", "pen", "with", merchant="acme")],
        defaults={"o": "without"},
        precedence=Precedence(competition=Competition.CHEAPEST),
    )
    mode = PriceMode(includes_tax=True, tax_rates=(TaxRate("VAT", Decimal("0.19")),), rounding=Rounding.HALF_UP)
    query = PriceQuery("pen", "acme", "EUR", offer="o", mode=mode)
    assert book.resolve(query, now=NOON).schedule == "with"
    # Asked as they were entered, 10.00 is less.
    assert book.resolve(attrs.evolve(query, mode=None), now=NOON).schedule == "without"


@pytest.mark.parametrize("show", ["storefront", "seller"])
def test_the_storefront_shows_what_a_cart_would_cost(market: Marketplace, show: str) -> None:
    if show == "storefront":
        entry = market.storefront.get("lamp", scope=market.as_buyer("ann"))
        assert entry.price is not None
        assert (entry.price.unit_price, entry.box.winner and entry.box.winner.offer.id) == (eur("118.00"), "r-lamp")
    else:
        [found] = market.storefront.view_of_seller("lamp", ViewRequest("wholesale"), scope=market.as_operator())
        assert found.price is not None
        assert found.price.unit_price == eur("119.00")


def test_a_switch_from_with_tax_to_without_is_a_rise(market: Marketplace) -> None:
    agreed = simulate(market, ("lamp", 1, "r-lamp")).to_agreed()
    scope = market.as_merchant("retail")
    schedule = market.prices.get_schedule("r-lamp", scope=scope)
    market.prices.save_schedule(attrs.evolve(schedule, includes_tax=False), scope=scope)
    issues = market.simulate(agreed, scope=market.as_operator()).issues
    assert [(one.code, one.operands["price"]) for one in issues[:1]] == [("price-rose", "140.42 EUR")]


def test_a_merchants_own_system_says_whether_its_price_is_with_tax(market: Marketplace) -> None:
    terms = ItemTerms("W-1", NOON, eur("50.00"), 9, includes_tax=False)

    class Wholesale:
        def fetch(
            self, merchant: str, items: Sequence[str], *, deadline: timedelta
        ) -> Mapping[str, Succeeded[ItemTerms]]:
            del merchant, deadline
            return dict.fromkeys(items, Succeeded(terms))

    fresh = Marketplace(
        market.store,
        "EUR",
        clock=ManualClock(NOON),
        merchant_gateway=Wholesale(),
        bindings=lambda _unit, _merchant, items: dict.fromkeys(items, "lamp"),
    )
    fresh.offers.notify("wholesale", [ChangedItem("W-1")], scope=fresh.as_merchant("wholesale"))
    assert fresh.offers.refresh().refreshed == 1
    [line] = simulate(fresh, ("lamp", 2, None)).lines
    assert (line.offer.item, line.price.unit_price) == ("W-1", eur("59.50"))


def test_check_price_compares_in_the_orders_mode(market: Marketplace) -> None:
    cart = Cart.of("c", buyer="ann", lines=[CartLine("l1", "screw", 7, offer="w-screw")])
    order = market.place(cart, key="k", scope=market.as_buyer("ann"))
    approval = market.orders.check_price(order.merchant_orders[0].id, scope=market.as_operator())
    assert (approval.ordered, approval.current) == (eur("8.25"), eur("8.25"))


def test_words_for_a_price_mode_are_checked() -> None:
    with pytest.raises(Exception, match="includes_tax"):
        PriceSchedule("p", "acme", [PriceBreak(1, eur("1.00"))], includes_tax="no")  # type: ignore[arg-type]
    assert Offer("o", "acme", "pen").schedule == ""
