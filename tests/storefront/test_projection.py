"""A projection is the same however it came about: from events and the clock, or from nothing."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
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
from mktcore.offers import Approval, BuyBoxPolicy, Closure, Offer
from mktcore.offers.buybox.criteria import ByLandedPrice, ByRating
from mktcore.offers.buybox.stored_rating import MerchantRating
from mktcore.offers.stock_terms import OfferPart, StockTerms
from mktcore.parties import MERCHANTS, Agreement, Merchant, SellingRights
from mktcore.parties.agreements.agreement import SelectionTerms
from mktcore.parties.selling_rights.rights import SELLING_RIGHTS, GoodsGroup, Recall, gate_goods
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
    with market.store.begin(OPERATOR) as unit:
        unit.repository(MERCHANTS).add_many([Merchant(merchant, merchant) for merchant in ("acme", "bolt")])
        unit.commit()
    market.catalog.save_category(Category("all", "All"), scope=OPERATOR)
    market.catalog.save_category(Category("light", "Light", "all"), scope=OPERATOR)
    market.catalog.save_product(Product("shades", "Shades", category="light", brand="Orlik"), scope=OPERATOR)
    for one in (Sku("lamp", "Lamp", category="light"), Sku("shade", "Shade", product="shades"), Sku("vase", "Vase")):
        market.catalog.save_sku(one, scope=OPERATOR)
    for merchant, amount in (("acme", "20.00"), ("bolt", "18.00")):
        schedule = PriceSchedule(merchant, merchant, [PriceBreak(1, euros(amount))])
        market.prices.save_schedule(schedule, scope=OPERATOR)
        for sku in ("lamp", "shade", "vase"):
            market.offers.save(Offer(f"{merchant}-{sku}", merchant, sku, schedule=merchant), scope=OPERATOR)
            market.stock.count(f"{merchant}-{sku}", 2, scope=OPERATOR)
    return market, clock


def add_kit(market: Marketplace) -> None:
    """Let acme sell a lamp with two vases as one, drawn from the stock of both."""
    market.catalog.save_sku(Sku("set", "Set"), scope=OPERATOR)
    market.prices.save_schedule(PriceSchedule("set", "acme", [PriceBreak(1, euros("50.00"))]), scope=OPERATOR)
    stock = StockTerms(parts=[OfferPart("acme-lamp"), OfferPart("acme-vase", 2)])
    market.offers.save(Offer("acme-set", "acme", "set", schedule="set", stock=stock), scope=OPERATOR)


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


def test_what_a_folder_brings_is_listed(tmp_path: Path) -> None:
    market, _ = make_market()
    projection, shelf = project(market)
    projection.rebuild()
    (tmp_path / "offers.csv").write_text(
        "offer,merchant,sku,price,stock\nnew-vase,acme,vase,3.00,1\n", encoding="utf-8"
    )
    market.load(tmp_path)
    projection.bring_up_to_date()
    assert show(shelf)["vase"] == "3.00 EUR"


def test_a_sink_that_fails_is_given_the_same_again() -> None:
    market, clock = make_market()
    projection, shelf = project(market)
    projection.rebuild()
    market.stock.count("bolt-lamp", 0, scope=OPERATOR)

    class Failing(Shelf):
        def put(self, listings: Sequence[Listing]) -> None:  # noqa: ARG002 - as every sink
            raise ConnectionError("the engine is down")

    with pytest.raises(ConnectionError):
        attrs.evolve(projection, sink=Failing()).bring_up_to_date()
    clock.advance(timedelta(hours=1))
    projection.bring_up_to_date()
    assert show(shelf)["lamp"] == "20.00 EUR"


@attrs.frozen
class Change:
    """What happens: to which market and clock, of which seller, and a number that says how."""

    market: Marketplace
    clock: ManualClock
    seller: str
    number: int

    @property
    def later(self) -> Period:
        return Period(NOON + self.number * DAY, None)


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
    market.catalog.save_product(
        attrs.evolve(product, category=category, brand=["Orlik", "Ashby"][n % 2]), scope=OPERATOR
    )


def _category(market: Marketplace, n: int) -> None:
    category = market.catalog.get_tree().categories["light"]
    market.catalog.save_category(attrs.evolve(category, parent=[None, "all"][n % 2]), scope=OPERATOR)


def _gate(market: Marketplace, group: GoodsGroup, name: str, seller: str) -> None:
    rights = gate_goods(group, name, [seller])
    with market.store.begin(OPERATOR) as unit:
        known = unit.repository(SELLING_RIGHTS).find(rights.id)
    version = 0 if known is None else known.version
    market.parties.save_selling_rights(attrs.evolve(rights, version=version), scope=OPERATOR)


def _recall_later(market: Marketplace, later: Period) -> None:
    assert later.start is not None
    recall = Recall(later.start, "from then on")
    market.parties.save_selling_rights(SellingRights("lamp", unrestricted=True, recall=recall), scope=OPERATOR)


def _rebuild_kit(market: Marketplace, n: int) -> None:
    offer = market.offers.get("acme-set", scope=OPERATOR)
    parts = [OfferPart("acme-shade", 1 + n % 2)]
    market.offers.save(attrs.evolve(offer, stock=StockTerms(parts=parts)), scope=OPERATOR)


def _buy(market: Marketplace, n: int, sku: str = "lamp") -> None:
    cart = Cart.of(f"c{n}", buyer="ann", lines=[CartLine("l1", sku, 1 + n % 2)])
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
        market.catalog.assign("vip", buyer=None, scope=OPERATOR)


APPROVALS = list(Approval)
ONLY_ALL = SelectionTerms(categories=["all"])
CHANGES: dict[str, Callable[[Change], object]] = {
    "offer": lambda c: _offer(c.market, c.seller, valid=c.later, channels=[None, ["web"]][c.number % 2]),
    "offer of another": lambda c: _offer(c.market, c.seller, sku=["lamp", "vase"][c.number % 2]),
    "approval": lambda c: c.market.offers.decide(f"{c.seller}-vase", APPROVALS[c.number % 3], scope=OPERATOR),
    "closure": lambda c: c.market.offers.close(Closure(f"c{c.number}", c.seller, c.later), scope=OPERATOR),
    "reopening": lambda c: c.market.offers.reopen(f"c{c.number}", scope=OPERATOR),
    "rating": lambda c: c.market.offers.rate([MerchantRating(c.seller, Decimal(c.number))], scope=OPERATOR),
    "stock": lambda c: c.market.stock.count(f"{c.seller}-shade", c.number % 3, scope=OPERATOR),
    "price": lambda c: _price(c.market, c.seller, c.number),
    "assignment": lambda c: _assign(c.market, c.seller, c.number),
    "unassignment": lambda c: _unassign(c.market, f"{c.seller}-{c.number}"),
    "removal": lambda c: _remove(c.market, f"{c.seller}-{c.number}"),
    "fee": lambda c: _charge(c.market, c.seller, c.number),
    "membership": lambda c: _relate(c.market, c.seller, c.number),
    "rights": lambda c: _reserve(c.market, c.seller),
    "agreement": lambda c: c.market.agreements.sign(
        Agreement(f"g{c.number}", c.seller, c.later, selection=ONLY_ALL), scope=OPERATOR
    ),
    "recall": lambda c: c.market.parties.recall(["lamp", "vase"][c.number % 2], reason="no", scope=OPERATOR),
    "recall to come": lambda c: _recall_later(c.market, c.later),
    "lift": lambda c: c.market.parties.lift_recall("lamp", scope=OPERATOR),
    "gated category": lambda c: _gate(c.market, GoodsGroup.CATEGORY, ["light", "all"][c.number % 2], c.seller),
    "gated brand": lambda c: _gate(c.market, GoodsGroup.BRAND, "Orlik", c.seller),
    "stock of a part": lambda c: c.market.stock.count("acme-vase", c.number % 3, scope=OPERATOR),
    "order of a kit": lambda c: _buy(c.market, c.number, "set"),
    "kit of another": lambda c: _rebuild_kit(c.market, c.number),
    "product": lambda c: _product(c.market, c.number),
    "category": lambda c: _category(c.market, c.number),
    "sku": lambda c: _sku(c.market, c.number),
    "catalog": lambda c: _catalog(c.market, c.number),
    "order": lambda c: _buy(c.market, c.number),
    "time": lambda c: c.clock.advance(c.number * DAY),
}


def _relate(market: Marketplace, seller: str, n: int) -> None:
    market.parties.change_membership(seller, all_buyers_can_order=bool(n % 2), scope=OPERATOR)


def _reserve(market: Marketplace, seller: str) -> None:
    market.parties.save_selling_rights(SellingRights("vase", owner=seller), scope=OPERATOR)


def _charge(market: Marketplace, seller: str, n: int) -> None:
    known = {fee.id: fee.version for fee in market.shipping_fees.page(scope=OPERATOR).items}
    fee = ShippingFee(seller, euros(f"{n}.00"))
    market.shipping_fees.save(attrs.evolve(fee, version=known.get(fee.id, 0)), scope=OPERATOR)


def _unassign(market: Marketplace, schedule: str) -> None:
    for one in market.prices.find_assignments(schedule, scope=OPERATOR):
        market.prices.unassign(one, scope=OPERATOR)


def _remove(market: Marketplace, schedule: str) -> None:
    _unassign(market, schedule)
    market.prices.remove_schedule(market.prices.get_schedule(schedule, scope=OPERATOR), scope=OPERATOR)


STEPS = st.tuples(st.sampled_from(sorted(CHANGES)), st.sampled_from(["acme", "bolt"]), st.integers(1, 6), st.booleans())


def try_change(market: Marketplace, clock: ManualClock, name: str, *, seller: str, number: int) -> bool:
    try:
        CHANGES[name](Change(market, clock, seller, number))
    except MktcoreError:
        return False  # nothing to reopen, nothing to buy
    return True


BY_RATING = BuyBoxPolicy([ByRating(), ByLandedPrice()])


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_each_change_is_listed_and_what_time_makes_of_it(name: str) -> None:
    market, clock = make_market(buy_box=BY_RATING)
    add_kit(market)
    projection, shelf = project(market)
    projection.rebuild()
    first = {"lift": "recall", "reopening": "closure", "unassignment": "assignment", "removal": "assignment"}.get(name)
    made = []
    for number in (2, 3, 0):
        if first is not None:
            assert try_change(market, clock, first, seller="bolt", number=number)
            clock.advance(2 * DAY)
            projection.bring_up_to_date()
        made.append(try_change(market, clock, name, seller="bolt", number=number))
        for _ in range(2):
            projection.bring_up_to_date()
            assert shelf.listings == rebuild(market)
            clock.advance(DAY)
    assert any(made)


@pytest.mark.slow  # a market and its changes for each example
@settings(max_examples=30, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=8), st.booleans())
def test_what_is_brought_up_to_date_is_what_is_built_from_nothing(
    steps: list[tuple[str, str, int, bool]], is_by_rating: bool
) -> None:
    market, clock = make_market(**({"buy_box": BY_RATING} if is_by_rating else {}))
    add_kit(market)
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
