"""What a buyer is shown of one seller: the list has every visible product, the single one only what it sells."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from counting_store import CountingStore
from markets import EXAMPLE, open_market
from mktcore.carts import Cart, CartLine
from mktcore.catalog import SKUS, Catalog, Product, Sku
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.offers import OFFERS, Approval, Offer
from mktcore.parties import SellingRights
from mktcore.persistence import NotFound, Scope
from mktcore.pricing import Assignment, PriceBreak, PriceResolution, PriceSchedule, Unpriced
from mktcore.sales_context import SalesContext
from mktcore.storefront import SellerView, ViewRequest
from mktcore.testing.fakes import ManualClock

FILES = {
    "merchants.csv": "merchant,name\nacme,Acme\nbolt,Bolt\n",
    "skus.csv": "sku,name,tax_category\nlamp,Lamp,\nvase,Vase,\nmug,Mug,\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock\nacme-lamp,acme,lamp,30.00,9\nbolt-lamp,bolt,lamp,25.00,9\n"
        "acme-vase,acme,vase,12.00,9\nbolt-mug,bolt,mug,5.00,9\n"
    ),
}
ANN = ViewRequest("acme", SalesContext("ann"))


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, clock, FILES) as market:
        yield market


def show(views: tuple[SellerView, ...]) -> dict[str, str]:
    return {view.sku.id: "-" if view.price is None else str(view.price.unit_price) for view in views}


def page(market: Marketplace, request: ViewRequest = ANN, **more: Any) -> dict[str, str]:
    return show(market.storefront.page_of_seller(request, scope=market.as_buyer("ann"), **more).items)


def test_the_list_shows_every_product_priced_where_the_seller_sells_it(market: Marketplace) -> None:
    assert page(market) == {"lamp": "30.00 EUR", "mug": "-", "vase": "12.00 EUR"}
    assert page(market, ViewRequest("bolt", SalesContext("ann"))) == {
        "lamp": "25.00 EUR",
        "mug": "5.00 EUR",
        "vase": "-",
    }
    assert page(market, ViewRequest("nobody", SalesContext("ann"))) == {"lamp": "-", "mug": "-", "vase": "-"}


def test_the_single_product_is_not_found_where_the_seller_does_not_sell_it(market: Marketplace) -> None:
    scope = market.as_buyer("ann")
    [view] = market.storefront.view_of_seller("lamp", ANN, scope=scope)
    assert [(one.offer.id, one.offer.merchant) for one in view.offers] == [("acme-lamp", "acme")]
    for product in ("mug", "unheard-of"):
        with pytest.raises(NotFound, match=f"there is no product '{product}'"):
            market.storefront.view_of_seller(product, ANN, scope=scope)


def test_a_buyer_sees_its_own_prices_and_nobody_elses(market: Marketplace) -> None:
    acme = market.as_merchant("acme")
    vip = PriceSchedule("lamp-vip", "acme", [PriceBreak(1, Money.of("20.00", "EUR"))])
    market.prices.save_schedule(vip, scope=acme)
    market.prices.assign(Assignment("a1", "lamp", "lamp-vip", merchant="acme", group="vip"), scope=acme)
    market.prices.assign(Assignment("a2", "vase", "lamp-vip", merchant="acme", buyer="ann"), scope=acme)
    assert page(market) == {"lamp": "30.00 EUR", "mug": "-", "vase": "20.00 EUR"}
    # Which groups a user is in is the operator's word.
    grouped = ViewRequest("acme", SalesContext("ann", groups=("vip",)))
    assert show(market.storefront.page_of_seller(grouped, scope=market.as_operator()).items)["lamp"] == "20.00 EUR"
    visitor = market.storefront.page_of_seller(ViewRequest("acme"), scope=market.as_buyer("bob"))
    assert show(visitor.items) == {"lamp": "30.00 EUR", "mug": "-", "vase": "12.00 EUR"}
    assert show(market.storefront.page_of_seller(ANN, scope=market.as_operator()).items) == page(market)
    for scope in (market.as_buyer("bob"), acme):
        with pytest.raises(NotFound):
            market.storefront.page_of_seller(ANN, scope=scope)
        with pytest.raises(NotFound):
            market.storefront.view_of_seller("lamp", ANN, scope=scope)


def test_a_seller_that_the_buyer_cannot_order_from_sells_it_nothing(market: Marketplace) -> None:
    market.parties.change_membership("acme", all_buyers_can_order=False, scope=market.as_operator())
    assert page(market) == {"lamp": "-", "mug": "-", "vase": "-"}
    with pytest.raises(NotFound):
        market.storefront.view_of_seller("lamp", ANN, scope=market.as_buyer("ann"))
    market.parties.relate("ann", "acme", scope=market.as_operator())
    assert page(market)["lamp"] == "30.00 EUR"


def test_a_product_that_others_may_not_sell_is_not_sold_by_them(market: Marketplace) -> None:
    market.parties.save_selling_rights(SellingRights("lamp", owner="bolt"), scope=market.as_operator())
    assert page(market)["lamp"] == "-"


def test_what_has_no_price_is_shown_with_the_reason(market: Marketplace) -> None:
    with market.store.begin(market.as_operator()) as unit:
        unit.repository(OFFERS).add(Offer("acme-mug", "acme", "mug", schedule="unpriced"))
        unit.commit()
    [view] = market.storefront.view_of_seller("mug", ANN, scope=market.as_buyer("ann"))
    assert isinstance(view.offers[0].price, Unpriced)
    assert (view.price, view.offers[0].price.notice.code) == (None, "no-price")


def test_catalogs_and_owners_filter_what_is_shown(market: Marketplace) -> None:
    operator, scope = market.as_operator(), market.as_buyer("ann")
    market.catalog.save_catalog(Catalog("summer", "Summer"), scope=operator)
    market.catalog.add_products("summer", ["vase"], scope=operator)
    assert page(market) == {"lamp": "30.00 EUR", "mug": "-"}  # the vase is in a catalog that ann was not given
    for name in ("summer", "unheard-of"):
        with pytest.raises(NotFound, match=name):
            market.storefront.page_of_seller(ViewRequest("acme", SalesContext("ann"), catalog=name), scope=scope)
    with pytest.raises(NotFound):
        market.storefront.view_of_seller("vase", ANN, scope=scope)
    market.catalog.assign("summer", buyer="ann", scope=operator)
    assert page(market)["vase"] == "12.00 EUR"
    assert page(market, ViewRequest("acme", SalesContext("ann"), catalog="summer")) == {"vase": "12.00 EUR"}
    own = Sku("acme-own", "Own", owner="acme")
    market.catalog.save_sku(own, scope=market.as_merchant("acme"))
    assert page(market, ViewRequest("acme", SalesContext("ann"), owner="acme")) == {"acme-own": "-"}
    assert "acme-own" not in page(market, ViewRequest("acme", SalesContext("ann"), operators=True))
    with pytest.raises(InvalidValue, match="nobody beside the operator"):
        ViewRequest("acme", owner="acme", operators=True)
    with pytest.raises(InvalidValue, match="above zero"):
        ViewRequest("acme", quantity=0)


def test_a_merchants_own_products_are_for_buyers_who_can_order_from_it(market: Marketplace) -> None:
    market.catalog.save_sku(Sku("bolt-own", "Own", owner="bolt"), scope=market.as_merchant("bolt"))
    bolt = ViewRequest("bolt", SalesContext("ann"))
    assert "bolt-own" in page(market, bolt)
    market.parties.change_membership("bolt", all_buyers_can_order=False, scope=market.as_operator())
    assert "bolt-own" not in page(market, bolt)


def test_another_merchants_own_products_are_in_no_view_but_that_of_who_sells_them(market: Marketplace) -> None:
    operator, bolt = market.as_operator(), market.as_merchant("bolt")
    market.catalog.save_sku(Sku("bolt-own", "Own", owner="bolt"), scope=bolt)
    with market.store.begin(operator) as unit:  # without selling rights, anybody may sell it
        unit.repository(SKUS).add(Sku("bolt-other", "Other", owner="bolt"))
        unit.commit()
    assert page(market) == {"lamp": "30.00 EUR", "mug": "-", "vase": "12.00 EUR"}
    for scope in (operator, market.as_merchant("acme"), market.as_buyer("bob")):
        assert set(show(market.storefront.page_of_seller(ViewRequest("acme"), scope=scope).items)) == {
            "lamp",
            "mug",
            "vase",
        }
    assert page(market, ViewRequest("acme", SalesContext("ann"), owner="bolt")) == {}
    market.offers.save(Offer("acme-other", "acme", "bolt-other", schedule="acme-lamp"), scope=operator)
    assert page(market, ViewRequest("acme", SalesContext("ann"), owner="bolt")) == {"bolt-other": "30.00 EUR"}


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_no_cursor_names_what_the_buyer_is_not_shown(market: Marketplace, limit: int) -> None:
    operator, bolt = market.as_operator(), market.as_merchant("bolt")
    for name in ("aa", "la", "m", "mx", "zz-1", "zz-2"):
        market.catalog.save_sku(Sku(f"{name}-secret", "Secret", owner="bolt"), scope=bolt)
    market.parties.change_membership("bolt", all_buyers_can_order=False, scope=operator)
    found: list[str] = []
    after: str | None = None
    while True:
        shown = market.storefront.page_of_seller(ANN, scope=market.as_buyer("ann"), after=after, limit=limit)
        found += [view.sku.id for view in shown.items]
        assert len(shown.items) <= limit
        after = shown.next
        if after is None:
            break
        assert after in {"lamp", "mug", "vase"}
    assert found == ["lamp", "mug", "vase"]
    assert (
        market.storefront.page_of_seller(ViewRequest("acme", owner="bolt"), scope=market.as_buyer("ann")).next is None
    )


def test_pages_of_a_catalog_end_with_products_that_are_shown(market: Marketplace) -> None:
    operator, bolt = market.as_operator(), market.as_merchant("bolt")
    names = ["a-secret", "lamp", "n-secret", "vase", "z-secret"]
    for name in names:
        if name.endswith("secret"):
            market.catalog.save_sku(Sku(name, "Secret", owner="bolt"), scope=bolt)
    market.catalog.save_catalog(Catalog("all", "All"), scope=operator)
    market.catalog.add_products("all", names, scope=operator)
    market.catalog.assign("all", buyer=None, scope=operator)
    market.parties.change_membership("bolt", all_buyers_can_order=False, scope=operator)
    request = ViewRequest("acme", SalesContext("ann"), catalog="all")
    first = market.storefront.page_of_seller(request, scope=market.as_buyer("ann"), limit=1)
    assert ([view.sku.id for view in first.items], first.next) == (["lamp"], "3:all:lamp")
    second = market.storefront.page_of_seller(request, scope=market.as_buyer("ann"), after=first.next, limit=1)
    assert ([view.sku.id for view in second.items], second.next) == (["vase"], None)


def test_a_product_is_viewed_with_all_its_skus_that_are_sold(market: Marketplace) -> None:
    operator = market.as_operator()
    market.catalog.save_product(Product("shirt", "Shirt"), scope=operator)
    with market.store.begin(operator) as unit:
        for size in ("s", "m", "l"):
            unit.repository(OFFERS).add(Offer(f"acme-shirt-{size}", "acme", f"shirt-{size}", schedule="acme-lamp"))
        unit.commit()
    for size in ("s", "m"):
        market.catalog.save_sku(Sku(f"shirt-{size}", f"Shirt {size}", product="shirt"), scope=operator)
    found = show(market.storefront.view_of_seller("shirt", ANN, scope=market.as_buyer("ann")))
    assert found == {"shirt-m": "30.00 EUR", "shirt-s": "30.00 EUR"}


def test_pages_follow_each_other(market: Marketplace) -> None:
    scope = market.as_buyer("ann")
    first = market.storefront.page_of_seller(ANN, scope=scope, limit=2)
    second = market.storefront.page_of_seller(ANN, scope=scope, after=first.next, limit=2)
    assert [view.sku.id for view in (*first.items, *second.items)] == ["lamp", "mug", "vase"]
    assert second.next is None


def test_a_longer_page_takes_no_more_port_calls(clock: ManualClock) -> None:
    store = CountingStore()
    market = Marketplace(store, "EUR", clock=clock)
    market.load(EXAMPLE)
    counts = []
    for limit in (1, 10, 60):
        store.calls.clear()
        assert (
            len(market.storefront.page_of_seller(ViewRequest("acme"), scope=Scope.buyer("ann"), limit=limit).items)
            == limit
        )
        counts.append(dict(store.calls))
    assert counts[0] == counts[1] == counts[2]
    assert sum(counts[0].values()) <= 12


def test_an_offer_that_is_not_for_this_channel_or_not_approved_is_not_sold(market: Marketplace) -> None:
    with market.store.begin(market.as_operator()) as unit:
        offers = unit.repository(OFFERS)
        offers.save(attrs.evolve(offers.get("acme-lamp"), channels=["app"]))
        offers.save(attrs.evolve(offers.get("acme-vase"), approval=Approval.PENDING))
        unit.commit()
    assert page(market) == {"lamp": "-", "mug": "-", "vase": "-"}
    assert page(market, ViewRequest("acme", SalesContext("ann", channel="app")))["lamp"] == "30.00 EUR"


def test_what_is_shown_is_what_a_cart_costs(market: Marketplace) -> None:
    scope, quantities = market.as_operator(), (1, 7)
    vip = PriceSchedule(
        "lamp-vip", "acme", [PriceBreak(1, Money.of("20.00", "EUR")), PriceBreak(5, Money.of("19.00", "EUR"))]
    )
    market.prices.save_schedule(vip, scope=market.as_operator())
    market.prices.assign(Assignment("a1", "lamp", "lamp-vip", merchant="acme", group="vip"), scope=market.as_operator())
    shown = 0
    for quantity in quantities:
        request = ViewRequest("acme", SalesContext("ann", groups=("vip",)), quantity=quantity)
        for view in market.storefront.page_of_seller(request, scope=scope).items:
            for one in view.offers:
                line = CartLine("l1", view.sku.id, quantity, offer=one.offer.id)
                cart = Cart.of("cart-1", buyer="ann", lines=[line], groups=("vip",))
                [priced] = market.simulate(cart, scope=scope).lines
                assert isinstance(one.price, PriceResolution)
                assert (priced.price.unit_price, priced.price.schedule) == (one.price.unit_price, one.price.schedule)
                shown += 1
    assert shown == 4


def test_an_offer_is_not_taken_for_another_whose_ids_read_alike(market: Marketplace) -> None:
    with market.store.begin(market.as_operator()) as unit:
        unit.repository(OFFERS).add(Offer("odd", "acme/la", "mp", schedule="acme-lamp"))
        unit.repository(OFFERS).add(Offer("odder", "acme", "la/mp", schedule="acme-lamp"))
        unit.commit()
    market.catalog.save_sku(Sku("la/mp", "Odd"), scope=market.as_operator())
    assert page(market)["la/mp"] == "30.00 EUR"
    assert set(page(market, ViewRequest("acme/la", SalesContext("ann"))).values()) == {"-"}


def test_what_is_not_shown_cannot_be_ordered(market: Marketplace) -> None:
    operator = market.as_operator()
    market.catalog.save_catalog(Catalog("vip", "For some"), scope=operator)
    market.catalog.add_products("vip", ["lamp"], scope=operator)
    market.catalog.assign("vip", buyer="ann", scope=operator)
    lines = [CartLine("l1", "lamp", 1), CartLine("l2", "lamp", 1, offer="bolt-lamp"), CartLine("l3", "mug", 1)]
    seen = {
        buyer: [
            (issue.code, issue.line)
            for issue in market.simulate(Cart.of("c1", buyer=buyer, lines=tuple(lines)), scope=operator).issues
        ]
        for buyer in ("ann", "bob")
    }
    assert seen == {"ann": [], "bob": [("unknown-sku", "l1"), ("unknown-sku", "l2")]}
