"""Merchant orders move by the events of their process, and stock follows."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.orders import MerchantOrder
from mktcore.persistence import NotFound, Scope
from mktcore.persistence.errors import IdempotencyConflict
from mktcore.processes import EventRefused
from mktcore.stock import StockLevel

BOLT = Scope.merchant("bolt")


@pytest.fixture
def order(market: Marketplace) -> MerchantOrder:
    lines = (CartLine("l1", "tripod", 3, offer="bolt-tripod"), CartLine("l2", "grinder"))
    placed = market.place(Cart.of("cart-1", buyer="buyer-1", lines=lines), key="k1", scope=market.as_operator())
    return placed.merchant_orders[0]


def find_level(market: Marketplace) -> StockLevel:
    with market.store.begin(market.as_operator()) as unit:
        return unit.stock.find_levels(["bolt-tripod"])["bolt-tripod"]


def test_a_merchant_ships_in_parts_and_stock_leaves_with_them(market: Marketplace, order: MerchantOrder) -> None:
    assert (find_level(market).on_hand, find_level(market).reserved) == (12, 3)
    moved = market.fire(order.id, "ship", key="s1", scope=BOLT, lines={"l1": 2})
    assert moved.states == {"l1": {"new": 1, "shipped": 2}, "l2": {"new": 1}}
    assert (find_level(market).on_hand, find_level(market).reserved) == (10, 1)
    rest = market.fire(order.id, "ship", key="s2", scope=BOLT)
    assert rest.states == {"l1": {"shipped": 3}, "l2": {"shipped": 1}}
    assert (find_level(market).on_hand, find_level(market).reserved) == (9, 0)
    assert market.fire(order.id, "deliver", key="d1", scope=BOLT).states["l1"] == {"delivered": 3}


def test_what_is_canceled_can_be_sold_again(market: Marketplace, order: MerchantOrder) -> None:
    market.fire(order.id, "cancel by merchant", key="c1", scope=BOLT, lines={"l1": 1})
    assert (find_level(market).on_hand, find_level(market).reserved) == (12, 2)
    market.fire(order.id, "ship", key="s1", scope=BOLT, lines={"l1": 1})
    moved = market.fire(order.id, "cancel by merchant", key="c2", scope=BOLT, lines={"l1": 1})
    assert moved.states["l1"] == {"shipped": 1, "canceled": 2}
    assert (find_level(market).on_hand, find_level(market).reserved, find_level(market).available) == (11, 0, 11)


def test_picking_keeps_the_reservation(market: Marketplace, order: MerchantOrder) -> None:
    market.fire(order.id, "pick", key="p1", scope=BOLT)
    assert (find_level(market).on_hand, find_level(market).reserved) == (12, 3)


def test_the_same_key_moves_once(market: Marketplace, order: MerchantOrder) -> None:
    first = market.fire(order.id, "ship", key="s1", scope=BOLT, lines={"l1": 1})
    assert market.fire(order.id, "ship", key="s1", scope=BOLT, lines={"l1": 1}) == first
    assert find_level(market).on_hand == 11
    with pytest.raises(IdempotencyConflict) as conflict:
        market.fire(order.id, "ship", key="s1", scope=BOLT, lines={"l1": 2})
    assert conflict.value.fields == ("lines",)


@pytest.mark.parametrize("lines", [{"l1": 4}, {"l9": 1}, {"l1": 1, "l2": 2}])
def test_more_than_there_is_cannot_be_shipped_and_nothing_moves(
    market: Marketplace, order: MerchantOrder, lines: dict[str, int]
) -> None:
    with pytest.raises(EventRefused):
        market.fire(order.id, "ship", key="s1", scope=BOLT, lines=lines)
    assert market.orders.get_merchant_order(order.id, scope=BOLT) == order
    assert find_level(market).on_hand == 12


def test_an_event_that_does_not_fit_is_refused(market: Marketplace, order: MerchantOrder) -> None:
    with pytest.raises(EventRefused):
        market.fire(order.id, "deliver", key="d1", scope=BOLT)
    with pytest.raises(EventRefused):
        market.fire(order.id, "levitate", key="d2", scope=BOLT)


def test_only_its_merchant_and_the_operator_move_a_merchant_order(market: Marketplace, order: MerchantOrder) -> None:
    with pytest.raises(NotFound):
        market.fire(order.id, "ship", key="s1", scope=market.as_merchant("acme"))
    with pytest.raises(EventRefused, match="a buyer may not fire"):
        market.fire(order.id, "ship", key="s1", scope=market.as_buyer("buyer-1"))
    assert market.fire(order.id, "ship", key="s1", scope=market.as_operator()).states["l2"] == {"shipped": 1}


def test_the_history_says_who_moved_what_and_why(market: Marketplace, order: MerchantOrder) -> None:
    moved = market.fire(order.id, "ship", key="s1", scope=BOLT, lines={"l1": 1}, reason="van 7")
    assert moved.states["l1"] == {"new": 2, "shipped": 1}
    [last] = market.orders.page_merchant_order_history(order.id, scope=BOLT).items[-1].moves
    assert (last.line, last.quantity, last.source, last.target, last.by) == ("l1", 1, "new", "shipped", BOLT)
    assert "van 7" in last.why


def test_a_refusal_is_remembered_under_its_key(market: Marketplace, order: MerchantOrder) -> None:
    with pytest.raises(EventRefused) as first:
        market.fire(order.id, "deliver", key="d1", scope=BOLT)
    market.fire(order.id, "ship", key="s1", scope=BOLT)
    with pytest.raises(EventRefused) as again:
        market.fire(order.id, "deliver", key="d1", scope=BOLT)
    assert str(again.value) == str(first.value)


def test_the_wrong_kind_of_order_is_not_found_and_nothing_moves(market: Marketplace, order: MerchantOrder) -> None:
    with pytest.raises(NotFound):
        market.fire(order.order, "ask to cancel", key="a1", scope=market.as_buyer("buyer-1"))
    with pytest.raises(NotFound):
        market.orders.fire(order.id, "ship", key="a2", scope=BOLT)
    assert market.orders.get_merchant_order(order.id, scope=BOLT) == order


def test_what_is_missing_looks_like_what_is_not_yours(market: Marketplace, order: MerchantOrder) -> None:
    kinds = set()
    for name in (order.id, "order-9--bolt"):
        with pytest.raises(NotFound) as missing:
            market.fire(name, "ship", key="s1", scope=market.as_merchant("acme"))
        kinds.add(missing.value.kind)
    assert kinds == {"merchant_order"}


def test_a_buyer_sees_moves_but_not_the_merchants_people_and_reasons(market: Marketplace, order: MerchantOrder) -> None:
    market.fire(order.id, "ship", key="s1", scope=Scope.merchant("bolt", user="jo"), reason="van 7, difficult buyer")
    seen = market.orders.page_merchant_order_history(order.id, scope=market.as_buyer("buyer-1")).items[-1].moves[-1]
    assert (seen.event, seen.by, seen.why) == ("ship", BOLT, "")
    own = market.orders.page_merchant_order_history(order.id, scope=BOLT).items[-1].moves[-1]
    assert own.by == Scope.merchant("bolt", user="jo")


@pytest.mark.parametrize("fields", [{"lines": {}}, {"reason": "x" * 1_001}])
def test_a_request_that_makes_no_sense_is_refused(
    market: Marketplace, order: MerchantOrder, fields: dict[str, Any]
) -> None:
    with pytest.raises(InvalidValue):
        market.fire(order.id, "ship", key="s1", scope=BOLT, **fields)


def test_many_merchants_may_ship_at_once(market: Marketplace) -> None:
    lines = tuple(CartLine(f"l{n}", "card-64", 1, offer="bolt-card-64-bulk") for n in range(8))
    placed = market.place(Cart.of("cart-9", buyer="buyer-1", lines=lines), key="k9", scope=market.as_operator())
    [part] = placed.merchant_orders

    def ship(number: int) -> None:
        market.fire(part.id, "ship", key=f"s{number}", scope=BOLT, lines={f"l{number}": 1})

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ship, range(8)))
    assert market.orders.get_merchant_order(part.id, scope=BOLT).fulfilment.count(state="shipped") == 8
