"""Goods that left come back: to the shelf, to the order, damaged, or never; and what stock cannot follow is refused."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from markets import EXAMPLE, open_loaded
from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.marketplace.settings import Settings
from mktcore.orders import OrderProcesses
from mktcore.orders.actions import BringsBack, CancelByMerchant, ReceiveReturn
from mktcore.orders.default_processes import Flag
from mktcore.orders.effects.changes import Changes
from mktcore.orders.effects.effect import Found, Reads
from mktcore.orders.effects.stock import CHANGE_STOCK
from mktcore.orders.errors import GoodsGone
from mktcore.orders.legacy_processes import FIRST_INTERACTION as INTERACTION
from mktcore.orders.legacy_processes import FIRST_MARKETPLACE_PROCESS as MARKETPLACE_PROCESS
from mktcore.orders.legacy_processes import FIRST_MERCHANT_PROCESS as MERCHANT_PROCESS
from mktcore.orders.order_line import LineSource
from mktcore.orders.verify_stock_moves import verify_stock_moves
from mktcore.persistence import Scope
from mktcore.processes import Process, ProcessEvent, Transition, Trigger, bind_portions, verify
from mktcore.processes.portions.interaction import Link
from mktcore.stock import GoodsReturn, Reservation, ReturnCondition
from mktcore.stock.events import GoodsReturned
from mktcore.testing.fakes import CountingIds, ManualClock
from orders.made_orders import NOON, fire, make_unstarted, place

BOLT, BUYER = Scope.merchant("bolt"), Scope.buyer("buyer-1")
PART = "order-1--bolt"
WHOLE, MERCHANT = MARKETPLACE_PROCESS.name, MERCHANT_PROCESS.name
UNDO, REOPEN = "undo shipment", "reopen"


def extend(process: Process, events: list[ProcessEvent], *transitions: Transition) -> Process:
    return attrs.evolve(process, events=[*process.events, *events], transitions=[*process.transitions, *transitions])


FORGIVING = extend(
    MERCHANT_PROCESS,
    [ProcessEvent(UNDO)],
    Transition("shipped", "picking", UNDO),
    Transition("shipped", "canceled", "cancel by merchant"),
)
FORGIVEN = extend(
    MARKETPLACE_PROCESS,
    [ProcessEvent(UNDO, Trigger.INTERNAL)],
    Transition("shipped", "sent", UNDO),
    Transition("shipped", "canceled", "cancel by merchant"),
)
LINKS = attrs.evolve(INTERACTION, links=[*INTERACTION.links, Link(MERCHANT, UNDO, WHOLE, UNDO)])
PROCESSES = OrderProcesses(bind_portions(FORGIVEN), bind_portions(FORGIVING), LINKS)


@pytest.fixture(params=["memory", "sqlite"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    """A market on whose process a shipment can be undone or cancelled, with an order of three tripods, 12 on hand."""
    settings = Settings(processes=PROCESSES)
    with open_loaded(request.param, tmp_path, ManualClock(NOON), EXAMPLE, settings=settings) as market:
        lines = [CartLine("l1", "tripod", 3, offer="bolt-tripod")]
        market.place(Cart.of("cart-1", buyer="buyer-1", lines=lines), key="k1", scope=BUYER)
        yield market


def find_level(market: Marketplace) -> tuple[int, int]:
    """Return how many tripods are on hand, and how many of them are reserved."""
    with market.store.begin(market.as_operator()) as unit:
        level = unit.stock.find_levels(["bolt-tripod"])["bolt-tripod"]
    return level.on_hand, level.reserved


def ship(market: Marketplace, pieces: int) -> None:
    market.fire(PART, "ship", key=f"ship-{pieces}", scope=BOLT, lines={"l1": pieces})


def send_back(market: Marketplace, pieces: int) -> None:
    ship(market, 3)
    market.fire(PART, "deliver", key="deliver", scope=BOLT)
    market.orders.fire("order-1", "ask to return", key="ask", scope=BUYER, lines={"l1": pieces})


def test_the_extended_processes_are_sound() -> None:
    assert verify(FORGIVING) == verify(FORGIVEN) == verify_stock_moves(FORGIVING) == ()


@pytest.mark.parametrize(
    ("action", "on_hand"),
    [
        ("receive return", 11),
        (ReceiveReturn(condition=ReturnCondition.SELLABLE), 11),
        (ReceiveReturn("worn", ReturnCondition.DAMAGED), 9),
        (ReceiveReturn(condition=ReturnCondition.NONE), 9),
    ],
    ids=str,
)
def test_a_return_is_on_hand_again_when_it_can_be_sold(
    shop: Marketplace, action: BringsBack | str, on_hand: int
) -> None:
    send_back(shop, 2)
    assert find_level(shop) == (9, 0)
    shop.fire(PART, action, key="back", scope=BOLT)
    assert find_level(shop) == (on_hand, 0)
    shop.fire(PART, action, key="back", scope=BOLT)
    shop.fire(PART, "refund", key="refund", scope=BOLT)
    assert find_level(shop) == (on_hand, 0)
    assert shop.verify() == ()


def test_of_one_return_some_pieces_are_sold_again_and_others_not(shop: Marketplace) -> None:
    send_back(shop, 3)
    shop.fire(PART, ReceiveReturn(condition=ReturnCondition.DAMAGED), key="b1", scope=BOLT, lines={"l1": 1})
    shop.fire(PART, ReceiveReturn(), key="b2", scope=BOLT)
    assert find_level(shop) == (11, 0)
    with shop.store.begin(shop.as_operator()) as unit:
        told = [one.event for one in unit.find_events("stock_item", "bolt-tripod")]
    assert [(type(one), getattr(one, "quantity", 0), getattr(one, "condition", "")) for one in told] == [
        (GoodsReturned, 1, ReturnCondition.DAMAGED),
        (GoodsReturned, 2, ReturnCondition.SELLABLE),
    ]


def test_a_refused_return_stays_with_the_buyer(shop: Marketplace) -> None:
    send_back(shop, 2)
    shop.fire(PART, "refuse return", key="no", scope=BOLT)
    assert find_level(shop) == (9, 0)


def test_what_is_shipped_by_mistake_is_reserved_again_and_can_be_shipped(shop: Marketplace) -> None:
    ship(shop, 2)
    assert find_level(shop) == (10, 1)
    undone = shop.fire(PART, UNDO, key="undo", scope=BOLT, lines={"l1": 1})
    assert undone.states["l1"] == {"new": 1, "shipped": 1, "picking": 1}
    assert find_level(shop) == (11, 2)
    assert shop.verify() == ()
    shop.fire(PART, "ship", key="again", scope=BOLT)
    assert find_level(shop) == (9, 0)
    shop.fire(PART, UNDO, key="undo-all", scope=BOLT)
    assert find_level(shop) == (12, 3)
    shop.fire(PART, "cancel by merchant", key="cancel", scope=BOLT)
    assert find_level(shop) == (12, 0)
    assert shop.verify() == ()


@pytest.mark.parametrize(
    ("action", "on_hand"),
    [(CancelByMerchant("lost", ReturnCondition.NONE), 10), (CancelByMerchant("recalled"), 12)],
    ids=str,
)
def test_a_cancelled_shipment_comes_back_and_what_was_not_shipped_is_free(
    shop: Marketplace, action: CancelByMerchant, on_hand: int
) -> None:
    ship(shop, 2)
    cancelled = shop.fire(PART, action, key="cancel", scope=BOLT)
    assert cancelled.states["l1"] == {"canceled": 3}
    assert find_level(shop) == (on_hand, 0)
    assert shop.verify() == ()


def test_what_came_back_can_be_bought(shop: Marketplace) -> None:
    send_back(shop, 3)
    shop.fire(PART, "receive return", key="back", scope=BOLT)
    cart = Cart.of("cart-2", buyer="buyer-2", lines=[CartLine("l1", "tripod", 12, offer="bolt-tripod")])
    shop.place(cart, key="k2", scope=shop.as_operator())
    assert find_level(shop) == (12, 12)


SOURCES = (LineSource("north", "order-1/l1", 2), LineSource("south", "order-1//1/l1", 1))
SHIPPED = Found(
    {
        "order-1/l1": Reservation("order-1/l1", "north", "bolt", quantity=2).consume(2).restock(1),
        "order-1//1/l1": Reservation("order-1//1/l1", "south", "bolt", quantity=1).consume(1),
    }
)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (UNDO, Changes(recalled={"order-1/l1": 1, "order-1//1/l1": 1})),
        ("cancel by merchant", Changes(returned=(GoodsReturn("order-1/l1", 1), GoodsReturn("order-1//1/l1", 1)))),
    ],
)
def test_pieces_come_back_to_the_locations_that_they_left(event: str, expected: Changes) -> None:
    order = fire(place(make_unstarted(PROCESSES, sources=SOURCES), PROCESSES).after, "ship", processes=PROCESSES).after
    moved = fire(order, event, {"l1": 2}, processes=PROCESSES)
    assert CHANGE_STOCK.reads(moved) == Reads(frozenset({"order-1/l1", "order-1//1/l1"}))
    assert CHANGE_STOCK.decide(moved, SHIPPED) == expected


def bind(merchant: Process) -> OrderProcesses:
    """Return processes of which the whole says nothing of what the merchant's own events do."""
    return OrderProcesses(bind_portions(MARKETPLACE_PROCESS), bind_portions(merchant), INTERACTION)


def change_state(process: Process, name: str, **changes: Any) -> Process:
    return attrs.evolve(
        process, states=[attrs.evolve(one, **changes) if one.name == name else one for one in process.states]
    )


REGRETTING = extend(
    change_state(MERCHANT_PROCESS, "canceled", final=False),
    [ProcessEvent(REOPEN), ProcessEvent("ship anyway")],
    Transition("canceled", "new", REOPEN),
    Transition("canceled", "shipped", "ship anyway"),
)
"""Canceled pieces, which anybody may have bought meanwhile, can be wanted again."""


@pytest.mark.parametrize("event", [REOPEN, "ship anyway"])
def test_what_was_given_up_is_not_the_orders_any_more(event: str) -> None:
    processes = bind(REGRETTING)
    order = fire(place(make_unstarted(processes), processes).after, "cancel by merchant", processes=processes).after
    moved = fire(order, event, {"l1": 2}, processes=processes)
    freed = Found({"order-1/l1": Reservation("order-1/l1", "offer-l1", "bolt", quantity=3).give_back(3)})
    with pytest.raises(GoodsGone, match="2 pieces of line l1 are wanted, and 0 are still the order's"):
        CHANGE_STOCK.decide(moved, freed)


def test_an_order_that_wants_what_is_gone_stays_as_it_was() -> None:
    market = Marketplace.in_memory("EUR", clock=ManualClock(NOON), ids=CountingIds(), processes=bind(REGRETTING))
    market.load(EXAMPLE)
    lines = [CartLine("l1", "tripod", 3, offer="bolt-tripod")]
    market.place(Cart.of("cart-1", buyer="buyer-1", lines=lines), key="k1", scope=BUYER)
    market.fire(PART, "cancel by merchant", key="c1", scope=BOLT)
    with pytest.raises(GoodsGone):
        market.fire(PART, REOPEN, key="r1", scope=BOLT)
    assert market.orders.get_merchant_order(PART, scope=BOLT).states["l1"] == {"canceled": 3}
    assert find_level(market) == (12, 0)


@pytest.mark.parametrize(
    ("event", "expected"),
    [("pick", Changes()), ("cancel by merchant", Changes(freed={"order-1/l1": 3}))],
)
def test_what_is_placed_is_reserved_although_its_first_state_does_not_say_so(event: str, expected: Changes) -> None:
    processes = bind(change_state(MERCHANT_PROCESS, "new", flags=frozenset({Flag.CANCELLABLE})))
    placed = place(make_unstarted(processes), processes)
    assert CHANGE_STOCK.decide(placed, Found()) == Changes()
    moved = fire(placed.after, event, processes=processes)
    held = Found({"order-1/l1": Reservation("order-1/l1", "offer-l1", "bolt", quantity=3)})
    assert CHANGE_STOCK.decide(moved, held) == expected


@pytest.mark.parametrize(
    ("process", "found"),
    [
        (lambda: MERCHANT_PROCESS, []),
        (lambda: REGRETTING, [("stock-gone", "transitions[16]"), ("stock-gone", "transitions[17]")]),
        (lambda: change_state(MERCHANT_PROCESS, "new", flags=()), [("stock-unreserved-start", "initial")]),
        (
            lambda: change_state(MERCHANT_PROCESS, "refunded", flags=(Flag.INVOICEABLE,)),
            [("stock-gone", "transitions[15]")],
        ),
    ],
)
def test_a_process_is_told_what_stock_cannot_follow(
    process: Callable[[], Process], found: list[tuple[str, str]]
) -> None:
    assert [(finding.code, finding.where) for finding in verify_stock_moves(process())] == found


def test_a_condition_is_one_of_three() -> None:
    with pytest.raises(InvalidValue, match="a ReturnCondition"):
        ReceiveReturn(condition="sold")  # type: ignore[arg-type]  # what a caller may give
