"""What depends on how much is bought looks at all lines, whichever way they came to their offer."""

import pytest

from carts.shop import add_goods, eur, open_shop, sell, simulate
from mktcore.carts import Cart, CartLine
from mktcore.catalog import Product, Sku
from mktcore.marketplace import Marketplace

BREAKS = {1: "6.36", 12: "5.88", 96: "4.80"}


@pytest.fixture
def market() -> Marketplace:
    market = open_shop()
    add_goods(market, Product("tee", "Tee"), *[Sku(f"tee-{name}", name, product="tee") for name in ("green", "red")])
    for name in ("green", "red"):
        sell(market, f"acme-{name}", f"tee-{name}", BREAKS, cumulative=True)
    return market


@pytest.mark.parametrize(
    "lines",
    [
        [CartLine("g", "tee-green", 15, offer="acme-green"), CartLine("r", "tee-red", 5, offer="acme-red")],
        [CartLine("g", "tee-green", 15), CartLine("r", "tee-red", 5)],
        [CartLine("r", "tee-red", 5), CartLine("g", "tee-green", 15, offer="acme-green")],
        [CartLine("g", "tee-green", 15, offer="acme-green"), CartLine("r", "tee-red", 5)],
        [CartLine("a", "tee-green", 15), CartLine("b", "tee-green", 5)],
        [CartLine("a", "tee-green", 5), CartLine("b", "tee-green", 15, offer="acme-green")],
        [CartLine("a", "tee-green", 10, offer="acme-green"), CartLine("b", "tee-green", 10, offer="acme-green")],
        [CartLine(f"l{n}", f"tee-{('green', 'red')[n % 2]}", 4) for n in range(5)],
    ],
)
def test_a_break_counts_all_variants_of_a_product_on_all_lines(market: Marketplace, lines: list[CartLine]) -> None:
    # 20 pieces reach the break of 12: 20 x 5.88.
    assert simulate(market, *lines).totals.order.subtotal == eur("117.60")


def test_a_break_counts_no_other_merchants_pieces_and_no_other_product(market: Marketplace) -> None:
    add_goods(market, Sku("cap", "Cap"))
    sell(market, "acme-cap", "cap", BREAKS, cumulative=True)
    sell(market, "bolt-red", "tee-red", {1: "1.00"})
    simulation = simulate(market, CartLine("g", "tee-green", 8), CartLine("r", "tee-red", 8), CartLine("c", "cap", 8))
    assert [str(line.price.unit_price) for line in simulation.lines] == ["6.36 EUR", "1.00 EUR", "6.36 EUR"]


def test_the_buy_box_offers_lines_together_what_they_reach_together(market: Marketplace) -> None:
    sell(market, "bolt-green", "tee-green", {1: "6.00"})
    # Six alone cost less at bolt; twelve together cost 5.88 at acme.
    [alone] = simulate(market, CartLine("a", "tee-green", 6)).lines
    assert (alone.offer.id, str(alone.price.unit_price)) == ("bolt-green", "6.00 EUR")
    both = simulate(market, CartLine("a", "tee-green", 6), CartLine("b", "tee-green", 6)).lines
    assert [(line.offer.id, str(line.price.unit_price)) for line in both] == [("acme-green", "5.88 EUR")] * 2


def test_a_break_is_not_given_for_pieces_that_end_up_elsewhere(market: Marketplace) -> None:
    add_goods(market, Sku("mug", "Mug"))
    sell(market, "acme-mug", "mug", BREAKS, cumulative=True, stock=8)
    sell(market, "bolt-mug", "mug", {1: "6.20"})
    # Of acme's 8 only one line of 6 could be had: alone it costs 6.36 there, and 6.20 at bolt.
    lines = simulate(market, CartLine("a", "mug", 6), CartLine("b", "mug", 6)).lines
    assert [(line.offer.id, str(line.price.unit_price)) for line in lines] == [("bolt-mug", "6.20 EUR")] * 2


def test_bounds_of_an_offer_count_the_lines_before_and_after(market: Marketplace) -> None:
    add_goods(market, Sku("nail", "Nail"), Sku("screw", "Screw"))
    sell(market, "acme-nail", "nail", {1: "0.10"}, offered={"minimum": 5})
    sell(market, "acme-screw", "screw", {1: "0.10"}, offered={"maximum": 5})
    assert simulate(market, CartLine("a", "nail", 3), CartLine("b", "nail", 2)).is_placeable()
    assert [one.code for one in simulate(market, CartLine("a", "nail", 3)).issues] == ["below-minimum"]
    beyond = simulate(market, CartLine("a", "screw", 3), CartLine("b", "screw", 3))
    assert [(one.code, one.line) for one in beyond.issues] == [("above-maximum", "b")]
    # Lines after one count for it too where they are what reaches the minimum, and are never too many by waiting.
    sell(market, "bolt-nail", "nail", {1: "0.12"})
    lines = simulate(market, *[CartLine(f"l{n}", "nail", 2) for n in range(3)]).lines
    assert [line.offer.id for line in lines] == ["acme-nail"] * 3


def test_lines_fill_packs_together(market: Marketplace) -> None:
    add_goods(market, Sku("can", "Can"))
    sell(market, "acme-can", "can", {1: "1.00"}, offered={"minimum": 48, "multiple": 24}, stock=500)
    found = {n: [one.code for one in simulate(market, CartLine("a", "can", n)).issues] for n in (24, 48, 50, 72)}
    assert found == {24: ["below-minimum"], 48: [], 50: ["not-in-packs"], 72: []}
    assert simulate(market, CartLine("a", "can", 40), CartLine("b", "can", 32)).is_placeable()
    beyond = simulate(market, *[CartLine(key, "can", n, offer="acme-can") for key, n in (("a", 40), ("b", 33))]).issues
    assert [(one.code, one.line, one.remedy) for one in beyond] == [
        ("not-in-packs", "a", "take 72 or 96"),
        ("not-in-packs", "b", "take 72 or 96"),
    ]
    # Who sells single cans serves what fills no pack.
    sell(market, "bolt-can", "can", {1: "1.20"}, stock=500)
    assert [line.offer.id for line in simulate(market, CartLine("a", "can", 50)).lines] == ["bolt-can"]


def test_bounds_of_a_cumulative_schedule_count_all_variants(market: Marketplace) -> None:
    add_goods(market, Product("bulb", "Bulb"), Sku("warm", "Warm", product="bulb"), Sku("cold", "Cold", product="bulb"))
    for name in ("warm", "cold"):
        sell(market, f"acme-{name}", name, {1: "2.00"}, cumulative=True, minimum=6, maximum=10)
    assert simulate(market, CartLine("w", "warm", 3), CartLine("c", "cold", 3)).is_placeable()
    assert not simulate(market, CartLine("w", "warm", 3), CartLine("c", "cold", 2)).is_placeable()
    assert not simulate(market, CartLine("w", "warm", 6), CartLine("c", "cold", 5)).is_placeable()


def test_a_price_that_is_looked_at_again_counts_variants_too(market: Marketplace) -> None:
    cart = Cart.of("cart-1", buyer="ann", lines=[CartLine("g", "tee-green", 15), CartLine("r", "tee-red", 5)])
    order = market.place(cart, key="k1", scope=market.as_operator())
    approval = market.orders.check_price(order.merchant_orders[0].id, scope=market.as_operator())
    assert (approval.ordered, approval.current) == (eur("117.60"), eur("117.60"))
