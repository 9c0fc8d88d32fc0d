"""An order's history is kept as records: paged, private, and read on from what an earlier release stored."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from sqlalchemy import text

from mktcore.carts import Cart, CartLine
from mktcore.marketplace import Marketplace
from mktcore.orders import MARKETPLACE_ORDERS, MERCHANT_ORDERS, Order
from mktcore.orders.actions.shipments import Ship
from mktcore.orders.history import ORDER_STEPS, build_step, collect_moves, split_history, to_step_id
from mktcore.persistence import Kind, NotFound, Scope
from mktcore.persistence.errors import IdempotencyConflict
from mktcore.processes.portions.subject import replay
from mktcore.sql import SqlStore
from mktcore.testing.fakes import CountingIds, ManualClock
from mktcore.wire import Codec

BOLT, BUYER = Scope.merchant("bolt"), Scope.buyer("buyer-1")
PART = "order-1--bolt"


@pytest.fixture
def order(market: Marketplace) -> Order:
    lines = (CartLine("l1", "tripod", 3, offer="bolt-tripod"), CartLine("l2", "camera", 1, offer="acme-camera"))
    return market.place(Cart.of("cart-1", buyer="buyer-1", lines=lines), key="k1", scope=BUYER)


def list_events(market: Marketplace, part: str = PART, scope: Scope = BOLT, **cursor: Any) -> list[str]:
    page = market.orders.page_merchant_order_history(part, scope=scope, **cursor)
    return [move.event for step in page.items for move in step.moves]


def test_each_event_adds_a_step(market: Marketplace, order: Order) -> None:
    market.fire(PART, "pick", key="p1", scope=BOLT)
    market.fire(PART, Ship(tracking="JD01"), key="s1", scope=BOLT, lines={"l1": 2})
    steps = market.orders.page_merchant_order_history(PART, scope=BOLT).items
    assert [(step.id, step.number, step.merchant) for step in steps] == [
        ("order-1--bolt/00000001", 1, "bolt"),
        ("order-1--bolt/00000002", 2, "bolt"),
        ("order-1--bolt/00000003", 3, "bolt"),
    ]
    assert list_events(market) == ["", "pick", "ship"]
    assert replay(move for step in steps for move in step.moves) == {"l1": {"picking": 1, "shipped": 2}}
    whole = market.orders.page_history(order.id, scope=BUYER).items
    assert [[move.event for move in step.moves if move.line == "l1"] for step in whole] == [
        ["", "authorise", "send to merchant"],
        ["ship"],
    ]
    assert market.verify() == ()


@pytest.mark.slow(counted=True)
@pytest.mark.usefixtures("order")
def test_what_is_refused_or_repeated_adds_none(market: Marketplace) -> None:
    market.fire(PART, "ship", key="s1", scope=BOLT)
    market.fire(PART, "ship", key="s1", scope=BOLT)
    with pytest.raises(IdempotencyConflict):
        market.fire(PART, "pick", key="s1", scope=BOLT)
    assert list_events(market) == ["", "ship"]


@pytest.mark.usefixtures("order")
def test_a_history_is_paged(market: Marketplace) -> None:
    for number in range(3):
        market.fire(PART, "ship", key=f"s{number}", scope=BOLT, lines={"l1": 1})
    first = market.orders.page_merchant_order_history(PART, scope=BOLT, limit=3)
    assert (len(first.items), first.next) == (3, "order-1--bolt/00000003")
    last = market.orders.page_merchant_order_history(PART, scope=BOLT, limit=3, after=first.next)
    assert (len(last.items), last.next) == (1, None)


def test_each_party_reads_the_history_of_its_own_orders(market: Marketplace, order: Order) -> None:
    for scope in (Scope.merchant("acme"), Scope.buyer("buyer-2")):
        with pytest.raises(NotFound):
            market.orders.page_merchant_order_history(PART, scope=scope)
    for scope in (BOLT, Scope.buyer("buyer-2")):
        with pytest.raises(NotFound):
            market.orders.page_history(order.id, scope=scope)
    with market.store.begin(BOLT) as unit:
        assert {step.subject for step in unit.repository(ORDER_STEPS).stream()} == {PART}
    with market.store.begin(Scope.buyer("buyer-2")) as unit:
        assert unit.repository(ORDER_STEPS).count() == 0


def test_a_buyer_learns_of_no_other_partys_people_and_reasons(market: Marketplace, order: Order) -> None:
    jo = Scope.merchant("bolt", user="jo")
    market.fire(PART, "ship", key="s1", scope=jo, reason="van 7, difficult buyer")
    market.orders.fire(order.id, "ask to cancel", key="a1", scope=BUYER, lines={"l2": 1}, reason="too late")
    [seen] = market.orders.page_merchant_order_history(PART, scope=BUYER).items[-1].moves
    assert (seen.event, seen.by, seen.why) == ("ship", BOLT, "")
    [own] = market.orders.page_history(order.id, scope=BUYER).items[-1].moves
    assert (own.event, own.by, own.why) == ("ask to cancel", BUYER, "too late")


@pytest.mark.usefixtures("order")
def test_a_merchant_writes_no_step(market: Marketplace) -> None:
    with market.store.begin(BOLT) as unit:
        step = unit.repository(ORDER_STEPS).get("order-1--bolt/00000001")
        with pytest.raises(NotFound):
            unit.repository(ORDER_STEPS).remove(step)


def test_the_id_of_a_step_is_never_too_long_and_sorts_by_number() -> None:
    assert to_step_id("o-1", 12) == "o-1/00000012"
    long = [to_step_id("o" * 120, number) for number in (1, 2, 10)]
    assert sorted(long) == long
    assert max(map(len, long)) <= 120
    assert to_step_id("p" * 120, 1) != long[0]


def carry_history(market: Marketplace) -> None:
    """Make the store what an earlier release left: every order carries its moves, and no step is a record."""
    with market.store.begin(market.as_operator()) as unit:
        steps = tuple(unit.repository(ORDER_STEPS).stream())
        kinds: tuple[Kind[Any], ...] = (MARKETPLACE_ORDERS, MERCHANT_ORDERS)
        for kind in kinds:
            for order in unit.repository(kind).stream():
                moves = collect_moves(order, [step for step in steps if step.subject == order.id])
                unit.repository(kind).save(attrs.evolve(order, former_moves=moves))
        for step in steps:
            unit.repository(ORDER_STEPS).remove(step)
        unit.commit()


@pytest.fixture
def former(market: Marketplace, order: Order, clock: ManualClock) -> Marketplace:
    assert order.get_part(PART).version == 1
    for number, event in enumerate(("pick", "ship")):
        clock.advance(timedelta(hours=1))
        market.fire(PART, event, key=f"f{number}", scope=Scope.merchant("bolt", user="jo"), reason="van 7")
    carry_history(market)
    return market


def test_what_an_order_carries_is_shown_before_what_was_recorded_since(former: Marketplace) -> None:
    former.fire(PART, "deliver", key="d1", scope=BOLT)
    assert list_events(former) == ["", "pick", "ship", "deliver"]
    first = former.orders.page_merchant_order_history(PART, scope=BOLT, limit=2)
    assert [step.number for step in first.items] == [1, 2]
    assert list_events(former, after=first.next, limit=1) == ["ship"]
    assert list_events(former, after="order-1--bolt/00000003") == ["deliver"]
    [shipped] = former.orders.page_merchant_order_history(PART, scope=BUYER).items[2].moves
    assert (shipped.by, shipped.why) == (BOLT, "")
    assert {move.why for move in former.orders.get_merchant_order(PART, scope=BUYER).former_moves} <= {
        "", "marketplace-order: send to merchant"
    }  # fmt: skip
    assert former.verify() == ()


def test_splitting_is_pure_and_leaves_the_rest(market: Marketplace, order: Order) -> None:
    part = order.get_part(PART)
    moves = tuple(
        move for step in market.orders.page_merchant_order_history(PART, scope=BOLT).items for move in step.moves
    )
    bare, steps = split_history(attrs.evolve(part, former_moves=moves))
    assert (bare, steps) == (part, (build_step(part, 1, moves),))
    assert split_history(bare) == (bare, ())


def to_first_version(document: dict[str, Any], moves: list[Any]) -> dict[str, Any]:
    kept = {name: value for name, value in document.items() if name not in {"former_moves", "in_ledger"}}
    return {**kept, "history": moves}


def test_documents_of_the_last_release_are_read_with_their_history(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}"
    with Marketplace.open(url, currency="EUR", ids=CountingIds()) as market:
        market.load(Path(__file__).parents[2] / "examples" / "market")
        lines = (CartLine("l1", "tripod", 3, offer="bolt-tripod"),)
        placed = market.place(Cart.of("cart-1", buyer="buyer-1", lines=lines), key="k1", scope=BUYER)
        market.fire(PART, "ship", key="s1", scope=BOLT)
        steps = {scope: market.orders.page_merchant_order_history(PART, scope=scope).items for scope in (BOLT, BUYER)}
        rewrite_as_first_version(market)
        assert list_events(market) == ["", "ship"]
        assert [step.moves for step in market.orders.page_merchant_order_history(PART, scope=BUYER).items] == [
            step.moves for step in steps[BUYER]
        ]
        assert (
            market.place(Cart.of("cart-1", buyer="buyer-1", lines=lines), key="k1", scope=BUYER).totals == placed.totals
        )
        assert market.verify() == ()


def leave_ledger(order: Order) -> Order:
    """Return an order as one that was placed before there was a ledger."""
    return Order(attrs.evolve(order.marketplace_order, in_ledger=False), order.merchant_orders)


def rewrite_as_first_version(market: Marketplace) -> None:
    """Write every order as the last release did: its moves in its own document, and answers with whole orders."""
    assert isinstance(market.store, SqlStore)
    with market.store.engine.begin() as connection:
        found = connection.execute(text("SELECT subject, document FROM mktcore_order_step ORDER BY id")).all()
        moves: dict[str, list[Any]] = {}
        for subject, document in found:
            moves.setdefault(subject, []).extend(json.loads(document)["moves"])
        connection.execute(text("DELETE FROM mktcore_order_step"))
        for table in ("order_funds", "ledger_transaction", "ledger_entry", "ledger_account", "ledger_delta"):
            connection.execute(text(f"DELETE FROM mktcore_{table}"))  # noqa: S608 - names of tables
        for table in ("mktcore_marketplace_order", "mktcore_merchant_order"):
            for id_, document in connection.execute(text(f"SELECT id, document FROM {table}")).all():  # noqa: S608 - names of kinds
                former = json.dumps(to_first_version(json.loads(document), moves[id_]))
                change = f"UPDATE {table} SET type = replace(type, '.v2', '.v1'), document = :document WHERE id = :id"  # noqa: S608 - as above
                connection.execute(text(change), {"document": former, "id": id_})


def test_the_answer_to_a_key_of_the_last_release_is_read(order: Order) -> None:
    codec = Codec()
    name, document = codec.write_fields(order)
    plain = json.loads(document)
    former = {
        "marketplace_order": to_first_version(plain["marketplace_order"], []),
        "merchant_orders": [to_first_version(part, []) for part in plain["merchant_orders"]],
    }
    assert name == "orders.order.v2"
    assert codec.read_fields("orders.order.v1", json.dumps(former)) == leave_ledger(order)
