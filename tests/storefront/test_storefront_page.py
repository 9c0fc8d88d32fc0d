"""A page over all sellers: what leads at which price, what is left out, and how little is read for it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from counting_store import CountingStore
from markets import open_market
from mktcore.catalog import CATEGORIES, PRODUCTS, SKUS, Catalog, Category, Product, Sku
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.offers import OFFERS, Closure, Condition, Offer
from mktcore.periods import ALWAYS
from mktcore.persistence import NotFound, Scope
from mktcore.persistence.errors import InvalidColumn, InvalidCursor, InvalidLimit, InvalidOrder
from mktcore.ports import KINDS
from mktcore.pricing import PRICE_SCHEDULES, Assignment, PriceBreak, PriceSchedule
from mktcore.sales_context import SalesContext
from mktcore.storefront import Availability, PriceRange, StorefrontPage
from mktcore.testing.fakes import ManualClock

FILES = {
    "merchants.csv": "merchant,name\nacme,Acme\nbolt,Bolt\n",
    "skus.csv": "sku,name,category,tax_category\nlamp,Lamp,light,\nvase,Vase,home,\nmug,Mug,kitchen,\nodd,Odd,light,\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock\nacme-lamp,acme,lamp,30.00,9\nbolt-lamp,bolt,lamp,25.00,9\n"
        "acme-vase,acme,vase,12.00,0\nbolt-mug,bolt,mug,5.00,9\n"
    ),
}
OPERATOR, VISITOR = Scope.operator(), Scope.visitor()


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, clock, FILES) as market:
        yield market


def show(page: StorefrontPage) -> dict[str, str]:
    return {one.sku.id: "-" if one.price is None else str(one.price.unit_price) for one in page.items}


def ask(market: Marketplace, scope: Scope = VISITOR, **more: Any) -> dict[str, str]:
    return show(market.storefront.page(scope=scope, **more))


def put(market: Marketplace, *records: Any) -> None:
    kinds = {kind.type: kind for kind in KINDS}
    with market.store.begin(OPERATOR) as unit:
        for record in records:
            unit.repository(kinds[type(record)]).add(record)
        unit.commit()


def euros(amount: str) -> Money:
    return Money.of(amount, "EUR")


def test_a_first_page_shows_what_is_sold_with_the_offer_that_leads(market: Marketplace) -> None:
    page = market.storefront.page(scope=VISITOR)
    assert show(page) == {"lamp": "25.00 EUR", "mug": "5.00 EUR", "vase": "-"}
    assert page.next is None
    lamp, mug, vase = page.items
    assert lamp.lead is not None
    assert (lamp.lead.offer.id, lamp.merchants) == ("bolt-lamp", ("acme", "bolt"))
    assert [(one.offer.id, str(one.price and one.price.unit_price)) for one in lamp.alternatives] == [
        ("acme-lamp", "30.00 EUR")
    ]
    assert (lamp.availability, vase.availability) == (Availability.IN_STOCK, Availability.SOLD_OUT)
    assert mug.is_available()
    assert "bolt-lamp: 25.00 EUR - wins" in lamp.explain().to_text()
    assert "merchant-default" in lamp.explain().to_text()


def test_the_offers_list_price_back_order_and_least_pieces_are_told(market: Marketplace) -> None:
    lamp = market.offers.get("bolt-lamp", scope=OPERATOR)
    market.offers.save(attrs.evolve(lamp, list_price=euros("40.00"), minimum=3), scope=OPERATOR)
    acme = market.offers.get("acme-lamp", scope=OPERATOR)
    market.offers.save(attrs.evolve(acme, minimum=5), scope=OPERATOR)
    market.stock.count("acme-vase", 0, backorder=4, scope=OPERATOR)
    entry = market.storefront.get("lamp", scope=VISITOR)
    assert (entry.quantity, str(entry.list_price), entry.lead and entry.lead.offer.id) == (3, "40.00 EUR", "bolt-lamp")
    assert "sold from 3 pieces on" in entry.explain().to_text()
    assert market.storefront.get("vase", scope=VISITOR).availability is Availability.BACK_ORDER


def test_no_setting_makes_the_first_page_empty(market: Marketplace) -> None:
    for name in ("acme-lamp", "bolt-lamp"):
        offer = market.offers.get(name, scope=OPERATOR)
        market.offers.save(attrs.evolve(offer, channels=["app"]), scope=OPERATOR)
    market.offers.close(Closure("c1", "bolt", ALWAYS), scope=OPERATOR)
    page = market.storefront.page(scope=VISITOR)
    # Nothing can be had, and everything is there with the reason.
    assert [one.availability for one in page.items] == ["unavailable", "unavailable", "sold-out"]
    assert {refusal.code for one in page.items[0].alternatives for refusal in one.refusals} == {
        "not-in-channel",
        "offer-closed",
    }
    assert ask(market, context=SalesContext(channel="app")) == {"lamp": "30.00 EUR", "mug": "-", "vase": "-"}
    # Who says where it shops is shown what is sold there.
    assert ask(market, context=SalesContext(channel="web")) == {"mug": "-", "vase": "-"}


def test_filters_narrow_the_page(market: Marketplace) -> None:
    put(market, Category("all", "All"), Category("light", "Light", "all"), Category("home", "Home", "all"))
    put(
        market,
        Product("shades", "Shades", brand="Lux", category="light", attributes={"form": "round"}),
        Sku("shade-red", "Red shade", product="shades", attributes={"colour": "red"}),
        Sku("shade-blue", "Blue shade", product="shades", category="home", attributes={"colour": "blue"}),
        Sku("pot", "Pot", category="kitchen/pots"),
        PriceSchedule("ten", "acme", [PriceBreak(1, euros("10.00"))]),
    )
    for sku in ("shade-red", "shade-blue", "pot"):
        put(market, Offer(f"acme-{sku}", "acme", sku, schedule="ten", condition=Condition.USED))
        market.stock.count(f"acme-{sku}", 1, scope=OPERATOR)
    assert list(ask(market, where={"merchant": "bolt"})) == ["lamp", "mug"]
    assert list(ask(market, where={"merchant": "acme"})) == ["lamp", "pot", "shade-blue", "shade-red", "vase"]
    assert list(ask(market, where={"category": "light"})) == ["lamp", "shade-red"]
    assert sorted(ask(market, where={"category": "all"})) == ["lamp", "shade-blue", "shade-red", "vase"]
    assert list(ask(market, where={"category": "kitchen"})) == ["mug", "pot"]
    assert list(ask(market, where={"category": "all", "merchant": "bolt"})) == ["lamp"]
    assert list(ask(market, where={"product": "shades"})) == ["shade-blue", "shade-red"]
    assert list(ask(market, where={"product": "lamp"})) == ["lamp"]
    assert list(ask(market, where={"brand": "Lux"})) == ["shade-blue", "shade-red"]
    assert list(ask(market, where={"attributes": {"form": "round", "colour": "blue"}})) == ["shade-blue"]
    assert list(ask(market, where={"condition": "used"})) == ["pot", "shade-blue", "shade-red"]
    assert list(ask(market, where={"price": PriceRange(at_least=euros("5.00"), at_most=euros("9.99"))})) == ["mug"]
    assert list(ask(market, where={"price": PriceRange(at_least=euros("10.01"))})) == ["lamp"]
    assert list(ask(market, where={"price": PriceRange(at_most=euros("10.00")), "merchant": "bolt"})) == ["mug"]
    assert list(ask(market, where={"is_available": False})) == ["vase"]
    assert list(ask(market, order="-name", limit=3)) == ["vase", "shade-red", "pot"]


def test_the_newest_come_first(market: Marketplace, clock: ManualClock) -> None:
    schedule = market.offers.get("acme-vase", scope=OPERATOR).schedule
    for name in ("bell", "cup"):
        clock.advance(timedelta(days=1))
        market.catalog.save_sku(Sku(name, name.title()), scope=OPERATOR)
        market.offers.save(Offer(name, "acme", name, schedule=schedule), scope=OPERATOR)
    bell = market.catalog.get_sku("bell", scope=OPERATOR)
    changed = market.catalog.save_sku(attrs.evolve(bell, name="Bell II", added_at=None), scope=OPERATOR)
    assert changed.added_at == bell.added_at is not None
    assert list(ask(market, order="-added")) == ["cup", "bell", "vase", "mug", "lamp"]
    assert list(ask(market, order="added", limit=4)) == ["lamp", "mug", "vase", "bell"]


def test_pages_of_one_are_the_page_of_all(market: Marketplace) -> None:
    put(market, Category("all", "All"), Category("light", "Light", "all"), Category("kitchen", "Kitchen", "all"))
    put(market, Product("shades", "Shades", category="light"))
    put(market, *[Sku(f"shade-{n}", f"Shade {n}", product="shades") for n in range(3)])
    put(market, *[Offer(f"o{n}", "acme", f"shade-{n}", schedule="acme-lamp") for n in range(3)])
    for options in ({}, {"order": "name"}, {"order": "-name"}, {"order": "-added"}):
        check_pages(market, **options)
    for where in ({"category": "all"}, {"merchant": "acme"}, {"product": "shades"}, {"attributes": {"a": "b"}}):
        check_pages(market, where=where)


def check_pages(market: Marketplace, **asked: Any) -> None:
    whole = list(ask(market, **asked))
    found: list[str] = []
    after: str | None = None
    while True:
        page = market.storefront.page(scope=VISITOR, after=after, limit=1, **asked)
        found += [one.sku.id for one in page.items]
        after = page.next
        if after is None:
            break
    assert found == whole


def test_what_is_hidden_stalls_no_page_and_is_in_no_cursor(market: Marketplace) -> None:
    summer = market.catalog.save_catalog(Catalog("summer", "Summer"), scope=OPERATOR)
    names = [f"secret-{n}" for n in range(1200)]
    put(market, *[Sku(name, "Secret") for name in names], *[Offer(f"o-{n}", "acme", n, schedule="x") for n in names])
    market.catalog.add_products(summer.id, names, scope=OPERATOR)
    assert list(ask(market, limit=3)) == ["lamp", "mug", "vase"]
    after = market.storefront.page(scope=VISITOR, limit=2).next
    assert list(ask(market, limit=3, after=after)) == ["vase"]


def test_a_page_that_finds_too_little_says_where_to_go_on(market: Marketplace) -> None:
    put(market, *[Sku(f"n{number:05}", "Not sold") for number in range(3000)])
    found: list[str] = []
    pages, after = 0, None
    while True:
        page = market.storefront.page(scope=VISITOR, where={"category": None}, after=after, limit=1)
        found += [one.sku.id for one in page.items]
        pages, after = pages + 1, page.next
        if after is None:
            break
    assert found == ["lamp", "mug", "vase"]
    assert 4 <= pages <= 6


def test_a_buyer_is_shown_its_own_prices_and_nobody_elses(market: Marketplace) -> None:
    put(market, PriceSchedule("vip", "bolt", [PriceBreak(1, euros("20.00"))]))
    put(market, Assignment("a1", "lamp", "vip", merchant="bolt", buyer="ann"))
    put(market, Assignment("a2", "mug", "vip", merchant="bolt", group="club"))
    ann = market.as_buyer("ann")
    assert ask(market, ann)["lamp"] == "20.00 EUR"
    assert ask(market, market.as_buyer("bob"))["lamp"] == "25.00 EUR"
    assert ask(market, context=SalesContext("ann", groups=["club"]), scope=OPERATOR)["mug"] == "20.00 EUR"
    for scope in (market.as_buyer("bob"), market.as_merchant("bolt"), VISITOR):
        with pytest.raises(NotFound):
            market.storefront.page(SalesContext("ann"), scope=scope)
    text = market.storefront.get("lamp", scope=market.as_merchant("acme")).explain().to_text()
    assert "vip" not in text


def test_who_is_no_buyer_sees_what_every_buyer_sees(market: Marketplace) -> None:
    market.parties.change_membership("bolt", all_buyers_can_order=False, scope=OPERATOR)
    market.parties.relate("ann", "bolt", scope=OPERATOR)
    assert ask(market) == ask(market, market.as_buyer("bob")) == {"lamp": "30.00 EUR", "vase": "-"}
    assert ask(market, market.as_buyer("ann"))["lamp"] == "25.00 EUR"
    with pytest.raises(NotFound):
        market.storefront.get("mug", scope=VISITOR)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_visitor_owns_no_record(kind: Any) -> None:
    reads = kind.filter_reads(VISITOR)
    assert reads is None or (reads == {} and kind.public) or reads == {kind.buyer: "?"}
    assert kind.filter_writes(VISITOR) in (None, {kind.buyer: "?"})


def test_what_cannot_be_asked_is_refused(market: Marketplace) -> None:
    for where, error in (
        ({"colour": "red"}, InvalidColumn),
        ({"price": euros("5.00")}, InvalidValue),
        ({"price": PriceRange(at_most=Money.of("5.00", "USD"))}, InvalidValue),
        ({"condition": "broken"}, InvalidValue),
        ({"merchant": 5}, InvalidValue),
    ):
        with pytest.raises(error):
            market.storefront.page(scope=VISITOR, where=where)
    with pytest.raises(InvalidOrder):
        market.storefront.page(scope=VISITOR, order="price")
    with pytest.raises(InvalidLimit):
        market.storefront.page(scope=VISITOR, limit=0)
    by_name = market.storefront.page(scope=VISITOR, order="name", limit=1).next
    for cursor in ("lamp", by_name, "W10", "é"):
        with pytest.raises(InvalidCursor):
            market.storefront.page(scope=VISITOR, after=cursor)


def test_a_page_takes_as_many_calls_whatever_its_size() -> None:
    store = CountingStore()
    market = Marketplace(store, "EUR")
    with store.begin(OPERATOR) as unit:
        unit.repository(CATEGORIES).add(Category("light", "Light"))
        unit.repository(PRODUCTS).add(Product("p", "P", category="light"))
        unit.repository(SKUS).add_many([Sku(f"s{n:03}", "S", product="p") for n in range(200)])
        unit.repository(PRICE_SCHEDULES).add(PriceSchedule("ten", "acme", [PriceBreak(1, euros("10.00"))]))
        offers = [Offer(f"{m}-{n:03}", m, f"s{n:03}", schedule="ten") for n in range(200) for m in ("acme", "bolt")]
        unit.repository(OFFERS).add_many(offers)
        unit.commit()
    counted = []
    for limit in (1, 10, 150):
        store.calls.clear()
        assert len(market.storefront.page(scope=VISITOR, limit=limit).items) == limit
        counted.append(dict(store.calls))
    assert counted[0] == counted[1] == counted[2]
    assert sum(counted[0].values()) <= 18
