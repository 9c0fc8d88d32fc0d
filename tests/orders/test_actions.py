"""Actions carry their facts: checked when built, kept in the history, shown to those who may see them."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import attrs
import pytest

from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.orders import MARKETPLACE_PROCESS, MERCHANT_PROCESS, MerchantOrder, Order
from mktcore.orders.actions import ACTIONS
from mktcore.orders.actions.action import Action, UnknownAction
from mktcore.orders.actions.cancellations import AskToCancel, Cancel, CancelByMerchant, RefuseCancellation
from mktcore.orders.actions.shipments import Deliver, Ship
from mktcore.orders.events import MerchantOrderMoved
from mktcore.persistence import Scope
from mktcore.persistence.errors import IdempotencyConflict
from mktcore.processes import EventRefused
from mktcore.testing.fakes import ManualClock
from mktcore.wire import from_json, to_json

BOLT, BUYER = Scope.merchant("bolt"), Scope.buyer("buyer-1")
PARCEL = Ship(carrier="DHL", tracking="JD01")


@pytest.fixture
def order(market: Marketplace) -> Order:
    lines = (CartLine("l1", "tripod", 3, offer="bolt-tripod"), CartLine("l2", "camera", 1, offer="acme-camera"))
    return market.place(Cart.of("cart-1", buyer="buyer-1", lines=lines), key="k1", scope=BUYER)


@pytest.fixture
def part(order: Order) -> MerchantOrder:
    return order.get_part(f"{order.id}--bolt")


def test_every_action_that_ships_fires_an_event_that_exists() -> None:
    known = {event.name for process in (MERCHANT_PROCESS, MARKETPLACE_PROCESS) for event in process.events}
    assert {action.event for action in ACTIONS} <= known
    # What is made when it is paid for leaves with its codes, where other goods leave with a parcel's number.
    assert Counter(action.event for action in ACTIONS).most_common(2)[0] == ("ship", 2)
    assert len({action.event for action in ACTIONS}) == len(ACTIONS) - 1


@pytest.mark.parametrize("text", ["", "x" * 201, "JD\n01", "JD\x0001", "a\u202eb"])
def test_a_text_is_printable_and_bounded(text: str) -> None:
    with pytest.raises(InvalidValue, match=r"Ship\.tracking"):
        Ship(tracking=text)


@pytest.mark.parametrize("code", ["", "Found Cheaper", "-x", "x" * 61, "größe"])
def test_a_reason_code_is_a_word(code: str) -> None:
    with pytest.raises(InvalidValue, match=r"AskToCancel\.code"):
        AskToCancel(code)
    assert AskToCancel("found-cheaper").code == "found-cheaper"


def test_an_instant_of_delivery_is_kept_in_utc() -> None:
    told = Deliver(delivered_at=datetime.fromisoformat("2026-07-01T14:00:00+02:00"))
    assert told.delivered_at == datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert told.delivered_at.tzinfo is UTC


@pytest.mark.parametrize("action", [PARCEL, Deliver(received_by="jo"), *(one("damaged") for one in (
    Cancel, CancelByMerchant, AskToCancel, RefuseCancellation))], ids=lambda action: action.event)  # fmt: skip
def test_an_action_travels(action: Action) -> None:
    assert from_json(to_json(action), type(action)) == action


def test_facts_are_kept_in_the_history_and_shown_to_the_buyer(market: Marketplace, part: MerchantOrder) -> None:
    moved = market.fire(part.id, PARCEL, key="s1", scope=BOLT, lines={"l1": 2}, reason="van 7")
    assert moved.states["l1"] == {"new": 1, "shipped": 2}
    for scope in (BOLT, BUYER, market.as_operator()):
        step = market.orders.page_merchant_order_history(part.id, scope=scope).items[-1]
        assert step.action == PARCEL
        assert [(move.event, move.quantity) for move in step.moves] == [("ship", 2)]
    assert market.orders.page_history(part.order, scope=BUYER).items[-1].action == PARCEL


def test_the_event_that_is_published_tells_the_facts(market: Marketplace, part: MerchantOrder) -> None:
    market.fire(part.id, PARCEL, key="s1", scope=BOLT)
    with market.store.begin(BUYER) as unit:
        event = unit.find_events("merchant_order", part.id)[-1].event
    assert isinstance(event, MerchantOrderMoved)
    assert event.action == PARCEL


def test_a_merchant_reads_why_a_buyer_asks_to_cancel(market: Marketplace, order: Order) -> None:
    asked = market.orders.fire(order.id, AskToCancel("ordered-twice"), key="a1", scope=BUYER, lines={"l1": 1})
    assert isinstance(asked, Order)
    [_, step] = market.orders.page_merchant_order_history(f"{order.id}--bolt", scope=BOLT).items
    assert step.action == AskToCancel("ordered-twice")


@pytest.mark.parametrize(
    ("second", "fields"),
    [
        (Ship(carrier="DHL", tracking="JD02"), ("action.tracking",)),
        (Ship(tracking="JD01"), ("action.carrier",)),
        (Ship(), ("action.carrier", "action.tracking")),
        ("ship", ("action.carrier", "action.tracking")),
        (Deliver(), ("action.carrier", "action.tracking", "event")),
    ],
)
def test_another_fact_under_the_same_key_is_a_conflict(
    market: Marketplace, part: MerchantOrder, second: Action | str, fields: tuple[str, ...]
) -> None:
    first = market.fire(part.id, PARCEL, key="s1", scope=BOLT, lines={"l1": 1})
    assert market.fire(part.id, Ship(carrier="DHL", tracking="JD01"), key="s1", scope=BOLT, lines={"l1": 1}) == first
    with pytest.raises(IdempotencyConflict) as conflict:
        market.fire(part.id, second, key="s1", scope=BOLT, lines={"l1": 1})
    assert conflict.value.fields == fields


def test_an_action_without_facts_asks_for_what_its_event_does(market: Marketplace, part: MerchantOrder) -> None:
    first = market.fire(part.id, "ship", key="s1", scope=BOLT)
    assert market.fire(part.id, Ship(), key="s1", scope=BOLT) == first


def test_a_text_asks_for_what_it_did_in_earlier_releases(market: Marketplace, part: MerchantOrder) -> None:
    market.fire(part.id, "ship", key="s1", scope=BOLT, lines={"l1": 1}, reason="van 7")
    with market.store.begin(BOLT.to_operator()) as unit:
        record = unit.find_record("merchant:bolt", "s1")
    assert record is not None
    assert record.request == {
        "kind": "merchant_order",
        "order": "order-1--bolt",
        "event": "ship",
        "lines": {"l1": 1},
        "reason": "van 7",
    }


def test_an_action_whose_event_the_process_lacks_is_refused_like_an_unknown_event(
    market: Marketplace, part: MerchantOrder
) -> None:
    with pytest.raises(EventRefused) as text:
        market.fire(part.id, "cancel", key="c1", scope=BOLT)
    with pytest.raises(EventRefused) as typed:
        market.fire(part.id, Cancel("found-cheaper"), key="c2", scope=BOLT)
    assert typed.value.problems == text.value.problems
    assert typed.value.problems[0].code == "processes.unknown-event"


@attrs.frozen
class Levitate(Action):
    event: ClassVar[str] = "ship"
    metres: int


def test_an_action_that_nobody_registered_is_refused_before_anything_happens(
    market: Marketplace, part: MerchantOrder
) -> None:
    with pytest.raises(UnknownAction, match="Levitate is none of"):
        market.fire(part.id, Levitate(3), key="l1", scope=BOLT)
    assert market.orders.get_merchant_order(part.id, scope=BUYER) == part
    assert market.fire(part.id, "ship", key="l1", scope=BOLT).states["l1"] == {"shipped": 3}


@attrs.frozen
class Nameless(Action):
    event: ClassVar[str] = ""


@pytest.mark.parametrize("action", [Action, Nameless])
def test_a_class_that_names_no_event_is_refused_at_once(action: type[Action]) -> None:
    with pytest.raises(InvalidValue, match="the name of an event"):
        Marketplace.in_memory("EUR", actions=(*ACTIONS, action))


def test_time_outs_carry_no_facts(market: Marketplace, part: MerchantOrder, clock: ManualClock) -> None:
    market.fire(part.id, PARCEL, key="s1", scope=BOLT)
    market.fire(part.id, Deliver(received_by="the neighbour"), key="d1", scope=BOLT)
    clock.advance(timedelta(days=30))
    assert market.orders.expire() == 1
    last = market.orders.page_history(part.order, scope=BUYER).items[-1]
    assert ([move.event for move in last.moves], last.action) == (["close"], None)
    assert market.verify() == ()
