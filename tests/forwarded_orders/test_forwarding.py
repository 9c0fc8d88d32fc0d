"""A merchant forwards pieces to a supplier: an order of its own, that both ends find, and follow each other by."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.access import PermissionDenied
from mktcore.addresses import Address
from mktcore.carts import Cart, CartLine
from mktcore.forwarded_orders import ForwardedOrder, ForwardedState, ForwardingRefused
from mktcore.marketplace import Marketplace
from mktcore.orders import MerchantOrder
from mktcore.orders.actions import CancelByMerchant, Deliver, Ship
from mktcore.orders.actions.shipments import BackOrder
from mktcore.orders.shipments import Parcel
from mktcore.persistence import NotFound, Scope
from mktcore.persistence.errors import IdempotencyConflict
from mktcore.testing.fakes import ManualClock

FILES = TWO_MERCHANTS | {
    "merchants.csv": "merchant,name\nacme,Acme\nbolt,Bolt\ncord,Cord\n",
    "skus.csv": "sku,name,tax_category\nlens,Lens,\nbook,Book,\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock\nacme-lens,acme,lens,20.00,99\nacme-book,acme,book,9.00,99\n"
        "bolt-lens,bolt,lens,12.00,99\nbolt-book,bolt,book,5.00,2\ncord-lens,cord,lens,11.00,99\n"
    ),
}
ACME, BOLT, CORD = Scope.merchant("acme"), Scope.merchant("bolt"), Scope.merchant("cord")
BUYER, OPERATOR = Scope.buyer("ann"), Scope.operator()
PART = "order-1--acme"
HOME = Address("DE", postal_code="10115", city="Berlin", lines=["Weg 1"], name="Ann")


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, ManualClock(NOON), FILES) as opened:
        lines = [CartLine("l1", "lens", 4, offer="acme-lens"), CartLine("l2", "book", 2, offer="acme-book")]
        opened.place(Cart.of("cart-1", buyer="ann", lines=lines, deliver_to=HOME), key="k1", scope=BUYER)
        yield opened


def forward(market: Marketplace, *, key: str = "f1", **lines: int) -> ForwardedOrder:
    return market.forwarded_orders.forward(PART, "bolt", lines or {"l1": 3}, key=key, scope=ACME)


def see(market: Marketplace, part: str = PART) -> MerchantOrder:
    return market.orders.get_merchant_order(part, scope=OPERATOR)


def follow(market: Marketplace) -> int:
    moved = 0
    while done := market.forwarded_orders.follow():
        moved += done
    assert market.verify() == ()
    return moved


def test_the_supplier_gets_an_order_of_its_own_and_both_ends_find_each_other(market: Marketplace) -> None:
    link = forward(market, l1=3, l2=1)
    assert (link.id, link.merchant_order, link.order) == (f"{PART}/forwarded-1", PART, "order-1")
    assert (link.supplier_order, link.supplier_merchant_order) == ("order-2", "order-2--bolt")
    assert dict(link.lines) == {"l1": 3, "l2": 1}
    supplied = see(market, link.supplier_merchant_order)
    assert (supplied.buyer, supplied.deliver_to) == ("acme--purchases", HOME)
    assert str(supplied.totals.grand_total) == "41.00 EUR"  # at the supplier's prices
    assert supplied.states == {"l1": {"new": 3}, "l2": {"new": 1}}
    listed = market.forwarded_orders
    assert listed.page(where={"merchant_order": PART}, scope=ACME).items == (link,)
    assert listed.page(where={"supplier_merchant_order": "order-2--bolt"}, scope=OPERATOR).items == (link,)
    assert listed.get(link.id, scope=OPERATOR) == link
    assert market.verify() == ()


def test_the_customer_hears_of_neither_and_the_supplier_not_of_the_link(market: Marketplace) -> None:
    link = forward(market)
    for scope in (BOLT, CORD):
        with pytest.raises(NotFound):
            market.forwarded_orders.get(link.id, scope=scope)
        assert market.forwarded_orders.page(scope=scope).items == ()
    with pytest.raises(PermissionDenied):
        market.forwarded_orders.page(scope=BUYER)
    with pytest.raises(NotFound):
        market.orders.get("order-2", scope=BUYER)
    # What it buys, the merchant sees as the buyer that it is to its suppliers.
    assert market.orders.get("order-2", scope=Scope.buyer("acme--purchases")).totals.grand_total.minor == 36_00


def test_the_same_key_forwards_once(market: Marketplace) -> None:
    first = forward(market)
    assert forward(market) == first
    with pytest.raises(IdempotencyConflict):
        forward(market, l1=1)
    with pytest.raises(ForwardingRefused) as refused:
        market.forwarded_orders.forward(PART, "bolt", {"l2": 7}, key="f2", scope=ACME)
    with pytest.raises(ForwardingRefused) as again:
        market.forwarded_orders.forward(PART, "bolt", {"l2": 7}, key="f2", scope=ACME)
    assert refused.value.problems == again.value.problems
    assert len(market.forwarded_orders.page(scope=ACME).items) == 1


def test_what_the_supplier_does_happens_to_the_merchants_order(market: Marketplace) -> None:
    link = forward(market)
    assert follow(market) == 0
    supplied = link.supplier_merchant_order
    parcels = [Parcel("1", tracking="JD01", holds={"l1": 2})]
    sent = market.fire(
        supplied, Ship("DHL", "JD01", parcels=parcels, invoice="B-1"), key="s1", scope=BOLT, lines={"l1": 2}
    )
    market.fire(supplied, BackOrder("sold-out", date(2026, 8, 1)), key="b1", scope=BOLT, lines={"l1": 1})
    assert follow(market) == 1
    part = see(market)
    assert part.states["l1"] == {"new": 1, "shipped": 2, "back-ordered": 1}
    [own] = [market.shipments.get(id_, scope=BUYER) for id_ in part.shipments]
    assert (own.tracking, own.parcels[0].holds, own.invoice) == ("JD01", {"l1": 2}, None)
    back = [one for one in market.shipments.expected(PART, scope=ACME) if one.readiness == "back-ordered"]
    assert [(one.expected, one.lines) for one in back] == [(date(2026, 8, 1), {"l1": 1})]
    market.fire(supplied, Deliver(received_by="Ann", shipment=sent.shipments[0]), key="d1", scope=BOLT, lines={"l1": 1})
    assert follow(market) == 1
    assert market.shipments.get(own.id, scope=ACME).states == {"l1": {"shipped": 1, "delivered": 1}}
    market.fire(supplied, "lose", key="l1", scope=BOLT, lines={"l1": 1})
    follow(market)
    assert see(market).states["l1"] == {"new": 1, "back-ordered": 1, "delivered": 1, "lost": 1}
    assert market.forwarded_orders.get(link.id, scope=ACME).troubles == ()


def test_a_supplier_delivers_its_own_shipment_and_not_the_merchants(market: Marketplace) -> None:
    link = forward(market, l1=2)
    mine = market.shipments.ship(PART, {"l1": 2}, key="m1", scope=ACME)
    market.fire(link.supplier_merchant_order, "ship", key="s1", scope=BOLT)
    follow(market)
    market.fire(link.supplier_merchant_order, "deliver", key="d1", scope=BOLT)
    follow(market)
    assert market.shipments.get(mine.id, scope=ACME).states == {"l1": {"shipped": 2}}
    assert see(market).states["l1"] == {"shipped": 2, "delivered": 2}


def test_a_mistaken_shipment_is_undone_and_sent_again(market: Marketplace) -> None:
    link = forward(market, l1=2)
    for key, event in (("s1", "ship"), ("u1", "undo shipment"), ("s2", "ship"), ("d1", "deliver")):
        market.fire(link.supplier_merchant_order, event, key=key, scope=BOLT)
    follow(market)
    # Pieces of a line are alike: two of the four are sent, and two may be.
    assert see(market).states["l1"] == {"recalled": 2, "delivered": 2}


def test_what_the_buyer_cancels_the_supplier_is_asked_to_cancel(market: Marketplace) -> None:
    link = forward(market)
    market.fire(PART, CancelByMerchant("out-of-range"), key="c1", scope=ACME, lines={"l1": 1})
    follow(market)  # one piece of four was the merchant's own to send: that is canceled first
    assert see(market, link.supplier_merchant_order).states["l1"] == {"new": 3}
    market.fire(PART, CancelByMerchant("out-of-range"), key="c2", scope=ACME, lines={"l1": 2})
    follow(market)
    follow(market)
    assert see(market, link.supplier_merchant_order).states["l1"] == {"new": 1, "cancellation asked": 2}
    market.fire(link.supplier_merchant_order, "accept cancellation", key="a1", scope=BOLT, lines={"l1": 2})
    follow(market)
    assert see(market, link.supplier_merchant_order).states["l1"] == {"new": 1, "canceled": 2}
    assert see(market).states["l1"] == {"new": 1, "canceled": 3}
    assert dict(market.forwarded_orders.get(link.id, scope=ACME).asked) == {"l1": 2}


def test_a_supplier_that_refuses_and_sends_is_told_to_people(market: Marketplace) -> None:
    link = forward(market)
    market.fire(PART, CancelByMerchant("out-of-range"), key="c1", scope=ACME, lines={"l1": 2})
    follow(market)
    market.fire(link.supplier_merchant_order, "refuse cancellation", key="r1", scope=BOLT)
    follow(market)  # nobody asks again for ever
    assert see(market, link.supplier_merchant_order).states["l1"] == {"new": 2, "picking": 1}
    market.fire(link.supplier_merchant_order, "ship", key="s1", scope=BOLT)
    follow(market)
    assert see(market).states["l1"] == {"canceled": 2, "shipped": 2}
    found = market.forwarded_orders.get(link.id, scope=ACME)
    assert [(one.code, one.operands["l1"]) for one in found.troubles] == [("forwarded-orders.not-followed", 1)]


def test_what_the_supplier_cancels_may_be_forwarded_to_another(market: Marketplace) -> None:
    link = forward(market, l1=4)
    with pytest.raises(ForwardingRefused, match="0 may be forwarded"):
        market.forwarded_orders.forward(PART, "cord", {"l1": 1}, key="f2", scope=ACME)
    market.fire(link.supplier_merchant_order, CancelByMerchant("sold-out"), key="c1", scope=BOLT, lines={"l1": 3})
    follow(market)
    assert see(market).states["l1"] == {"new": 4}
    second = market.forwarded_orders.forward(PART, "cord", {"l1": 3}, key="f3", scope=ACME)
    assert (second.id, second.supplier_merchant_order) == (f"{PART}/forwarded-2", "order-3--cord")
    market.fire(second.supplier_merchant_order, "ship", key="s1", scope=CORD)
    market.fire(link.supplier_merchant_order, "ship", key="s2", scope=BOLT)
    follow(market)
    assert see(market).states["l1"] == {"shipped": 4}


def test_a_link_closes_when_nothing_happens_to_the_suppliers_order_any_more(market: Marketplace) -> None:
    link = forward(market, l1=1)
    market.fire(link.supplier_merchant_order, CancelByMerchant("sold-out"), key="c1", scope=BOLT)
    assert follow(market) == 1
    assert market.forwarded_orders.get(link.id, scope=ACME).state is ForwardedState.CLOSED
    assert market.forwarded_orders.page(where={"state": "open"}, scope=OPERATOR).items == ()


def test_what_left_while_the_order_was_held_is_followed_once_it_is_released(market: Marketplace) -> None:
    link = forward(market, l1=4)
    market.orders.hold("order-1", "fraud", scope=OPERATOR)
    market.fire(link.supplier_merchant_order, "ship", key="s1", scope=BOLT, lines={"l1": 2})
    follow(market)
    assert see(market).states["l1"] == {"new": 4}
    market.orders.release("order-1", "fraud", scope=OPERATOR)
    market.orders.fire("order-1", "hold", key="h1", scope=OPERATOR, lines={"l1": 3})
    follow(market)
    assert see(market).states["l1"] == {"new": 1, "held": 3}
    market.orders.fire("order-1", "release", key="h2", scope=OPERATOR)
    market.fire(link.supplier_merchant_order, "ship", key="s2", scope=BOLT)
    follow(market)
    assert see(market).states["l1"] == {"shipped": 4}
    assert market.forwarded_orders.get(link.id, scope=ACME).troubles == ()


@pytest.mark.parametrize(
    ("supplier", "lines", "code"),
    [
        ("acme", {"l1": 1}, "forwarded-orders.circle"),
        ("cord", {"l2": 1}, "forwarded-orders.no-offer"),
        ("nobody", {"l1": 1}, "forwarded-orders.no-offer"),
        ("bolt", {"l1": 5}, "forwarded-orders.not-so-many"),
        ("bolt", {"l1": 0}, "forwarded-orders.not-so-many"),
        ("bolt", {"l9": 1}, "forwarded-orders.not-so-many"),
        ("bolt", {}, "forwarded-orders.nothing-left"),
        ("bolt", {"l1": 10**30}, "forwarded-orders.not-so-many"),
    ],
)
def test_what_cannot_be_forwarded_is_refused_whole(
    market: Marketplace, supplier: str, lines: dict[str, int], code: str
) -> None:
    with pytest.raises(ForwardingRefused) as refused:
        market.forwarded_orders.forward(PART, supplier, lines, key="f1", scope=ACME)
    assert [one.code for one in refused.value.problems] == [code]
    assert market.forwarded_orders.page(scope=OPERATOR).items == ()
    with pytest.raises(NotFound):
        market.orders.get("order-2", scope=OPERATOR)


def test_a_circle_is_refused(market: Marketplace) -> None:
    link = forward(market)
    with pytest.raises(ForwardingRefused, match="acme to bolt to acme"):
        market.forwarded_orders.forward(link.supplier_merchant_order, "acme", key="f2", scope=BOLT)
    third = market.forwarded_orders.forward(link.supplier_merchant_order, "cord", key="f3", scope=BOLT)
    market.fire(third.supplier_merchant_order, "ship", key="s1", scope=CORD)
    follow(market)
    assert see(market).states["l1"] == {"new": 1, "shipped": 3}


def test_too_little_stock_at_the_suppliers_is_its_refusal(market: Marketplace) -> None:
    market.stock.count("bolt-lens", 2, scope=BOLT)
    with pytest.raises(ForwardingRefused) as refused:
        forward(market)
    assert [one.code for one in refused.value.problems] == ["out-of-stock"]
    assert see(market).states["l1"] == {"new": 4}


def test_only_the_merchant_and_the_operator_forward(market: Marketplace) -> None:
    forward_ = market.forwarded_orders.forward
    for scope in (BOLT, CORD):
        with pytest.raises(NotFound):
            forward_(PART, "bolt", key="f1", scope=scope)
    with pytest.raises(PermissionDenied):
        forward_(PART, "bolt", key="f1", scope=BUYER)
    with pytest.raises(PermissionDenied):  # it would order in anybody's name
        forward_(PART, "bolt", {"l1": 1}, key="f1", scope=ACME, purchaser="ann")
    link = forward_(PART, "bolt", {"l1": 1}, key="f1", scope=OPERATOR, purchaser="acme-ltd")
    assert see(market, link.supplier_merchant_order).buyer == "acme-ltd"


def test_another_offer_is_named_where_the_supplier_sells_something_else_in_its_place(market: Marketplace) -> None:
    link = market.forwarded_orders.forward(PART, "bolt", {"l2": 2}, key="f1", scope=ACME, offers={"l2": "bolt-lens"})
    assert see(market, link.supplier_merchant_order).lines[0].sku == "lens"
    with pytest.raises(ForwardingRefused, match="no such offer"):
        market.forwarded_orders.forward(PART, "bolt", {"l1": 1}, key="f2", scope=ACME, offers={"l1": "cord-lens"})
