"""Shipments that are still to come: what splits them, what each holds, and when it comes, as far as it is known."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import attrs
import pytest

from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.addresses import Address
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.orders.actions import CancelByMerchant
from mktcore.orders.actions.shipments import BackOrder
from mktcore.orders.shipments.shipment_to_come import Readiness
from mktcore.persistence import NotFound, Scope
from mktcore.testing.fakes import ManualClock
from mktcore.views import view

FILES = TWO_MERCHANTS | {
    "skus.csv": "sku,name,tax_category\nlens,Lens,\nbook,Book,\ncase,Case,\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock\nlens,acme,lens,19.99,0\ncase,acme,case,5.00,99\nbook,bolt,book,45.50,99\n"
    ),
}
ACME, BOLT, BUYER, OPERATOR = Scope.merchant("acme"), Scope.merchant("bolt"), Scope.buyer("b1"), Scope.operator()
PART = "order-1--acme"
HOME, WORK = Address("DE", city="Berlin", name="Ann"), Address("DE", city="Hamburg", name="Bob")
AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, ManualClock(NOON), FILES) as opened:
        lens = opened.offers.get("lens", scope=ACME)
        opened.offers.save(attrs.evolve(lens, locations=["berlin", "porto"]), scope=ACME)
        opened.stock.count("lens", {"berlin": 3, "porto": 2}, scope=ACME)
        lines = [
            CartLine("l1", "lens", 5, offer="lens"),
            CartLine("l2", "book", 1, offer="book"),
            CartLine("l3", "case", 2, offer="case"),
            CartLine("l4", "case", 4, offer="case", deliver_to=WORK),
        ]
        opened.place(Cart.of("cart-1", buyer="b1", lines=lines, deliver_to=HOME), key="k1", scope=BUYER)
        yield opened


def tell(market: Marketplace, scope: Scope = ACME, part: str = PART) -> list[tuple[object, ...]]:
    return [
        (one.deliver_to and one.deliver_to.city, one.location, str(one.readiness), one.expected, dict(one.lines))
        for one in market.shipments.expected(part, scope=scope)
    ]


def test_pieces_leave_apart_by_address_and_by_location(market: Marketplace) -> None:
    assert tell(market) == [
        ("Berlin", "berlin", "ready", None, {"l1": 3}),
        ("Berlin", "porto", "ready", None, {"l1": 2}),
        ("Berlin", "", "ready", None, {"l3": 2}),
        ("Hamburg", "", "ready", None, {"l4": 4}),
    ]
    assert tell(market, BOLT, "order-1--bolt") == [("Berlin", "", "ready", None, {"l2": 1})]


def test_pieces_on_back_order_come_on_the_day_that_was_told_for_them(market: Marketplace) -> None:
    market.fire(PART, BackOrder("sold-out", SEPTEMBER), key="b1", scope=ACME, lines={"l4": 1})
    market.fire(PART, BackOrder("sold-out", AUGUST), key="b2", scope=ACME, lines={"l3": 2})
    market.shipments.ship(PART, {"l1": 4}, key="s1", scope=ACME)
    market.fire(PART, CancelByMerchant("broken"), key="c1", scope=ACME, lines={"l4": 1})
    assert tell(market) == [
        ("Berlin", "porto", "ready", None, {"l1": 1}),
        ("Hamburg", "", "ready", None, {"l4": 2}),
        ("Berlin", "", "back-ordered", AUGUST, {"l3": 2}),
        ("Hamburg", "", "back-ordered", SEPTEMBER, {"l4": 1}),
    ]
    market.shipments.ship(PART, key="s2", scope=ACME)
    assert tell(market) == []


def test_what_is_held_cannot_leave_and_a_review_blocks_all_of_it(market: Marketplace) -> None:
    market.orders.fire("order-1", "hold", key="h1", scope=OPERATOR, lines={"l3": 1})
    assert ("Berlin", "", "blocked", None, {"l3": 1}) in tell(market)
    market.orders.hold("order-1", "fraud", scope=OPERATOR)
    assert {one.readiness for one in market.shipments.expected(PART, scope=ACME)} == {Readiness.BLOCKED}
    # A buyer is not told that its order is reviewed.
    assert [one for one in tell(market, BUYER) if one[2] == "blocked"] == [("Berlin", "", "blocked", None, {"l3": 1})]


def test_a_buyer_is_not_told_where_goods_lie_and_strangers_are_told_nothing(market: Marketplace) -> None:
    assert tell(market, BUYER) == [
        ("Berlin", "", "ready", None, {"l1": 5, "l3": 2}),
        ("Hamburg", "", "ready", None, {"l4": 4}),
    ]
    for scope in (BOLT, Scope.buyer("b2")):
        with pytest.raises(NotFound):
            market.shipments.expected(PART, scope=scope)
    shown = view(market.shipments.expected(PART, scope=ACME)[0], scope=ACME)
    assert shown["readiness"] == "ready"
    assert (shown["location"], shown["lines"]) == ("berlin", {"l1": 3})
    told = market.shipments.expected(PART, scope=OPERATOR)[0]
    assert "location" not in view(told, scope=BUYER)
    for scope in (BOLT, Scope.buyer("b2")):
        with pytest.raises(NotFound):
            view(told, scope=scope)
