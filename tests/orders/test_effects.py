"""What follows from what happens to an order, decided without any store."""

from datetime import timedelta
from typing import ClassVar

import attrs
import pytest

from mktcore.orders import Order
from mktcore.orders.actions.cancellations import AskToCancel, CancelByMerchant
from mktcore.orders.actions.shipments import Ship
from mktcore.orders.effects import EFFECTS
from mktcore.orders.effects.append_history import RECORD_STEPS
from mktcore.orders.effects.apply_effects import decide_changes
from mktcore.orders.effects.ask_issuer import ASK_TO_ISSUE
from mktcore.orders.effects.await_price import AWAIT_PRICE
from mktcore.orders.effects.changes import Changes
from mktcore.orders.effects.effect import Effect, Found, Reads, join_reads
from mktcore.orders.effects.limits import RETURN_LIMITS
from mktcore.orders.effects.notices import PUBLISH_EVENTS
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.orders.effects.post_money import POST_MONEY
from mktcore.orders.effects.stock import CHANGE_STOCK
from mktcore.orders.effects.timeouts import SET_TIME_OUTS
from mktcore.orders.events import (
    GoodsToIssue,
    MarketplaceOrderMoved,
    MerchantOrderMoved,
    MerchantOrderPlaced,
    OrderPlaced,
)
from mktcore.orders.history import OrderStep
from mktcore.orders.order_line import LineSource
from mktcore.orders.price_approvals.price_approval import (
    PRICE_APPROVALS,
    ApprovalState,
    PriceApproval,
    PriceNotApproved,
)
from mktcore.persistence import Party, Scope
from mktcore.promotions.release_limits import PromotionUse, UsedPart
from mktcore.stock import Reservation
from mktcore.testing.stores.samples import PARCELS
from orders.made_orders import BUYER, NOON, TEN, fire, make_unstarted, place

NOTHING = Found()
PLACED = place()
USE = PromotionUse("SUMMER", (UsedPart(1000, ("l1",)),), counters=("uses",), budget="budget")
SOURCES = (LineSource("north", "order-1/l1", 2), LineSource("south", "order-1//1/l1", 1))


def decide(effect: Effect, transition: OrderTransition, found: Found = NOTHING) -> Changes:
    return effect.decide(transition, found)


def hold(**pieces: int) -> Found:
    names = {"north": "order-1/l1", "south": "order-1//1/l1"}
    held = {
        names[item]: Reservation(names[item], item, "bolt", quantity=3, consumed=3 - left)
        for item, left in pieces.items()
    }
    return Found(held)


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.name)
def test_what_moves_nothing_changes_nothing(effect: Effect) -> None:
    moved = attrs.evolve(PLACED.moved, moves={}, subjects={}, schedule=(), cancel=())
    still = OrderTransition(PLACED.after, moved, PLACED.processes, now=NOON, before=PLACED.after)
    assert decide(effect, still) == Changes()


def test_what_leaves_is_consumed_and_what_is_canceled_becomes_free() -> None:
    assert decide(CHANGE_STOCK, fire(PLACED.after, "ship", {"l1": 2})) == Changes(consumed={"order-1/l1": 2})
    assert decide(CHANGE_STOCK, fire(PLACED.after, "cancel by merchant")) == Changes(freed={"order-1/l1": 3})
    assert decide(CHANGE_STOCK, fire(PLACED.after, "pick")) == Changes()
    assert decide(CHANGE_STOCK, PLACED) == Changes()


def test_a_line_from_several_locations_leaves_the_first_first() -> None:
    order = place(make_unstarted(sources=SOURCES)).after
    shipped = fire(order, "ship")
    assert CHANGE_STOCK.reads(shipped) == Reads(frozenset({"order-1/l1", "order-1//1/l1"}))
    assert decide(CHANGE_STOCK, shipped, hold(north=2, south=1)).consumed == {"order-1/l1": 2, "order-1//1/l1": 1}
    assert decide(CHANGE_STOCK, shipped, hold(north=3)).consumed == {"order-1/l1": 3}


def test_a_line_from_one_place_needs_no_reading() -> None:
    assert CHANGE_STOCK.reads(fire(PLACED.after, "ship")) == Reads()


def test_limits_get_back_what_is_canceled_to_date() -> None:
    order = place(make_unstarted(uses=(USE,))).after
    first = fire(order, "cancel by merchant", {"l1": 1})
    assert decide(RETURN_LIMITS, first).released == {"budget": 333}
    assert decide(RETURN_LIMITS, fire(first.after, "cancel by merchant")).released == {"budget": 667, "uses": 1}
    assert decide(RETURN_LIMITS, fire(order, "ship")) == Changes()
    assert decide(RETURN_LIMITS, place(make_unstarted(uses=(USE,)))) == Changes()


def test_time_outs_follow_the_states() -> None:
    delivered = fire(fire(PLACED.after, "ship").after, "deliver")
    scheduled = decide(SET_TIME_OUTS, delivered)
    [timeout] = scheduled.schedule
    assert (timeout.key.subject, timeout.key.event, timeout.due) == ("order-1", "close", NOON + timedelta(days=30))
    asked = fire(delivered.after, "ask to return", {"l1": 3}, subject="order-1", by=BUYER)
    assert decide(SET_TIME_OUTS, asked) == Changes(cancel=(timeout.key,))


def test_a_placement_cancels_no_time_outs_as_none_is_stored() -> None:
    assert PLACED.moved.cancel
    assert decide(SET_TIME_OUTS, PLACED) == Changes()


def list_steps(transition: OrderTransition) -> list[OrderStep]:
    return [write.value for write in decide(RECORD_STEPS, transition).writes]


def test_each_order_that_moved_gets_one_step_with_the_facts() -> None:
    action = Ship(carrier="DHL", tracking="JD01")
    whole, part = list_steps(fire(PLACED.after, action, {"l1": 2}))
    assert (whole.id, whole.subject, whole.order, whole.merchant) == ("order-1/00000001", "order-1", "order-1", None)
    assert (part.id, part.order, part.merchant) == ("order-1--bolt/00000001", "order-1", "bolt")
    assert whole.action == part.action == action
    assert [(move.source, move.target, move.quantity) for move in part.moves] == [("new", "shipped", 2)]
    assert [step.subject for step in list_steps(fire(PLACED.after, "pick"))] == ["order-1--bolt"]


def test_a_step_bears_the_version_that_the_order_gets() -> None:
    part = attrs.evolve(PLACED.after.merchant_orders[0], version=7)
    stored = Order(PLACED.after.marketplace_order, (part, PLACED.after.merchant_orders[1]))
    assert [step.number for step in list_steps(fire(stored, "pick"))] == [8]


def test_a_placement_is_told_as_one_and_a_move_as_moves() -> None:
    events = decide(PUBLISH_EVENTS, PLACED).events
    assert [type(event) for event in events] == [OrderPlaced, MerchantOrderPlaced, MerchantOrderPlaced]
    moved = decide(PUBLISH_EVENTS, fire(PLACED.after, Ship(tracking="JD01"))).events
    assert [(type(event), event.subject) for event in moved] == [
        (MarketplaceOrderMoved, "order-1"),
        (MerchantOrderMoved, "order-1--bolt"),
    ]
    assert [getattr(event, "action", None) for event in moved] == [Ship(tracking="JD01")] * 2


@attrs.frozen
class Discuss(CancelByMerchant):
    """Facts that no buyer sees."""

    shown_to: ClassVar[frozenset[Party]] = frozenset()


def test_the_event_has_all_facts_and_shows_each_party_its_own() -> None:
    for event in decide(PUBLISH_EVENTS, fire(PLACED.after, Discuss("damaged"))).events:
        assert isinstance(event, MarketplaceOrderMoved | MerchantOrderMoved)
        assert event.action == event.view_for(Scope.operator()).action == Discuss("damaged")
        assert event.view_for(Scope.merchant("bolt")).action is event.view_for(BUYER).action is None
        assert event.moves


def test_a_question_of_the_buyer_reaches_each_merchants_history() -> None:
    asked = fire(PLACED.after, AskToCancel("ordered-twice"), subject="order-1", by=BUYER)
    assert {step.subject: step.action for step in list_steps(asked)} == dict.fromkeys(
        ["order-1", "order-1--bolt", "order-1--acme"], AskToCancel("ordered-twice")
    )


def test_goods_that_are_made_when_they_are_paid_for_are_asked_for_once() -> None:
    order = make_unstarted()
    bolt, acme = order.merchant_orders
    made = attrs.evolve(bolt, lines=(attrs.evolve(bolt.lines[0], issued=True),))
    placed = place(attrs.evolve(order, merchant_orders=(made, acme)))
    [asked] = decide(ASK_TO_ISSUE, placed).events
    assert isinstance(asked, GoodsToIssue)
    assert (asked.merchant_order, asked.line, asked.quantity) == ("order-1--bolt", "l1", 3)
    assert decide(ASK_TO_ISSUE, PLACED) == Changes()
    assert decide(ASK_TO_ISSUE, fire(placed.after, "pick")) == Changes()


def make_approval(state: ApprovalState) -> PriceApproval:
    return PriceApproval(
        "order-1--bolt",
        "bolt",
        ordered=TEN,
        current=None,
        reason="no band",
        state=state,
        opened_at=NOON,
        approvers=("eve",),
    )


def find_approval(state: ApprovalState) -> Found:
    return Found(records={PRICE_APPROVALS.name: {"order-1--bolt": make_approval(state)}})


def test_nothing_leaves_whose_price_waits_and_waiting_ends_with_the_goods() -> None:
    shipped, canceled = fire(PLACED.after, "ship"), fire(PLACED.after, "cancel by merchant")
    assert AWAIT_PRICE.reads(shipped) == Reads(records={PRICE_APPROVALS: frozenset({"order-1--bolt"})})
    assert AWAIT_PRICE.reads(fire(PLACED.after, "pick")) == Reads()
    with pytest.raises(PriceNotApproved):
        decide(AWAIT_PRICE, shipped, find_approval(ApprovalState.WAITING))
    assert decide(AWAIT_PRICE, shipped, find_approval(ApprovalState.APPROVED)) == Changes()
    changes = decide(AWAIT_PRICE, canceled, find_approval(ApprovalState.WAITING))
    assert [write.value.state for write in changes.writes] == [ApprovalState.WITHDRAWN]
    assert len(changes.cancel) == 1


def test_money_follows_pieces_and_nothing_else() -> None:
    [write] = decide(POST_MONEY, PLACED).writes
    assert [(pool.open.pieces, pool.earned.pieces) for pool in write.value.pools] == [(3, 0), (1, 0)]
    assert [one.kind for one in decide(POST_MONEY, PLACED).transactions] == ["capture"]
    assert decide(POST_MONEY, fire(PLACED.after, "pick")) == Changes()


def test_all_effects_together_are_one_set_of_changes() -> None:
    order = place(make_unstarted(uses=(USE,))).after
    changes = decide_changes(fire(order, "cancel by merchant"), NOTHING, EFFECTS)
    assert (changes.released, changes.freed) == ({"budget": 1000, "uses": 1}, {"order-1/l1": 3})
    # Its money, too: the figures follow it, although this order is not in the ledger.
    assert (len(changes.writes), len(changes.events)) == (3, 2)


def test_what_several_effects_read_is_read_together() -> None:
    joined = join_reads(
        [Reads(frozenset({"r1"}), {PARCELS: frozenset({"a"})}), Reads(frozenset({"r2"}), {PARCELS: frozenset({"b"})})]
    )
    assert joined == Reads(frozenset({"r1", "r2"}), {PARCELS: frozenset({"a", "b"})})
