"""A projection is the same however it came about: from events and the clock, or from nothing."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from markets import NOON
from mktcore.carts import Cart, CartLine
from mktcore.catalog import SKUS, Catalog, Category, Product, Sku
from mktcore.delivery import ShippingFee
from mktcore.errors import MktcoreError
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.offers import Approval, BuyBoxPolicy, Closure, MerchantRating, Offer
from mktcore.offers.buybox.criteria import ByLandedPrice, ByRating
from mktcore.parties import Agreement, Merchant, SellingRights
from mktcore.parties.agreements.agreement import SelectionTerms
from mktcore.periods import Period
from mktcore.persistence import Scope
from mktcore.pricing import Assignment, PriceBreak, PriceSchedule
from mktcore.storefront import Listing, Projection
from mktcore.testing.fakes import CountingIds, ManualClock

OPERATOR = Scope.operator()
DAY = timedelta(days=1)
CHANNELS = (None, "web")


def euros(amount: str) -> Money:
    return Money.of(amount, "EUR")


class Shelf:
    """A sink in a dict, which counts what it was given."""

    def __init__(self) -> None:
        self.listings: dict[str, Listing] = {}
        self.given: list[str] = []

    def put(self, listings: Sequence[Listing]) -> None:
        self.listings |= {one.id: one for one in listings}
        self.given += [one.id for one in listings]

    def remove(self, skus: Sequence[str]) -> None:
        for sku in skus:
            self.listings.pop(sku, None)

    def clear(self) -> None:
        self.listings = {}


def make_market(**options: Any) -> tuple[Marketplace, ManualClock]:
    clock = ManualClock(NOON)
    market = Marketplace.in_memory("EUR", clock=clock, ids=CountingIds(), **options)
    for merchant in ("acme", "bolt"):
        market.parties.save_merchant(Merchant(merchant, merchant), scope=OPERATOR)
    market.catalog.save_category(Category("all", "All"), scope=OPERATOR)
    market.catalog.save_category(Category("light", "Light", "all"), scope=OPERATOR)
    market.catalog.save_product(Product("shades", "Shades", category="light"), scope=OPERATOR)
    for sku in (Sku("lamp", "Lamp", category="light"), Sku("shade", "Shade", product="shades"), Sku("vase", "Vase")):
        market.catalog.save_sku(sku, scope=OPERATOR)
    for merchant, amount in (("acme", "20.00"), ("bolt", "18.00")):
        schedule = PriceSchedule(merchant, merchant, [PriceBreak(1, euros(amount))])
        market.prices.save_schedule(schedule, scope=OPERATOR)
        for sku in ("lamp", "shade", "vase"):
            market.offers.save(Offer(f"{merchant}-{sku}", merchant, sku, schedule=merchant), scope=OPERATOR)
            market.stock.count(f"{merchant}-{sku}", 2, scope=OPERATOR)
    return market, clock


def project(market: Marketplace, name: str = "search") -> tuple[Projection, Shelf]:
    shelf = Shelf()
    store: Any = market.store
    return market.storefront.project(name, shelf, store.subscriptions, channels=CHANNELS), shelf


def rebuild(market: Marketplace) -> dict[str, Listing]:
    projection, shelf = project(market, "other")
    projection.rebuild()
    return shelf.listings


def show(shelf: Shelf) -> dict[str, str]:
    return {sku: str(one.by_channel[None].unit_price) for sku, one in sorted(shelf.listings.items())}


def test_a_listing_has_what_a_search_engine_wants() -> None:
    market, _ = make_market()
    projection, shelf = project(market)
    assert projection.rebuild().put == 3
    listing = shelf.listings["shade"]
    assert (listing.sku.name, listing.categories, listing.merchants) == ("Shade", ("light", "all"), ("acme", "bolt"))
    price = listing.by_channel["web"]
    assert (price.offer, str(price.unit_price), price.availability) == ("bolt-shade", "18.00 EUR", "in-stock")
    assert listing.next_change is None


def test_only_what_an_event_is_of_is_listed_again() -> None:
    market, _ = make_market()
    projection, shelf = project(market)
    projection.rebuild()
    shelf.given.clear()
    projection.bring_up_to_date()
    assert shelf.given == []
    market.stock.count("bolt-lamp", 0, scope=OPERATOR)
    projection.bring_up_to_date()
    assert shelf.given == ["lamp"]
    assert show(shelf) == {"lamp": "20.00 EUR", "shade": "18.00 EUR", "vase": "18.00 EUR"}


def test_a_price_that_time_changes_is_listed_when_it_is_due() -> None:
    market, clock = make_market()
    sale = PriceSchedule(
        "lamp-sale", "acme", [PriceBreak(1, euros("20.00"), euros("5.00"))], sale=Period(NOON + DAY, NOON + 2 * DAY)
    )
    market.prices.save_schedule(sale, scope=OPERATOR)
    market.prices.assign(Assignment("a1", "lamp", "lamp-sale", merchant="acme"), scope=OPERATOR)
    projection, shelf = project(market)
    projection.rebuild()
    assert (show(shelf)["lamp"], shelf.listings["lamp"].next_change) == ("18.00 EUR", NOON + DAY)
    clock.advance(DAY)
    shelf.given.clear()
    projection.bring_up_to_date()
    assert (show(shelf)["lamp"], shelf.listings["lamp"].next_change) == ("5.00 EUR", NOON + 2 * DAY)
    assert shelf.given == ["lamp"]
    clock.advance(3 * DAY)
    projection.bring_up_to_date()
    assert (show(shelf)["lamp"], shelf.listings["lamp"].next_change) == ("18.00 EUR", None)


def test_what_is_no_longer_sold_is_forgotten() -> None:
    market, clock = make_market()
    projection, shelf = project(market)
    projection.rebuild()
    for name in ("acme-vase", "bolt-vase"):
        market.offers.decide(name, Approval.DENIED, scope=OPERATOR)
    market.catalog.save_catalog(Catalog("vip", "VIP"), scope=OPERATOR)
    market.catalog.add_products("vip", ["shades"], scope=OPERATOR)
    projection.bring_up_to_date()
    assert list(shelf.listings) == ["lamp"]
    for name in ("acme-lamp", "bolt-lamp"):
        offer = market.offers.get(name, scope=OPERATOR)
        ended = attrs.evolve(offer, valid=Period(None, NOON + DAY))
        market.offers.save(ended, scope=OPERATOR)
    projection.bring_up_to_date()
    clock.advance(DAY)
    projection.bring_up_to_date()
    assert shelf.listings == {} == rebuild(market)


def test_a_sink_that_fails_is_given_the_same_again() -> None:
    market, clock = make_market()
    projection, shelf = project(market)
    projection.rebuild()
    market.stock.count("bolt-lamp", 0, scope=OPERATOR)

    class Failing(Shelf):
        def put(self, listings: Sequence[Listing]) -> None:
            raise ConnectionError("the engine is down")

    with pytest.raises(ConnectionError):
        attrs.evolve(projection, sink=Failing()).bring_up_to_date()
    clock.advance(timedelta(hours=1))
    projection.bring_up_to_date()
    assert show(shelf)["lamp"] == "20.00 EUR"


Change = Callable[[Marketplace, ManualClock, str, int], object]


def _offer(market: Marketplace, merchant: str, **changes: Any) -> None:
    offer = market.offers.get(f"{merchant}-lamp", scope=OPERATOR)
    market.offers.save(attrs.evolve(offer, **changes), scope=OPERATOR)


def _price(market: Marketplace, merchant: str, n: int) -> None:
    schedule = market.prices.get_schedule(merchant, scope=OPERATOR)
    sale = Period(NOON + n * DAY, NOON + (n + 2) * DAY)
    breaks = [PriceBreak(1, euros(f"{n + 10}.00"), euros("9.00"))]
    market.prices.save_schedule(attrs.evolve(schedule, breaks=breaks, sale=sale), scope=OPERATOR)


def _assign(market: Marketplace, merchant: str, n: int) -> None:
    name = f"{merchant}-{n}"
    breaks, valid = [PriceBreak(1, euros("7.00"))], Period(NOON + n * DAY, None)
    market.prices.save_schedule(PriceSchedule(name, merchant, breaks, valid=valid), scope=OPERATOR)
    market.prices.assign(Assignment(name, "shade", name, merchant=merchant, channel="web"), scope=OPERATOR)


def _product(market: Marketplace, n: int) -> None:
    product = market.catalog.get_product("shades", scope=OPERATOR)
    category = ["light", "all"][n % 2]
    market.catalog.save_product(attrs.evolve(product, category=category, brand=str(n)), scope=OPERATOR)


def _category(market: Marketplace, n: int) -> None:
    category = market.catalog.get_category("light", scope=OPERATOR)
    market.catalog.save_category(attrs.evolve(category, parent=[None, "all"][n % 2]), scope=OPERATOR)


def _buy(market: Marketplace, n: int) -> None:
    cart = Cart.of(f"c{n}", buyer="ann", lines=[CartLine("l1", "lamp", 1 + n % 2)])
    order = market.place(cart, key=f"c{n}", scope=OPERATOR)
    if n % 3 == 0:
        market.fire(order.merchant_orders[0].id, "cancel", key=f"x{n}", scope=OPERATOR)


def _sku(market: Marketplace, n: int) -> None:
    sku = market.catalog.get_sku("vase", scope=OPERATOR)
    market.catalog.save_sku(attrs.evolve(sku, name=f"Vase {n}", category="light"), scope=OPERATOR)


def _catalog(market: Marketplace, n: int) -> None:
    if n % 2:
        market.catalog.save_catalog(Catalog("vip", "VIP"), scope=OPERATOR)
        market.catalog.add_products("vip", ["shades", "vase"], scope=OPERATOR)
    else:
        market.catalog.assign_catalog("vip", None, scope=OPERATOR)


CHANGES: dict[str, Change] = {
    "offer": lambda m, _, s, n: _offer(m, s, valid=Period(NOON + n * DAY, None), channels=[None, ["web"]][n % 2]),
    "offer of another": lambda m, _, s, n: _offer(m, s, sku=["lamp", "vase"][n % 2]),
    "approval": lambda m, _, s, n: m.offers.decide(f"{s}-vase", list(Approval)[n % 3], scope=OPERATOR),
    "closure": lambda m, _, s, n: m.offers.close(Closure(f"c{n}", s, Period(NOON + n * DAY, None)), scope=OPERATOR),
    "reopening": lambda m, _, s, n: m.offers.reopen(f"c{n}", scope=OPERATOR),
    "rating": lambda m, _, s, n: m.offers.rate([MerchantRating(s, _rate(n))], scope=OPERATOR),
    "stock": lambda m, _, s, n: m.stock.count(f"{s}-shade", n % 3, scope=OPERATOR),
    "price": lambda m, _, s, n: _price(m, s, n),
    "assignment": lambda m, _, s, n: _assign(m, s, n),
    "unassignment": lambda m, _, s, n: m.prices.unassign(f"{s}-{n}", scope=OPERATOR),
    "removal": lambda m, _, s, n: m.prices.remove_schedule(s, scope=OPERATOR),
    "fee": lambda m, _, s, n: m.shipping_fees.save(ShippingFee(s, euros(f"{n}.00")), scope=OPERATOR),
    "membership": lambda m, _, s, n: m.parties.change_membership(s, all_buyers_can_order=bool(n % 2), scope=OPERATOR),
    "rights": lambda m, _, s, n: m.parties.save_selling_rights(SellingRights("vase", owner=s), scope=OPERATOR),
    "agreement": lambda m, _, s, n: m.agreements.sign(
        Agreement(f"g{n}", s, Period(NOON + n * DAY, None), selection=SelectionTerms(categories=["all"])),
        scope=OPERATOR,
    ),
    "product": lambda m, _, s, n: _product(m, n),
    "category": lambda m, _, s, n: _category(m, n),
    "sku": lambda m, _, s, n: _sku(m, n),
    "catalog": lambda m, _, s, n: _catalog(m, n),
    "order": lambda m, _, s, n: _buy(m, n),
    "time": lambda m, clock, s, n: clock.advance(n * DAY),
}


def _rate(n: int) -> Any:
    return euros(f"{n}.00").amount


STEPS = st.tuples(st.sampled_from(sorted(CHANGES)), st.sampled_from(["acme", "bolt"]), st.integers(1, 6), st.booleans())


def try_change(market: Marketplace, clock: ManualClock, name: str, *, seller: str, number: int) -> bool:
    try:
        CHANGES[name](market, clock, seller, number)
    except MktcoreError:
        return False  # nothing to reopen, nothing to buy
    return True


BY_RATING = BuyBoxPolicy([ByRating(), ByLandedPrice()])


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_each_change_can_be_made(name: str) -> None:
    market, clock = make_market()
    made = [
        try_change(market, clock, one, seller="acme", number=number)
        for number in range(1, 7)
        for one in ("closure", "assignment", name)
    ]
    assert any(made[2::3])


@pytest.mark.slow  # a market and its changes for each example
@settings(max_examples=40, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=8), st.booleans())
def test_what_is_brought_up_to_date_is_what_is_built_from_nothing(
    steps: list[tuple[str, str, int, bool]], is_by_rating: bool
) -> None:
    market, clock = make_market(**({"buy_box": BY_RATING} if is_by_rating else {}))
    projection, shelf = project(market)
    projection.rebuild()
    for name, seller, number, is_looked_at in steps:
        try_change(market, clock, name, seller=seller, number=number)
        if is_looked_at:
            projection.bring_up_to_date()
            assert shelf.listings == rebuild(market)
    projection.bring_up_to_date()
    assert shelf.listings == rebuild(market)
    with market.store.begin(OPERATOR) as unit:
        assert set(shelf.listings) <= {sku.id for sku in unit.repository(SKUS).stream()}
