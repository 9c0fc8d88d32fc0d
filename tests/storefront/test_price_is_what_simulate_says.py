"""Whatever a market is like: what leads on a page, and at which price, is what a cart of its pieces gets."""

from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from markets import NOON
from mktcore.carts import Cart, CartLine
from mktcore.catalog import PRODUCTS, SKUS, Product, Sku
from mktcore.delivery import SHIPPING_FEES, ShippingFee
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.offers import CLOSURES, OFFERS, Approval, BackOrders, BuyBoxPolicy, Closure, Condition, Offer
from mktcore.offers.buybox.criteria import ByHandling, ByLandedPrice, ByPrice
from mktcore.parties import SellingRights
from mktcore.periods import ALWAYS, Period
from mktcore.persistence import Scope
from mktcore.pricing import ASSIGNMENTS, PRICE_SCHEDULES, Assignment, PriceBreak, PriceSchedule
from mktcore.sales_context import SalesContext
from mktcore.stock import StockCount
from mktcore.storefront import StorefrontEntry
from mktcore.testing.fakes import CountingIds, ManualClock

OPERATOR = Scope.operator()
SKU_IDS, MERCHANTS, SCHEDULES = ("lamp", "shade", "vase"), ("acme", "bolt"), ("p1", "p2", "p3")
DAY = timedelta(days=1)
PERIODS = [ALWAYS, ALWAYS, Period(NOON - DAY, NOON + DAY), Period(NOON + DAY, None), Period(None, NOON)]
PRICES = st.integers(0, 3000).map(lambda minor: Money.from_minor(minor, "EUR"))


@st.composite
def schedules(draw: st.DrawFn, id_: str) -> PriceSchedule:
    least, price = draw(st.sampled_from([1, 1, 1, 2])), draw(PRICES)
    sale = draw(st.sampled_from([None, Money.from_minor(price.minor // 2, "EUR")]))
    return PriceSchedule(
        id_,
        draw(st.sampled_from([None, *MERCHANTS])),
        [PriceBreak(least, price, sale), PriceBreak(3, draw(PRICES))],
        valid=draw(st.sampled_from(PERIODS)),
        sale=draw(st.sampled_from(PERIODS)),
        per=draw(st.sampled_from([1, 10])),
        cumulative=draw(st.booleans()),
    )


@st.composite
def offers(draw: st.DrawFn, number: int) -> Offer:
    return Offer(
        f"o{number}",
        draw(st.sampled_from(MERCHANTS)),
        draw(st.sampled_from(SKU_IDS)),
        schedule=draw(st.sampled_from(SCHEDULES)),
        condition=draw(st.sampled_from([Condition.NEW, Condition.USED])),
        valid=draw(st.sampled_from(PERIODS)),
        channels=draw(st.sampled_from([None, None, ["web"]])),
        minimum=draw(st.sampled_from([1, 1, 2, 3])),
        maximum=draw(st.sampled_from([None, None, 3])),
        approval=draw(st.sampled_from([Approval.APPROVED, Approval.APPROVED, Approval.DENIED])),
        backorders=draw(st.sampled_from(BackOrders)),
        handling_days=draw(st.integers(0, 3)),
    )


@st.composite
def assignments(draw: st.DrawFn, number: int) -> Assignment:
    whom: dict[str, Any] = draw(st.sampled_from([{}, {"buyer": "ann"}, {"buyer": "bob"}, {"group": "club"}]))
    return Assignment(
        f"a{number}",
        draw(st.sampled_from(SKU_IDS)),
        draw(st.sampled_from(SCHEDULES)),
        merchant=draw(st.sampled_from([None, *MERCHANTS])),
        channel=draw(st.sampled_from([None, None, "web"])),
        **whom,
    )


@st.composite
def markets(draw: st.DrawFn) -> Marketplace:
    buy_box = draw(
        st.sampled_from([BuyBoxPolicy([ByPrice()]), BuyBoxPolicy([ByHandling()]), BuyBoxPolicy([ByLandedPrice()])])
    )
    market = Marketplace.in_memory("EUR", clock=ManualClock(NOON), ids=CountingIds(), buy_box=buy_box)
    sold = [draw(offers(number)) for number in range(draw(st.integers(0, 6)))]
    with market.store.begin(OPERATOR) as unit:
        unit.repository(PRODUCTS).add(Product("shades", "Shades"))
        unit.repository(SKUS).add_many([Sku("lamp", "L", product="shades"), Sku("shade", "S", product="shades")])
        unit.repository(SKUS).add(Sku("vase", "V"))
        unit.repository(PRICE_SCHEDULES).add_many([draw(schedules(id_)) for id_ in SCHEDULES])
        unit.repository(OFFERS).add_many(sold)
        unit.repository(ASSIGNMENTS).add_many([draw(assignments(n)) for n in range(draw(st.integers(0, 3)))])
        if draw(st.booleans()):
            unit.repository(CLOSURES).add(Closure("c1", "acme", draw(st.sampled_from(PERIODS))))
        unit.repository(SHIPPING_FEES).add(ShippingFee("acme", Money.of("4.00", "EUR")))
        counts = [
            StockCount(one.id, one.merchant, draw(st.integers(0, 4)), backorder=draw(st.sampled_from([0, 2])))
            for one in sold
        ]
        unit.stock.set_on_hand(counts, at=NOON)
        unit.commit()
    if draw(st.booleans()):
        market.parties.save_selling_rights(SellingRights("vase", owner="bolt"), scope=OPERATOR)
    return market


CALLERS = st.sampled_from(
    [
        (SalesContext("ann"), Scope.buyer("ann")),
        (SalesContext("bob", channel="web"), Scope.buyer("bob")),
        (SalesContext("ann", groups=["club"]), OPERATOR),
        (SalesContext(channel="web"), Scope.visitor()),
        (SalesContext(), Scope.visitor()),
    ]
)


pytestmark = pytest.mark.slow  # a market is made for each example


@settings(max_examples=100, deadline=None)
@given(markets(), CALLERS)
def test_what_leads_is_what_a_cart_gets(market: Marketplace, caller: tuple[SalesContext, Scope]) -> None:
    context, scope = caller
    page = market.storefront.page(context, scope=scope)
    entries = {entry.sku.id: entry for entry in page.items}
    # A visitor has no cart: a buyer of whom nothing is known has one in its stead.
    if context.buyer is None:
        context, scope = attrs.evolve(context, buyer="nobody"), Scope.buyer("nobody")
    for sku in SKU_IDS:
        check(market, sku, entries.get(sku), context=context, scope=scope)


def check(market: Marketplace, sku: str, entry: StorefrontEntry | None, *, context: SalesContext, scope: Scope) -> None:
    quantity = 1 if entry is None else entry.quantity
    found = market.simulate(Cart("c1", context, (CartLine("l1", sku, quantity),)), scope=scope)
    if entry is None or entry.lead is None or entry.price is None:
        assert found.lines == ()
        assert found.issues != ()
        return
    [line] = found.lines
    assert (entry.lead.offer.id, entry.price.unit_price, entry.price.per) == (
        line.offer.id,
        line.price.unit_price,
        line.price.per,
    )
    assert found.is_placeable()
    if quantity > 1:
        alone = market.simulate(Cart("c2", context, (CartLine("l1", sku, 1),)), scope=scope)
        assert alone.lines == ()
