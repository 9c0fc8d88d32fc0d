"""Merchant orders move by the events of their process, and stock follows."""

import pytest

from mktcore import Marketplace
from mktcore.carts import Cart, CartLine
from mktcore.offers import StockLevel
from mktcore.orders import MerchantOrder
from mktcore.processes import EventRefused
from mktcore.unit_of_work import IdempotencyConflict, NotFound, Scope

BOLT = Scope.merchant("bolt")


@pytest.fixture
def order(market: Marketplace) -> MerchantOrder:
    lines = (CartLine("l1", "tripod", 3, "bolt-tripod"), CartLine("l2", "grinder"))
    placed = market.place(Cart("cart-1", "buyer-1", lines), key="k1", scope=market.as_operator())
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
    assert market.get_merchant_order(order.id, scope=BOLT) == order
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
    last = moved.history[-1]
    assert (last.line, last.quantity, last.source, last.target, last.by) == ("l1", 1, "new", "shipped", BOLT)
    assert "van 7" in last.why
