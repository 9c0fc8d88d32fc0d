"""The marketplace's order and its merchants' parts move together, and time-outs move both."""

from datetime import timedelta

import attrs
import pytest

from mktcore.access import User
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.orders.events import MarketplaceOrderMoved
from mktcore.persistence import NotFound, Party, Scope
from mktcore.processes import EventRefused
from mktcore.processes.timeout_repository import TIMEOUTS
from mktcore.testing.fakes import ManualClock

BOLT, BUYER = Scope.merchant("bolt"), Scope.buyer("buyer-1")


@pytest.fixture(autouse=True)
def place_an_order(market: Marketplace) -> None:
    lines = (CartLine("l1", "tripod", 3, offer="bolt-tripod"), CartLine("l2", "camera", 1, offer="acme-camera"))
    market.place(Cart.of("cart-1", buyer="buyer-1", lines=lines), key="k1", scope=BUYER)


def find_states(market: Marketplace) -> dict[str, dict[str, int]]:
    return market.orders.get("order-1", scope=BUYER).marketplace_order.fulfilment.states()


def count_timeouts(market: Marketplace) -> int:
    with market.store.begin(market.as_operator()) as unit:
        return unit.repository(TIMEOUTS).count()


def deliver_all(market: Marketplace) -> None:
    for part, scope in (("order-1--bolt", BOLT), ("order-1--acme", market.as_merchant("acme"))):
        market.fire(part, "ship", key=f"{part}/s", scope=scope)
        market.fire(part, "deliver", key=f"{part}/d", scope=scope)


def test_what_a_merchant_ships_the_buyers_order_shows(market: Marketplace) -> None:
    assert find_states(market) == {"l1": {"sent": 3}, "l2": {"sent": 1}}
    market.fire("order-1--bolt", "ship", key="s1", scope=BOLT, lines={"l1": 2})
    market.fire("order-1--bolt", "cancel by merchant", key="c1", scope=BOLT)
    assert find_states(market) == {"l2": {"sent": 1}, "l1": {"shipped": 2, "canceled": 1}}


def test_a_buyer_asks_to_cancel_and_the_merchant_answers(market: Marketplace) -> None:
    asked = market.orders.fire("order-1", "ask to cancel", key="a1", scope=BUYER, lines={"l1": 2})
    assert asked.get_part("order-1--bolt").states == {"l1": {"new": 1, "cancellation asked": 2}}
    assert not asked.merchant_orders[0].commissions  # as a buyer sees it
    market.fire("order-1--bolt", "accept cancellation", key="y1", scope=BOLT, lines={"l1": 1})
    market.fire("order-1--bolt", "refuse cancellation", key="n1", scope=BOLT, lines={"l1": 1})
    assert find_states(market)["l1"] == {"sent": 2, "canceled": 1}
    with market.store.begin(market.as_operator()) as unit:
        assert unit.stock.find_levels(["bolt-tripod"])["bolt-tripod"].reserved == 2


def test_only_who_may_see_figures_sees_commission(market: Marketplace) -> None:
    roles = {"fay": "merchant-fulfilment", "tom": "merchant-finance"}
    for name, role in roles.items():
        market.access.save_user(User(name, Party.MERCHANT, "bolt", roles=frozenset({role})), scope=BOLT)
    sue = User("sue", Party.OPERATOR, "", roles=frozenset({"operator-support"}))
    market.access.save_user(sue, scope=market.as_operator())
    packer, teller, support = [market.as_user(name) for name in ("fay", "tom", "sue")]
    (own,) = market.orders.merchant_orders.page(scope=BOLT).items
    assert own.commissions
    assert market.orders.get_merchant_order(own.id, scope=teller) == own
    assert market.orders.get_merchant_order(own.id, scope=packer) == attrs.evolve(
        own, commissions=None, commission_reversals=None
    )
    assert market.orders.merchant_orders.page(scope=packer).items[0].commissions is None
    assert {part.commissions for part in market.orders.get("order-1", scope=support).merchant_orders} == {None}


def test_only_its_buyer_and_the_operator_move_the_whole_order(market: Marketplace) -> None:
    for scope in (BOLT, market.as_buyer("buyer-2")):
        with pytest.raises(NotFound):
            market.orders.fire("order-1", "ask to cancel", key="a1", scope=scope)
    with pytest.raises(NotFound):
        market.orders.fire("order-9", "ask to cancel", key="a1", scope=market.as_operator())
    with pytest.raises(EventRefused):
        market.orders.fire("order-1", "close", key="a1", scope=BUYER)


def test_a_delivered_order_closes_by_itself_once(market: Marketplace, clock: ManualClock) -> None:
    deliver_all(market)
    assert count_timeouts(market) == 2
    assert market.orders.expire() == 0
    clock.advance(timedelta(days=30))
    assert market.orders.expire() == 2
    assert market.orders.expire() == 0
    assert count_timeouts(market) == 0
    assert find_states(market) == {"l1": {"closed": 3}, "l2": {"closed": 1}}
    bolt = market.orders.get_merchant_order("order-1--bolt", scope=BOLT)
    assert bolt.states == {"l1": {"closed": 3}}
    steps = market.orders.page_merchant_order_history("order-1--bolt", scope=BOLT).items
    assert [move.event for step in steps for move in step.moves] == ["", "ship", "deliver", "close"]


@pytest.mark.parametrize("limit", [1, 100])
def test_lines_that_are_due_together_are_one_event(market: Marketplace, clock: ManualClock, limit: int) -> None:
    deliver_all(market)
    clock.advance(timedelta(days=30))
    assert market.orders.expire(limit=limit) in {1, 2}
    assert market.orders.expire() == count_timeouts(market) == 0
    last = market.orders.page_history("order-1", scope=BUYER).items[-1]
    assert [(move.line, move.event, move.quantity) for move in last.moves] == [("l1", "close", 3), ("l2", "close", 1)]
    with market.store.begin(market.as_operator()) as unit:
        told = [one.event for one in unit.find_events("marketplace_order", "order-1")]
    moved = [event.moves for event in told if isinstance(event, MarketplaceOrderMoved)]
    assert [len(moves) for moves in moved if moves[0].event == "close"] == [2]


def test_what_is_due_later_waits_for_its_own_time(market: Marketplace, clock: ManualClock) -> None:
    market.fire("order-1--acme", "ship", key="s0", scope=market.as_merchant("acme"))
    market.fire("order-1--acme", "deliver", key="d0", scope=market.as_merchant("acme"))
    clock.advance(timedelta(days=1))
    market.fire("order-1--bolt", "ship", key="s1", scope=BOLT)
    market.fire("order-1--bolt", "deliver", key="d1", scope=BOLT)
    clock.advance(timedelta(days=29))
    assert market.orders.expire() == 1
    assert find_states(market) == {"l1": {"delivered": 3}, "l2": {"closed": 1}}
    clock.advance(timedelta(days=1))
    assert market.orders.expire() == 1
    assert find_states(market)["l1"] == {"closed": 3}


def test_lines_that_came_due_one_after_the_other_are_one_event_for_a_worker_that_was_late(
    market: Marketplace, clock: ManualClock
) -> None:
    market.fire("order-1--bolt", "ship", key="s1", scope=BOLT)
    for number in range(3):
        market.fire("order-1--bolt", "deliver", key=f"d{number}", scope=BOLT, lines={"l1": 1})
        clock.advance(timedelta(hours=1))
    clock.advance(timedelta(days=31))
    assert market.orders.expire(limit=1) == 1
    assert find_states(market)["l1"] == {"closed": 3}
    last = market.orders.page_merchant_order_history("order-1--bolt", scope=BOLT).items[-1]
    assert sum(move.quantity for move in last.moves) == 3
    whole = market.orders.page_history("order-1", scope=market.as_operator()).items[-1]
    assert {move.why for move in whole.moves} == {"due 2026-07-31T12:00:00+00:00 to 2026-07-31T14:00:00+00:00"}


def test_a_return_stops_the_clock(market: Marketplace, clock: ManualClock) -> None:
    market.fire("order-1--bolt", "ship", key="s1", scope=BOLT)
    market.fire("order-1--bolt", "deliver", key="d1", scope=BOLT)
    market.orders.fire("order-1", "ask to return", key="r1", scope=BUYER, lines={"l1": 3})
    assert count_timeouts(market) == 0
    clock.advance(timedelta(days=60))
    assert market.orders.expire() == 0
    market.fire("order-1--bolt", "receive return", key="r2", scope=BOLT)
    market.fire("order-1--bolt", "refund", key="r3", scope=BOLT)
    assert find_states(market) == {"l2": {"sent": 1}, "l1": {"refunded": 3}}
