"""What others report of many orders: one command, a key for each, and no bad one stops the rest."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from counting_store import CountingStore
from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.access import PermissionDenied
from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.orders.actions import Deliver, Ship
from mktcore.orders.effects import EFFECTS
from mktcore.orders.effects.changes import Changes
from mktcore.orders.effects.effect import Effect
from mktcore.persistence import Party, Scope
from mktcore.status_updates import StatusOutcome, StatusUpdate
from mktcore.testing.fakes import CountingIds, ManualClock

FILES = TWO_MERCHANTS | {
    "skus.csv": "sku,name,tax_category\nlens,Lens,\nbook,Book,\n",
    "offers.csv": "offer,merchant,sku,price,stock\nlens,acme,lens,20.00,99\nbook,bolt,book,10.00,99\n",
}
ACME, BOLT, BUYER, OPERATOR = Scope.merchant("acme"), Scope.merchant("bolt"), Scope.buyer("b1"), Scope.operator()
MOVED, REFUSED, FAILED = StatusOutcome.MOVED, StatusOutcome.REFUSED, StatusOutcome.FAILED


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, ManualClock(NOON), FILES) as market:
        yield market


def place(market: Marketplace, count: int, *, pieces: int = 2) -> None:
    """Place order-1, order-2, ...: each two lenses of acme and two books of bolt."""
    for number in range(1, count + 1):
        lines = [CartLine("l1", "lens", pieces), CartLine("l2", "book", pieces)]
        market.place(Cart.of(f"c{number}", buyer="b1", lines=lines), key=f"p{number}", scope=OPERATOR)


def find_states(market: Marketplace, part: str) -> dict[str, dict[str, int]]:
    states = market.orders.get_merchant_order(part, scope=OPERATOR).states
    return {line: dict(one) for line, one in states.items()}


def test_many_orders_move_by_one_call_and_a_bad_update_stops_none(market: Marketplace) -> None:
    place(market, 3)
    results = market.orders.update_statuses(
        [
            StatusUpdate("k1", "order-1--acme", Ship(carrier="DHL", tracking="JD1"), lines={"l1": 1}),
            StatusUpdate("k2", "order-9--acme", "ship"),
            StatusUpdate("k3", "order-2--acme", "deliver"),
            StatusUpdate("k4", "order-2--acme", "ship"),
            StatusUpdate("k5", "order-1--acme", "deliver"),
            StatusUpdate("k6", "order-3--bolt", "ship"),
            StatusUpdate("k7", "order-3--acme", "ship", lines={"l7": 1}),
        ],
        scope=OPERATOR,
    )
    assert [one.outcome for one in results] == [MOVED, FAILED, REFUSED, MOVED, MOVED, MOVED, REFUSED]
    assert [one.key for one in results] == ["k1", "k2", "k3", "k4", "k5", "k6", "k7"]
    assert [notice.code for notice in results[1].problems] == ["store.not-found"]
    assert find_states(market, "order-1--acme") == {"l1": {"new": 1, "delivered": 1}}
    assert find_states(market, "order-2--acme") == {"l1": {"shipped": 2}}
    assert find_states(market, "order-3--bolt") == {"l2": {"shipped": 2}}
    step = market.orders.page_merchant_order_history("order-1--acme", scope=ACME).items[1]
    assert step.action == Ship(carrier="DHL", tracking="JD1")
    assert market.verify() == ()


def test_what_is_sent_twice_happens_once(market: Marketplace) -> None:
    place(market, 2)
    updates = [
        StatusUpdate("k1", "order-1--acme", "ship", lines={"l1": 1}),
        StatusUpdate("k2", "order-2--acme", "deliver"),
        StatusUpdate("k3", "order-9--acme", "ship"),
    ]
    first = market.orders.update_statuses(updates, scope=ACME)
    again = market.orders.update_statuses(updates, scope=ACME)
    assert [one.outcome for one in first] == [one.outcome for one in again] == [MOVED, REFUSED, FAILED]
    assert [one.is_repeated for one in first] == [False, False, False]
    # What failed was not decided: its key is free.
    assert [one.is_repeated for one in again] == [True, True, False]
    assert [one.problems for one in again] == [one.problems for one in first]
    assert find_states(market, "order-1--acme") == {"l1": {"new": 1, "shipped": 1}}


def test_a_key_is_good_for_one_update(market: Marketplace) -> None:
    place(market, 2)
    results = market.orders.update_statuses(
        [
            StatusUpdate("k1", "order-1--acme", Ship(tracking="1"), lines={"l1": 1}),
            StatusUpdate("k1", "order-1--acme", Ship(tracking="1"), lines={"l1": 1}),
            StatusUpdate("k1", "order-2--acme", Ship(tracking="2"), lines={"l1": 1}),
        ],
        scope=ACME,
    )
    assert [(one.outcome, one.is_repeated) for one in results] == [(MOVED, False), (MOVED, True), (FAILED, False)]
    assert [notice.code for notice in results[2].problems] == ["store.idempotency-conflict"]
    assert results[2].problems[0].operands["fields"] == ("action.tracking", "order")
    assert find_states(market, "order-2--acme") == {"l1": {"new": 2}}


def test_an_order_is_named_by_its_number_too(market: Marketplace) -> None:
    place(market, 2)
    first = market.orders.get("order-1", scope=OPERATOR)
    number, reference = first.marketplace_order.number, first.get_part("order-1--acme").reference
    assert reference == f"{number}--acme"
    results = market.orders.update_statuses(
        [
            StatusUpdate("k1", "order-1--acme", "ship"),
            StatusUpdate("k2", reference, Deliver(received_by="Ann")),  # what the one before it makes possible
            StatusUpdate("k3", number, "hold", lines={"l2": 1}),
            StatusUpdate("k4", f"{number}--nobody", "ship"),
            StatusUpdate("k5", "999999", "hold"),
        ],
        scope=OPERATOR,
    )
    assert [one.outcome for one in results] == [MOVED, MOVED, MOVED, FAILED, FAILED]
    assert [one.order for one in results] == ["order-1--acme", reference, number, f"{number}--nobody", "999999"]
    assert find_states(market, "order-1--acme") == {"l1": {"delivered": 2}}
    assert find_states(market, "order-1--bolt") == {"l2": {"new": 1, "held": 1}}
    foreign, absent = market.orders.update_statuses(
        [StatusUpdate("k6", reference, "pick"), StatusUpdate("k7", "999999--acme", "pick")], scope=BOLT
    )
    assert foreign.problems[0].message.replace(reference, "?") == absent.problems[0].message.replace(
        "999999--acme", "?"
    )
    assert market.verify() == ()


def test_another_partys_order_is_as_one_that_nobody_has(market: Marketplace) -> None:
    place(market, 1)
    orders = ["order-1--acme", "order-1", "order-7"]
    results = market.orders.update_statuses([StatusUpdate(f"k-{order}", order, "ship") for order in orders], scope=BOLT)
    told = [one.problems[0].message.replace(order, "?") for one, order in zip(results, orders, strict=True)]
    assert {one.outcome for one in results} == {FAILED}
    assert len(set(told)) == 1
    (asked,) = market.orders.update_statuses([StatusUpdate("k", "order-1", "ask to cancel")], scope=BUYER)
    assert asked.outcome is MOVED
    (foreign,) = market.orders.update_statuses([StatusUpdate("k", "order-1", "hold")], scope=Scope.buyer("b2"))
    assert foreign.outcome is FAILED


def test_who_may_change_no_order_reports_nothing(market: Marketplace) -> None:
    clerk = Scope(Party.MERCHANT, "acme", "u1", permissions=frozenset({"orders.read"}))
    with pytest.raises(PermissionDenied):
        market.orders.update_statuses([StatusUpdate("k", "order-1--acme", "ship")], scope=clerk)
    with pytest.raises(InvalidValue, match="more than 1,000"):
        market.orders.update_statuses([StatusUpdate("k", "order-1--acme", "ship")] * 1001, scope=OPERATOR)


def test_money_comes_out_as_if_it_had_been_one_after_the_other(market: Marketplace) -> None:
    """Refunds of one merchant draw on what earlier ones in the same call left."""
    place(market, 3)
    for event in ("ship", "deliver"):
        updates = [StatusUpdate(f"{event}-{n}", f"order-{n}--acme", event) for n in (1, 2)]
        market.orders.update_statuses(updates, scope=ACME)
    asked = [StatusUpdate(f"ask-{n}", f"order-{n}", "ask to return") for n in (1, 2)]
    market.orders.update_statuses(asked, scope=BUYER)
    back = [StatusUpdate(f"back-{n}", f"order-{n}--acme", "receive return") for n in (1, 2)]
    market.orders.update_statuses(back, scope=ACME)
    results = market.orders.update_statuses(
        [
            StatusUpdate("r1", "order-1--acme", "refund", lines={"l1": 2}),
            StatusUpdate("r2", "order-2--acme", "refund", lines={"l1": 1}),
            StatusUpdate("r3", "order-3--acme", "ship", lines={"l1": 1}),
        ],
        scope=ACME,
    )
    assert [one.outcome for one in results] == [MOVED, MOVED, MOVED]
    refunds = [market.orders.get_merchant_order(f"order-{n}--acme", scope=ACME).totals.refund_total for n in (1, 2, 3)]
    assert [str(one) for one in refunds] == ["40.00 EUR", "20.00 EUR", "0.00 EUR"]
    assert market.verify() == ()


def test_an_effect_that_breaks_on_one_order_leaves_the_others_alone(tmp_path: Path) -> None:
    def decide(transition: Any, found: Any) -> Changes:  # noqa: ARG001 - an effect's form
        if transition.after.id == "order-2":
            message = "the host's own secret"
            raise RuntimeError(message)
        return Changes()

    market = Marketplace.in_memory("EUR", effects=EFFECTS, clock=ManualClock(NOON), ids=CountingIds())
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    market.load(tmp_path)
    place(market, 3)
    broken = Marketplace(market.store, "EUR", effects=(*EFFECTS, Effect("broken", decide)), clock=market.clock)
    updates = [StatusUpdate(f"k{n}", f"order-{n}--acme", "ship") for n in (1, 2, 3)]
    results = broken.orders.update_statuses(updates, scope=ACME)
    assert [one.outcome for one in results] == [MOVED, FAILED, MOVED]
    assert "secret" not in str(results[1])
    assert "RuntimeError" in results[1].problems[0].message
    assert market.verify() == ()


def test_calls_do_not_grow_with_orders(tmp_path: Path) -> None:
    store = CountingStore()
    market = Marketplace(store, "EUR", clock=ManualClock(NOON), ids=CountingIds())
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    market.load(tmp_path)
    place(market, 10)
    calls = {}
    for count, first in ((2, 1), (8, 3)):
        numbers = range(first, first + count)
        updates = [StatusUpdate(f"k{n}", f"order-{n}--acme", Ship(tracking=str(n))) for n in numbers]
        before = store.calls.total()
        assert {one.outcome for one in market.orders.update_statuses(updates, scope=ACME)} == {MOVED}
        calls[count] = store.calls.total() - before
    assert calls[8] == calls[2] < 20


@pytest.mark.slow
def test_reports_of_the_same_orders_at_once_happen_once(market: Marketplace) -> None:
    place(market, 10)
    updates = [StatusUpdate(f"s{n}", f"order-{n}--acme", "ship", lines={"l1": 1}) for n in range(1, 11)]
    updates += [StatusUpdate(f"d{n}", f"order-{n}--acme", Deliver(), lines={"l1": 1}) for n in range(1, 11)]
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: market.orders.update_statuses(updates, scope=ACME), range(4)))
    assert {one.outcome for results in done for one in results} == {MOVED}
    assert sum(not one.is_repeated for results in done for one in results) == 20
    assert [find_states(market, f"order-{n}--acme") for n in range(1, 11)] == [{"l1": {"new": 1, "delivered": 1}}] * 10
    assert market.verify() == ()
