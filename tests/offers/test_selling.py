"""Carts against offers with channels, bounds, closures, agreements and locations: every refusal is named."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from mktcore.adapters.memory import MemoryStore
from mktcore.carts import Cart, CartLine, Simulation, assemble_simulation
from mktcore.catalog import CATEGORIES, PRODUCTS, SKUS, Category, Product, Sku
from mktcore.checkout import PlacementRefused
from mktcore.checkout.use_cases import place_order
from mktcore.delivery import SHIPPING_FEES, ShippingFee
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.offers import Approval, BackOrders, BuyBoxPolicy, Closure, Offer
from mktcore.offers.buybox.criteria import ByAvailability, ByHandling, ByLandedPrice, ByRating, ByRotation
from mktcore.offers.buybox.stored_rating import MerchantRating
from mktcore.parties import MERCHANTS, Agreement, Merchant
from mktcore.parties.agreements.agreement import SelectionTerms
from mktcore.periods import Period
from mktcore.pricing import PRICE_SCHEDULES, PriceBreak, PriceSchedule
from mktcore.testing.fakes import CountingIds, ManualClock
from mktcore.totals import Expense
from offers.merchants import on_every_store, to_url

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    with Marketplace.open(
        to_url(request.param, tmp_path), currency="EUR", clock=ManualClock(NOW), ids=CountingIds()
    ) as market:
        with market.store.begin(market.as_operator()) as unit:
            unit.repository(SKUS).add(Sku("lamp", "Lamp", brand="Orlik", category="home/lights"))
            unit.repository(MERCHANTS).add_many([Merchant("acme", "Acme"), Merchant("bolt", "Bolt")])
            unit.commit()
        yield market


def sell(
    market: Marketplace, name: str, price: str = "9.00", on_hand: int | Mapping[str, int] = 9, **terms: Any
) -> Offer:
    merchant = terms.pop("merchant", "acme")
    backorder = terms.pop("backorder", 0)
    with market.store.begin(market.as_operator()) as unit:
        schedule = PriceSchedule(name, merchant, [PriceBreak(1, Money.of(price, "EUR"))])
        unit.repository(PRICE_SCHEDULES).add(schedule)
        unit.commit()
    locations = tuple(on_hand) if isinstance(on_hand, Mapping) else ()
    offer = Offer(name, merchant, terms.pop("sku", "lamp"), schedule=name, locations=locations, **terms)
    stored = market.offers.save(offer, scope=market.as_operator())
    market.stock.count(name, on_hand, scope=market.as_operator(), backorder=backorder)
    return stored


def make_cart(*wanted: tuple[int, str | None], **extras: Any) -> Cart:
    lines = [CartLine(f"l{number}", "lamp", pieces, offer=offer) for number, (pieces, offer) in enumerate(wanted, 1)]
    return Cart.of("cart-1", buyer="buyer-1", lines=lines, **extras)


def simulate(market: Marketplace, *wanted: tuple[int, str | None], **extras: Any) -> Simulation:
    return market.simulate(make_cart(*wanted, **extras), scope=market.as_operator())


def find_codes(simulation: Simulation) -> list[tuple[str, str | None]]:
    return [(issue.code, issue.line) for issue in simulation.issues]


def find_levels(market: Marketplace, *items: str) -> dict[str, tuple[int, int]]:
    with market.store.begin(market.as_operator()) as unit:
        return {item: (one.on_hand, one.reserved) for item, one in unit.stock.find_levels(items).items()}


@pytest.mark.parametrize(
    ("terms", "quantity", "code", "remedy"),
    [
        ({"channels": ["app"]}, 1, "not-in-channel", "buy it in app, or choose another offer"),
        ({"channels": []}, 1, "not-in-channel", "choose another offer"),
        ({"minimum": 3}, 2, "below-minimum", "take 3"),
        ({"minimum": 48, "multiple": 24}, 50, "not-in-packs", "take 48 or 72"),
        ({"minimum": 48, "multiple": 24, "maximum": 60}, 50, "not-in-packs", "take 48"),
        ({"minimum": 30, "multiple": 24}, 31, "not-in-packs", "take 48"),
        ({"multiple": 24, "maximum": 60}, 72, "above-maximum", "take 48"),
        ({"maximum": 3}, 4, "above-maximum", "take 3"),
        ({"approval": Approval.PENDING}, 1, "offer-not-approved", "choose another offer"),
        ({"approval": Approval.DENIED}, 1, "offer-not-approved", "choose another offer"),
    ],
)
def test_a_named_offer_says_what_it_refuses(
    market: Marketplace, terms: dict[str, Any], quantity: int, code: str, remedy: str
) -> None:
    sell(market, "o1", **terms)
    [issue] = simulate(market, (quantity, "o1")).issues
    assert (issue.code, issue.line, issue.remedy, issue.operands["offer"]) == (code, "l1", remedy, "o1")
    assert simulate(market, (quantity, "o1")).lines == ()


def test_every_refusal_of_an_offer_is_told_at_once(market: Marketplace) -> None:
    sell(market, "o1", channels=["app"], minimum=3, valid=Period(NOW + timedelta(1)))
    found = find_codes(simulate(market, (1, "o1"), channel="web"))
    assert found == [("not-in-channel", "l1"), ("below-minimum", "l1"), ("offer-not-valid", "l1")]


def test_an_offer_of_a_channel_is_sold_there(market: Marketplace) -> None:
    sell(market, "o1", channels=["app"])
    sell(market, "o2", "12.00")
    assert simulate(market, (1, None), channel="app").lines[0].offer.id == "o1"
    assert simulate(market, (1, None), channel="web").lines[0].offer.id == "o2"
    assert simulate(market, (1, None)).lines[0].offer.id == "o2"


def test_bounds_count_every_line_of_the_offer(market: Marketplace) -> None:
    sell(market, "o1", minimum=3, maximum=5)
    assert simulate(market, (2, "o1"), (1, "o1")).is_placeable()
    assert find_codes(simulate(market, (4, "o1"), (2, "o1"))) == [("above-maximum", "l1"), ("above-maximum", "l2")]
    sell(market, "o2", "12.00")
    both = simulate(market, (4, None), (2, None), (3, None))
    assert [line.offer.id for line in both.lines] == ["o1", "o2", "o2"]


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"minimum": 3}, "below-minimum"),
        ({"maximum": 1}, "above-maximum"),
        ({"approval": Approval.DENIED}, "no-offer"),
        ({"channels": ["app"]}, "no-offer"),
    ],
)
def test_a_line_without_an_offer_says_what_the_closest_one_wants(
    market: Marketplace, terms: dict[str, Any], code: str
) -> None:
    sell(market, "o1", **terms)
    assert find_codes(simulate(market, (2, None))) == [(code, "l1")]


def test_too_little_stock_is_told_before_anothers_bounds(market: Marketplace) -> None:
    sell(market, "o1", on_hand=1)
    sell(market, "o2", minimum=9)
    [issue] = simulate(market, (2, None)).issues
    assert (issue.code, issue.operands["available"]) == ("out-of-stock", 1)


def test_a_merchant_on_holiday_sells_nothing_or_later(market: Marketplace) -> None:
    sell(market, "o1", handling_days=1)
    sell(market, "o2", "12.00", merchant="bolt", handling_days=2)
    august = Period(NOW - timedelta(1), NOW + timedelta(5))
    closure = market.offers.close(Closure("c1", "acme", august, reason="summer"), scope=market.as_merchant("acme"))
    [issue] = simulate(market, (1, "o1")).issues
    assert issue.message == "acme is closed until 2026-07-06 12:00 UTC: summer"
    assert issue.operands["until"] == "2026-07-06T12:00:00+00:00"
    assert simulate(market, (1, None)).lines[0].offer.id == "o2"
    market.offers.close(attrs.evolve(closure, extra_days=4), scope=market.as_merchant("acme"))
    choice = simulate(market, (1, None)).lines[0].choice
    assert choice is not None
    assert [(one.offer.id, one.handling_days) for one in choice.candidates] == [("o1", 5), ("o2", 2)]
    market.offers.close(Closure("c2", "acme", Period(NOW)), scope=market.as_operator())
    assert simulate(market, (1, "o1")).issues[0].message == "acme is closed until further notice"


def sign(market: Marketplace, **selection: Any) -> None:
    agreement = Agreement("a1", "acme", selection=SelectionTerms(**selection))
    market.agreements.sign(agreement, scope=market.as_operator())


@pytest.mark.parametrize(
    ("selection", "field"),
    [
        ({"categories": ["garden"]}, "category"),
        ({"brands": ["Rugal"]}, "brand"),
        ({"conditions": ["used"]}, "condition"),
    ],
)
def test_what_was_not_agreed_on_is_not_sold(market: Marketplace, selection: dict[str, Any], field: str) -> None:
    sell(market, "o1")
    sell(market, "o2", "12.00", merchant="bolt")
    sign(market, **selection)
    [issue] = simulate(market, (1, "o1")).issues
    assert (issue.code, issue.operands["field"]) == ("not-in-agreement", field)
    assert not any(value in str(issue) for value in ("garden", "Rugal", "used"))
    simulation = simulate(market, (1, None))
    assert simulation.lines[0].offer.id == "o2"
    assert f"acme may not offer this {field} here" in simulation.explain().to_text()
    shown = market.simulate(make_cart((1, None)), scope=market.as_buyer("buyer-1"))
    assert "acme" not in shown.explain().to_text()
    assert simulate(market, (1, "o2")).is_placeable()


def test_what_was_agreed_on_is_sold(market: Marketplace) -> None:
    sell(market, "o1")
    sign(market, categories=["home/lights"], brands=["Orlik"], conditions=["new"])
    assert simulate(market, (1, "o1")).is_placeable()


def test_what_was_agreed_on_for_a_category_holds_below_it(market: Marketplace) -> None:
    with market.store.begin(market.as_operator()) as unit:
        lights = Category("home/lights", "Lights", parent="home")
        unit.repository(CATEGORIES).add_many([Category("home", "Home"), lights])
        unit.repository(PRODUCTS).add(Product("shades", "Shades", category="home/lights", brand="Orlik"))
        unit.repository(SKUS).add(Sku("red-shade", "Red shade", product="shades"))
        unit.commit()
    sell(market, "o1")
    sell(market, "o2", sku="red-shade")
    sign(market, categories=["home"], brands=["Orlik"])
    cart = Cart.of("cart-1", buyer="buyer-1", lines=(CartLine("l1", "lamp"), CartLine("l2", "red-shade")))
    assert market.simulate(cart, scope=market.as_operator()).is_placeable()


def test_back_orders_follow_the_offers_policy(market: Marketplace) -> None:
    sell(market, "o1", on_hand=1, backorder=5, handling_days=1, backorder_days=7)
    sell(market, "o2", "12.00", on_hand=1, backorder=5, backorders=BackOrders.REFUSED)
    choice = simulate(market, (2, None)).lines[0].choice
    assert choice is not None
    assert [(one.offer.id, one.is_backordered, one.handling_days, one.available) for one in choice.candidates] == [
        ("o1", True, 8, 2),
        ("o2", True, 0, 1),
    ]
    assert find_codes(simulate(market, (2, "o2"))) == [("out-of-stock", "l1")]
    market.place(make_cart((1, "o2")), key="k1", scope=market.as_operator())
    assert find_codes(simulate(market, (1, "o2"))) == [("out-of-stock", "l1")]


def test_the_pieces_of_a_line_come_from_as_few_locations_as_serve_it(market: Marketplace) -> None:
    sell(market, "o1", on_hand={"berlin": 2, "porto": 4, "vigo": 3})
    simulation = simulate(market, (1, "o1"), (4, "o1"), (4, None))
    assert [[(one.location, one.quantity) for one in line.sources] for line in simulation.lines] == [
        [("berlin", 1)],
        [("porto", 4)],
        [("vigo", 3), ("berlin", 1)],
    ]
    assert "stock: 3 from vigo, 1 from berlin" in simulation.explain().to_text()
    [issue] = simulate(market, (1, "o1"), (4, "o1"), (5, None)).issues
    assert (issue.code, issue.operands["available"]) == ("out-of-stock", 4)


def test_a_location_with_a_name_of_its_merchants_own_is_counted_and_sold_from(market: Marketplace) -> None:
    sell(market, "o1", on_hand={"Lager 2 (Nord)": 3})
    simulation = simulate(market, (3, "o1"))
    assert not simulation.issues
    assert "3 from Lager 2 (Nord)" in simulation.explain().to_text()
    order = market.place(make_cart((3, "o1")), key="k1", scope=market.as_operator())
    assert [source.item for part in order.merchant_orders for line in part.lines for source in line.list_sources()] == [
        "o1@:Lager+202+20+28Nord+29"
    ]
    assert find_codes(simulate(market, (1, "o1"))) == [("out-of-stock", "l1")]


@on_every_store("market")
def test_an_order_reserves_ships_and_cancels_at_every_location(market: Marketplace) -> None:
    sell(market, "o1", on_hand={"berlin": 2, "porto": 4})
    order = market.place(make_cart((5, "o1")), key="k1", scope=market.as_operator())
    [part] = order.merchant_orders
    [line] = part.lines
    assert [(one.item, one.reservation, one.quantity) for one in line.list_sources()] == [
        ("o1@porto", "order-1/l1", 4),
        ("o1@berlin", "order-1//1/l1", 1),
    ]
    assert find_levels(market, "o1@berlin", "o1@porto") == {"o1@berlin": (2, 1), "o1@porto": (4, 4)}
    acme = market.as_merchant("acme")
    market.fire(part.id, "ship", key="s1", scope=acme, lines={"l1": 3})
    assert find_levels(market, "o1@berlin", "o1@porto") == {"o1@berlin": (2, 1), "o1@porto": (1, 1)}
    assert market.verify() == ()
    market.fire(part.id, "cancel by merchant", key="c1", scope=acme, lines={"l1": 2})
    assert find_levels(market, "o1@berlin", "o1@porto") == {"o1@berlin": (2, 0), "o1@porto": (1, 0)}
    assert market.verify() == ()


def test_a_buyer_does_not_learn_where_goods_are(market: Marketplace) -> None:
    sell(market, "o1", on_hand={"berlin": 2, "porto": 4})
    buyer = market.as_buyer("buyer-1")
    placed = market.place(make_cart((5, "o1")), key="k1", scope=buyer)
    assert placed.merchant_orders[0].lines[0].sources is None
    assert market.orders.get(placed.id, scope=buyer) == placed
    assert len(market.orders.get(placed.id, scope=market.as_operator()).merchant_orders[0].lines[0].list_sources()) == 2


@on_every_store("market")
def test_a_location_that_ran_short_meanwhile_is_not_the_last_word(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(market, "o1", on_hand={"berlin": 3, "porto": 3})
    simulate_cart = assemble_simulation.simulate_cart
    counted: list[int] = []

    def count_meanwhile(*args: Any, **options: Any) -> Any:
        found = simulate_cart(*args, **options)
        if not counted:
            counted.append(1)
            with ThreadPoolExecutor(1) as other:
                other.submit(market.stock.count, "o1", {"berlin": 0}, scope=market.as_operator()).result()
        return found

    monkeypatch.setattr(place_order, "simulate_cart", count_meanwhile)
    order = market.place(make_cart((3, "o1")), key="k1", scope=market.as_operator())
    assert [one.item for one in order.merchant_orders[0].lines[0].list_sources()] == ["o1@porto"]


@on_every_store("market")
def test_the_last_pieces_of_every_location_are_sold_once(market: Marketplace) -> None:
    sell(market, "o1", on_hand={"berlin": 3, "porto": 2, "vigo": 1})

    def buy(number: int) -> int:
        cart = Cart.of(f"cart-{number}", buyer=f"buyer-{number}", lines=(CartLine("l1", "lamp", 2, offer="o1"),))
        try:
            market.place(cart, key=f"k{number}", scope=market.as_operator())
        except PlacementRefused:
            return 0
        return 2

    threads = 2 if isinstance(market.store, MemoryStore) else 4
    with ThreadPoolExecutor(threads) as pool:
        assert sum(pool.map(buy, range(8))) == 6
    levels = find_levels(market, "o1@berlin", "o1@porto", "o1@vigo")
    assert all(on_hand == reserved for on_hand, reserved in levels.values())
    assert market.verify() == ()


def choose(market: Marketplace, *criteria: Any, buyer: str = "buyer-1", place: bool = False, **extras: Any) -> str:
    asking = Marketplace(market.store, "EUR", clock=market.clock, buy_box=BuyBoxPolicy(criteria))
    cart = Cart.of("cart-1", buyer=buyer, lines=[CartLine("l1", "lamp", 2)], **extras)
    if place:
        return asking.place(cart, key="k1", scope=market.as_operator()).merchant_orders[0].lines[0].offer
    return asking.simulate(cart, scope=market.as_operator()).lines[0].offer.id


def test_the_buy_box_goes_by_what_the_market_wants(market: Marketplace) -> None:
    sell(market, "cheap", "9.00", handling_days=6)
    sell(market, "quick", "11.00", merchant="bolt", handling_days=1)
    with market.store.begin(market.as_operator()) as unit:
        free_from = Money.of("40.00", "EUR")
        unit.repository(SHIPPING_FEES).add(ShippingFee("acme", Money.of("5.00", "EUR"), free_from))
        unit.commit()
    market.offers.rate([MerchantRating("acme", Decimal(80))], scope=market.as_operator())
    assert choose(market, ByLandedPrice()) == "quick"  # 2 x 11.00, against 2 x 9.00 and 5.00
    quoted = (Expense("quoted", "acme", Money.of("1.00", "EUR")),)
    assert choose(market, ByLandedPrice(), shipping=quoted) == "cheap"
    assert choose(market, ByHandling()) == "quick"
    assert choose(market, ByRating()) == "cheap"
    assert {choose(market, ByRotation(), buyer=f"buyer-{number}") for number in range(9)} == {"cheap", "quick"}
    assert choose(market, ByHandling(), place=True) == "quick"


def test_the_buy_box_can_prefer_what_is_there(market: Marketplace) -> None:
    sell(market, "cheap", "9.00", on_hand=1, backorder=9)
    sell(market, "there", "11.00", merchant="bolt")
    assert choose(market, ByAvailability()) == "there"
