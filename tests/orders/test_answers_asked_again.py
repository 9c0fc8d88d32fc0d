"""What a key answered it answers again, however much has happened since, and keeps no order a second time."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import attrs
import pytest

from markets import EXAMPLE, NOON
from mktcore.carts import Cart, CartLine
from mktcore.errors import MktcoreError
from mktcore.marketplace import Marketplace
from mktcore.orders import MerchantOrder, Order
from mktcore.orders.answered_order import AnsweredMerchantOrder, AnsweredOrder
from mktcore.orders.effects import EFFECTS, RECORD_STEPS
from mktcore.orders.order_migration import OrderMigration
from mktcore.persistence import Scope
from mktcore.testing.fakes import CountingIds, ManualClock
from orders.test_process_versions import FIRST, SECOND

Answer = Order | MerchantOrder
Call = Callable[[], Answer]
BUYER, OPERATOR, BOLT = Scope.buyer("buyer-1"), Scope.operator(), Scope.merchant("bolt")


def place(market: Marketplace) -> Order:
    lines = [CartLine("l1", "tripod", 4, offer="bolt-tripod"), CartLine("l2", "camera", 3)]
    return market.place(Cart.of("c1", buyer="buyer-1", lines=lines), key="p", scope=BUYER)


def find_kept(market: Marketplace, scope: Scope, key: str) -> object:
    with market.store.begin(scope.to_operator()) as unit:
        record = unit.find_record(str(scope), key)
    assert record is not None
    return record.result


@pytest.fixture
def market() -> Marketplace:
    market = Marketplace.in_memory("EUR", clock=ManualClock(NOON), ids=CountingIds())
    market.load(EXAMPLE)
    place(market)
    return market


def live(market: Marketplace, order: Order, drawn: random.Random) -> Iterator[tuple[Call, Answer]]:
    """Do what parties do from day to day; yield what was answered, with what asks for the same again."""
    scopes = [OPERATOR, BUYER, *(Scope.merchant(part.merchant) for part in order.merchant_orders)]
    for number in range(30):
        market.clock.advance(timedelta(minutes=drawn.choice([0, 1, 60, 6000])))  # type: ignore[attr-defined]  # by hand
        try:
            call = draw_call(market, order, drawn.choice(scopes), drawn=drawn, key=f"k{number}")
            if call is not None:
                yield call, call()
        except MktcoreError:
            continue


def draw_call(market: Marketplace, order: Order, scope: Scope, *, drawn: random.Random, key: str) -> Call | None:
    mine = [part for part in order.merchant_orders if scope.caller.party != "merchant" or scope == part_scope(part)]
    part, what = drawn.choice(mine), drawn.choice(["part", "part", "whole", "cancel", "time", "hold"])
    lines = {line.key: 1 for line in part.lines if drawn.random() < 0.7} or None
    if what == "time":
        market.orders.expire()
    elif what == "hold":
        change = drawn.choice([market.orders.hold, market.orders.release])
        change(order.id, "fraud", scope=OPERATOR)
    elif what == "cancel":
        asked = drawn.choice([order.id, part.id])
        return lambda: market.orders.cancel(asked, lines, key=key, scope=scope)
    else:
        subject = part.id if what == "part" else order.id
        events = [one.event for one in market.orders.allowed(subject, scope=scope).events if one.is_allowed]
        event = drawn.choice(events) if events else "none"
        if what == "part":
            return lambda: market.fire(part.id, event, key=key, scope=scope, lines=lines)
        return lambda: market.orders.fire(order.id, event, key=key, scope=scope)
    return None


def part_scope(part: MerchantOrder) -> Scope:
    return Scope.merchant(part.merchant)


@pytest.mark.slow(counted=True)
@pytest.mark.parametrize("seed", range(6))
def test_a_key_answers_as_it_did_whatever_happened_since(seed: int) -> None:
    market = Marketplace.in_memory("EUR", clock=ManualClock(NOON), ids=CountingIds())
    market.load(EXAMPLE)
    answered = list(live(market, place(market), random.Random(seed)))  # noqa: S311 - a life, the same every time
    assert answered
    for again, answer in answered:
        assert again() == answer
    assert market.verify() == ()


@pytest.mark.parametrize("scope", [OPERATOR, BOLT], ids=str)
def test_what_was_canceled_and_given_back_later_is_not_told_of_before(market: Marketplace, scope: Scope) -> None:
    part = "order-1--bolt"
    first = market.fire(part, "ship", key="k1", scope=scope, lines={"l1": 1})
    canceled = market.orders.cancel(part, {"l1": 1}, key="k2", scope=scope)
    market.orders.cancel(part, {"l1": 2}, key="k3", scope=scope)
    assert isinstance(canceled, MerchantOrder)
    assert str(canceled.totals.canceled_total) == "19.95 EUR"
    assert market.fire(part, "ship", key="k1", scope=scope, lines={"l1": 1}) == first
    assert market.orders.cancel(part, {"l1": 1}, key="k2", scope=scope) == canceled
    kept = find_kept(market, scope, "k2")
    assert isinstance(kept, AnsweredMerchantOrder)


def test_a_whole_order_is_answered_to_its_buyer_without_what_no_buyer_sees(market: Marketplace) -> None:
    canceled = market.orders.cancel("order-1", {"l1": 1}, key="k1", scope=BUYER)
    market.fire("order-1--bolt", "ship", key="k2", scope=OPERATOR)
    again = market.orders.cancel("order-1", {"l1": 1}, key="k1", scope=BUYER)
    assert again == canceled
    assert isinstance(again, Order)
    assert {part.commissions for part in again.merchant_orders} == {None}
    assert again.marketplace_order.promotion_uses is None
    assert isinstance(find_kept(market, BUYER, "k1"), AnsweredOrder)


def test_without_a_history_answers_are_kept_whole(market: Marketplace) -> None:
    effects = tuple(effect for effect in EFFECTS if effect is not RECORD_STEPS)
    bare = Marketplace(market.store, "EUR", effects=effects, clock=market.clock)
    first = bare.fire("order-1--bolt", "ship", key="k1", scope=BOLT, lines={"l1": 1})
    # What it went through meanwhile nothing tells, so later answers of it are kept whole, too.
    second = market.fire("order-1--bolt", "ship", key="k2", scope=BOLT, lines={"l1": 1})
    market.fire("order-1--bolt", "ship", key="k3", scope=BOLT)
    assert bare.fire("order-1--bolt", "ship", key="k1", scope=BOLT, lines={"l1": 1}) == first
    assert market.fire("order-1--bolt", "ship", key="k2", scope=BOLT, lines={"l1": 1}) == second
    assert isinstance(find_kept(market, BOLT, "k2"), MerchantOrder)
    assert not any("not placed" in str(finding) for finding in market.verify())


def test_an_answer_stays_on_the_version_of_the_process_that_it_was_given_on() -> None:
    clock = ManualClock(NOON)
    market = Marketplace.in_memory("EUR", clock=clock, ids=CountingIds(), processes=FIRST)
    market.load(EXAMPLE)
    part = f"{place(market).id}--bolt"
    picked = market.fire(part, "pick", key="k1", scope=BOLT, lines={"l1": 1})
    later = Marketplace(market.store, "EUR", clock=clock, processes=attrs.evolve(SECOND, earlier=[FIRST]))
    later.orders.migrate(OrderMigration(FIRST, part={"picking": "boxed"}), scope=OPERATOR)
    shipped = later.fire(part, "ship", key="k2", scope=BOLT, lines={"l1": 1})
    later.fire(part, "ship", key="k3", scope=BOLT)
    assert (picked.fulfilment.version, shipped.fulfilment.version) == (1, 2)
    assert later.fire(part, "pick", key="k1", scope=BOLT, lines={"l1": 1}) == picked
    assert later.fire(part, "ship", key="k2", scope=BOLT, lines={"l1": 1}) == shipped
    assert later.verify() == ()


def count_kept_bytes(market: Marketplace) -> int:
    with market.store.engine.connect() as connection:  # type: ignore[attr-defined]  # a store in SQL
        return int(connection.exec_driver_sql("SELECT sum(length(result)) FROM mktcore_record").scalar_one())


@pytest.mark.slow(counted=True)
@pytest.mark.parametrize("event", ["ship", "cancel by merchant"])
def test_lines_fired_one_by_one_are_kept_in_proportion(tmp_path: Path, event: str) -> None:
    kept = []
    for lines in (10, 40):
        folder = tmp_path / str(lines)
        folder.mkdir()
        with Marketplace.open(
            f"sqlite:///{folder / 'market.db'}", "EUR", clock=ManualClock(NOON), ids=CountingIds()
        ) as market:
            market.load(EXAMPLE)
            market.stock.count("bolt-tripod", 100, scope=OPERATOR)
            wanted = [CartLine(f"l{one}", "tripod", 1, offer="bolt-tripod") for one in range(lines)]
            market.place(Cart.of("c1", buyer="buyer-1", lines=wanted), key="p", scope=OPERATOR)
            placed = count_kept_bytes(market)
            for one in range(lines):
                market.fire("order-1--bolt", event, key=f"k{one}", scope=OPERATOR, lines={f"l{one}": 1})
            kept.append(count_kept_bytes(market) - placed)
    assert kept[1] <= 4.1 * kept[0]  # a key and a version may have a digit more
