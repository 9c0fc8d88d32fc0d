"""Time-outs that cannot happen: the others happen all the same, and a person sees which, and why."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from markets import EXAMPLE, open_loaded
from mktcore.access.permissions import PermissionDenied
from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.marketplace.settings import Settings
from mktcore.orders.effects import EFFECTS
from mktcore.orders.effects.changes import Changes
from mktcore.orders.effects.effect import Effect, Found
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.persistence import NotFound
from mktcore.processes.timeout_repository import TIMEOUTS, StoredTimeOut
from mktcore.testing.fakes import ManualClock

BROKEN: set[str] = set()
LOOK: dict[str, Callable[[OrderTransition], None]] = {"look": lambda _: None}


def _refuse(transition: OrderTransition, found: Found) -> Changes:
    del found
    LOOK["look"](transition)
    if transition.after.id in BROKEN and any(
        move.event == "close" for moves in transition.moved.moves.values() for move in moves
    ):
        raise ZeroDivisionError("a host's own effect")
    return Changes()


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    BROKEN.clear()
    settings = Settings(effects=(*EFFECTS, Effect("host", _refuse)))
    with open_loaded(request.param, tmp_path, clock, EXAMPLE, settings=settings) as market:
        for number in range(6):
            cart = Cart.of(f"c{number}", buyer="buyer-1", lines=(CartLine("l1", "tripod", 1, offer="bolt-tripod"),))
            order = market.place(cart, key=f"k{number}", scope=market.as_operator())
            for event in ("ship", "deliver"):
                market.fire(order.merchant_orders[0].id, event, key=f"{event}{number}", scope=market.as_operator())
        clock.advance(timedelta(days=60))
        yield market


def list_failed(market: Marketplace) -> list[StoredTimeOut]:
    return list(market.orders.page_failed_timeouts(scope=market.as_operator()).items)


def list_closed(market: Marketplace) -> list[str]:
    return [
        part.order
        for part in market.orders.merchant_orders.page(scope=market.as_operator()).items
        if part.states["l1"] == {"closed": 1}
    ]


def test_those_that_fail_starve_no_others(market: Marketplace) -> None:
    with market.store.begin(market.as_operator()) as unit:
        first = unit.repository(TIMEOUTS).page(order="due", limit=4).items
    BROKEN.update(one.timeout.key.subject for one in first)
    with pytest.raises(ExceptionGroup) as caught:
        market.orders.expire(limit=4)
    assert [type(one) for one in caught.value.exceptions] == [ZeroDivisionError] * 4
    assert market.orders.expire(limit=4) == 2
    assert {f"order-{number}" for number in range(1, 7)} - BROKEN == set(list_closed(market))
    assert [(one.attempts, one.failure) for one in list_failed(market)] == [
        (1, "ZeroDivisionError: a host's own effect")
    ] * 4


def test_a_mended_cause_lets_them_happen_at_their_next_turn(market: Marketplace, clock: ManualClock) -> None:
    BROKEN.add("order-1")
    with pytest.raises(ExceptionGroup):
        market.orders.expire()
    BROKEN.clear()
    assert market.orders.expire() == 0
    clock.advance(timedelta(minutes=1))
    assert market.orders.expire() == 1
    assert len(list_closed(market)) == 6
    assert list_failed(market) == []


def test_what_fails_again_and_again_is_set_aside_until_somebody_retries_it(
    market: Marketplace, clock: ManualClock
) -> None:
    BROKEN.add("order-1")
    attempts = 0
    for _ in range(30):
        try:
            market.orders.expire()
        except ExceptionGroup:
            attempts += 1
        clock.advance(timedelta(hours=12))
    assert attempts == 12
    (failed,) = list_failed(market)
    assert (failed.is_set_aside, failed.attempts, failed.retry_at) == (True, 12, None)
    assert failed.timeout.key.subject == "order-1"
    BROKEN.clear()
    assert market.orders.expire() == 0
    assert market.orders.retry_timeout(failed.id, scope=market.as_operator()).attempts == 0
    assert market.orders.expire() == 1
    assert (list_failed(market), len(list_closed(market))) == ([], 6)
    with pytest.raises(NotFound):
        market.orders.retry_timeout(failed.id, scope=market.as_operator())


def test_of_lines_that_are_due_together_one_that_fails_keeps_no_others(
    market: Marketplace, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = (CartLine("l1", "tripod", 1, offer="bolt-tripod"), CartLine("l2", "camera", 1, offer="acme-camera"))
    order = market.place(Cart.of("two", buyer="buyer-1", lines=lines), key="two", scope=market.as_operator())
    for part in order.merchant_orders:
        for event in ("ship", "deliver"):
            market.fire(part.id, event, key=f"{event}-{part.id}", scope=market.as_operator())
    assert market.orders.expire() == 6
    clock.advance(timedelta(days=30))
    moved: list[list[str]] = []

    def refuse_a_line(transition: OrderTransition) -> None:
        moved.append([move.line for move in transition.moved.moves[order.id]])
        if "l1" in moved[-1]:
            raise ZeroDivisionError

    monkeypatch.setitem(LOOK, "look", refuse_a_line)
    with pytest.raises(ExceptionGroup) as caught:
        market.orders.expire()
    assert (len(caught.value.exceptions), moved[0], sorted(moved[1:])) == (1, ["l1", "l2"], [["l1"], ["l2"]])
    assert [(one.timeout.key.line, one.attempts) for one in list_failed(market)] == [("l1", 1)]
    assert market.orders.expire() == 0


def test_only_the_operator_sees_and_retries_them(market: Marketplace) -> None:
    for scope in (market.as_merchant("bolt"), market.as_buyer("buyer-1")):
        with pytest.raises(PermissionDenied):
            market.orders.page_failed_timeouts(scope=scope)
        with pytest.raises(PermissionDenied):
            market.orders.retry_timeout("x", scope=scope)
