"""A merchant item's life: which verdicts each state takes, where they lead, and what becomes of what is sent."""

from datetime import UTC, datetime

import pytest

from mktcore.merchant_items import (
    Bind,
    Decision,
    DecisionImpossible,
    Deny,
    ItemState,
    MerchantItem,
    NewProduct,
    NewSku,
    Pend,
    ReceivedItem,
    Unbind,
)
from mktcore.merchant_items.decide_item import ItemDenied, decide_item, receive_item, remove_item
from mktcore.merchant_items.item_decision import Verdict
from mktcore.merchant_items.life import ITEM_LIFE, Reception
from mktcore.persistence import Scope
from mktcore.processes import verify

MONDAY = datetime(2026, 5, 4, tzinfo=UTC)
CAMERA = MerchantItem("acme", "A-17", "Camera")
VERDICTS: tuple[Verdict, ...] = (Bind("camera"), NewSku("p"), NewProduct(), Pend("which?"), Deny("no"), Unbind("wrong"))
BINDING = {"Bind": "bound", "NewSku": "bound", "NewProduct": "bound"}
TAKES = {
    "received": {**BINDING, "Pend": "pending", "Deny": "denied"},
    "pending": {**BINDING, "Pend": "pending", "Deny": "denied"},
    "denied": {**BINDING, "Pend": "pending"},
    "unbound": {**BINDING, "Pend": "pending", "Deny": "denied"},
    "bound": {"Unbind": "unbound"},
    "removed": {},
}


def in_state(state: str) -> ReceivedItem:
    last = Decision(Deny("too heavy"), 1, None, at=MONDAY) if state == "denied" else None
    return ReceivedItem(CAMERA, ItemState(state), sku="camera" if state == "bound" else None, decision=last, version=3)


def test_the_life_is_a_sound_process_of_all_states() -> None:
    assert verify(ITEM_LIFE) == ()
    assert {state.name for state in ITEM_LIFE.states} == set(ItemState)


@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda verdict: type(verdict).__name__)
@pytest.mark.parametrize("state", TAKES)
def test_a_state_takes_some_verdicts_and_refuses_the_others(state: str, verdict: Verdict) -> None:
    decision = Decision(verdict, 3, Scope.operator(), at=MONDAY)
    name = type(verdict).__name__
    if name not in TAKES[state]:
        with pytest.raises(DecisionImpossible, match=f"is {state}; {name} is impossible"):
            decide_item(in_state(state), decision, sku="camera")
        return
    decided = decide_item(in_state(state), decision, sku="camera")
    assert decided.state == TAKES[state][name]
    assert decided.sku == ("camera" if decided.state == "bound" else None)
    assert decided.decision == decision


@pytest.mark.parametrize(
    ("state", "after", "reception"),
    [
        ("received", "received", Reception.REPLACED),
        ("pending", "received", Reception.REPLACED),
        ("bound", "bound", Reception.UPDATED),
        ("unbound", "unbound", Reception.NOTED),
        ("removed", "received", Reception.CREATED),
    ],
)
def test_what_is_sent_changed_replaces_updates_or_begins_anew(state: str, after: str, reception: Reception) -> None:
    black = MerchantItem("acme", "A-17", "Camera, black")
    received, became = receive_item(in_state(state), black, now=MONDAY)
    assert (received.item, received.state, received.version, became) == (black, after, 3, reception)
    assert receive_item(received, black, now=MONDAY) == (received, Reception.UNCHANGED)


def test_a_denial_stands_when_the_item_is_sent_changed() -> None:
    with pytest.raises(ItemDenied, match="was denied: too heavy"):
        receive_item(in_state("denied"), MerchantItem("acme", "A-17", "Camera, light"), now=MONDAY)
    assert receive_item(in_state("denied"), CAMERA, now=MONDAY) == (in_state("denied"), Reception.UNCHANGED)


@pytest.mark.parametrize("state", TAKES)
def test_an_item_is_removed_from_any_state_and_a_second_time_in_vain(state: str) -> None:
    removed = remove_item(in_state(state), now=MONDAY)
    assert (removed.state, removed.sku) == ("removed", None)
    assert remove_item(removed, now=MONDAY) == removed
