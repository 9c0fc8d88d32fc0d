"""What a party may not read of a record is in no event that is shown to it, whatever the type of the event."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mktcore.adapters.event_publishers import InProcessPublisher
from mktcore.adapters.event_relay import Relay
from mktcore.adapters.memory import MemoryStore
from mktcore.carts import Cart, CartLine
from mktcore.events import Envelope, Event
from mktcore.marketplace import Marketplace
from mktcore.orders import Order
from mktcore.orders.actions import Ship
from mktcore.persistence import Party, Scope
from mktcore.persistence.stored import Stored
from mktcore.ports import STORED
from mktcore.testing.fakes import CountingIds, ManualClock
from mktcore.wire import to_json
from wire.strategies_of_types import instances_of

BOLT, BUYER = Scope.merchant("bolt"), Scope.buyer("buyer-1")
EVENTS = [found for found in STORED if issubclass(found.type, Event)]
RELAXED = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))

TELLING = {
    "orders.marketplace-order-moved": {"moves", "action"},
    "orders.merchant-order-moved": {"moves", "action"},
    "orders.order-reviewed": {"reason"},  # of an event that names no party: the operator's alone
    "orders.price-approval-changed": {"approver"},
    "parties.membership-changed": {"reason"},
    "catalog.merchant-item-decided": {"reason"},
    "offers.offer-decided": {"reason"},
    "offers.offer-unavailable": {"why"},
}
"""Fields that tell of people and reasons. All but those of orders are of events that name a merchant and no buyer, of
what this merchant reads in the record itself: the approver is its own user, the reasons are given to it."""


def list_telling(cls: type) -> set[str]:
    """Return the fields of an event that hold a person, a reason, a move or an action, by name or by type."""
    people = {
        "by",
        "user",
        "actor",
        "author",
        "approver",
        "approvers",
        "votes",
        "reason",
        "why",
        "note",
        "moves",
        "action",
    }
    own = {field.name: str(field.type) for field in attrs.fields(cls)}
    return {
        name for name, kind in own.items() if name in people or any(one in kind for one in ("Scope", "Move", "Step"))
    }


def read_as(event: Event, scope: Scope) -> list[Any]:
    """Publish an event, and return what a party is shown of it, as JSON."""
    store = MemoryStore()
    with store.begin(Scope.operator()) as unit:
        unit.publish([event])
        unit.commit()
    with store.begin(scope) as unit:
        found = unit.find_events(event.subject_kind, event.subject)
    return [json.loads(to_json(envelope.event)) for envelope in found]


def find_signed(document: Any) -> Iterator[dict[str, Any]]:
    """Yield every part of a document that says by whom it was done."""
    if isinstance(document, dict):
        if isinstance(document.get("by"), dict):
            yield document
        document = list(document.values())
    for part in document if isinstance(document, list) else ():
        yield from find_signed(part)


def test_every_event_that_tells_of_people_and_reasons_is_known() -> None:
    assert {one.tag: list_telling(one.type) for one in EVENTS if list_telling(one.type)} == TELLING


@pytest.mark.parametrize("stored", EVENTS, ids=lambda found: found.tag)
@RELAXED
@given(data=st.data())
def test_no_event_shows_a_party_the_people_of_another(stored: Stored, data: st.DataObject) -> None:
    drawn = data.draw(instances_of(stored.type))
    event = attrs.evolve(drawn, subject="s", merchant="bolt", buyer="buyer-1")
    assert read_as(event, Scope.operator()) == [json.loads(to_json(event))]
    for stranger in (Scope.merchant("acme"), Scope.buyer("buyer-2"), Scope.buyer("bolt"), Scope.merchant("buyer-1")):
        assert read_as(event, stranger) == []
    for reader in (BOLT, BUYER):
        [shown] = read_as(event, reader)
        for part in find_signed(shown):
            author = (part["by"]["party"], part["by"]["id"])
            assert part["by"]["user"] is None or author == (reader.party, reader.id)
            if reader is BUYER:
                assert part["why"] == "" or part["by"]["party"] == "buyer"
        if reader is BUYER and shown.get("action"):
            assert Party.BUYER in event.action.shown_to


@pytest.fixture
def order(market: Marketplace) -> Order:
    """Place an order, and let each party do something for a reason of its own."""
    lines = (CartLine("l1", "tripod", 3, offer="bolt-tripod"), CartLine("l2", "camera", 1, offer="acme-camera"))
    placed = market.place(Cart.of("cart-1", buyer="buyer-1", lines=lines), key="k1", scope=BUYER)
    ann, jo = Scope.buyer("buyer-1", user="ann"), Scope.merchant("bolt", user="jo")
    part = "order-1--bolt"
    market.orders.fire("order-1", "ask to cancel", key="a1", scope=ann, lines={"l1": 1}, reason="found cheaper")
    market.fire(part, "refuse cancellation", key="r1", scope=jo, reason="difficult buyer")
    market.fire(
        part, "cancel by merchant", key="c1", scope=Scope.operator(user="rita"), lines={"l1": 1}, reason="fraud?"
    )
    market.fire(part, Ship(tracking="JD01"), key="s1", scope=jo, reason="van 7")
    return placed


@pytest.mark.parametrize(
    ("reader", "known"),
    [
        (BUYER, {"ann", "found cheaper"}),
        (BOLT, {"jo", "difficult buyer", "fraud?", "van 7"}),
        (Scope.operator(), {"ann", "jo", "rita", "found cheaper", "difficult buyer", "fraud?", "van 7"}),
    ],
    ids=["buyer", "merchant", "operator"],
)
@pytest.mark.usefixtures("order")
def test_events_tell_a_party_as_much_as_the_history_does(market: Marketplace, reader: Scope, known: set[str]) -> None:
    part, whole = "order-1--bolt", "order-1"
    steps = [*market.orders.page_merchant_order_history(part, scope=reader).items]
    if reader is not BOLT:
        steps += market.orders.page_history(whole, scope=reader).items
    with market.store.begin(reader) as unit:
        events = [
            one.event
            for kind, subject in (("merchant_order", part), ("marketplace_order", whole))
            for one in unit.find_events(kind, subject)
        ]
    told = [(event.moves, event.action) for event in events if hasattr(event, "moves") and hasattr(event, "action")]
    assert told == [(step.moves, step.action) for step in steps if step.moves[0].event]
    texts = "".join(to_json(event).decode() for event in events)
    everything = {"ann", "jo", "rita", "found cheaper", "difficult buyer", "fraud?", "van 7"}
    assert {text for text in everything if f'"{text}' in texts} == known


@pytest.mark.usefixtures("order")
def test_a_publisher_is_the_operators_and_sends_on_what_a_party_may_see(market: Marketplace) -> None:
    sent: list[Envelope] = []
    clock = ManualClock(datetime(2030, 1, 1, tzinfo=UTC))
    store: Any = market.store
    Relay(store.queue, InProcessPublisher(sent.append), clock, CountingIds()).run_until_empty()
    [whole] = [one for one in sent if "van 7" in to_json(one.event).decode() and one.event.merchant]
    assert "difficult" not in to_json(whole.event).decode()
    assert '"jo"' in to_json(whole.event).decode()
    shown = whole.view_for(BUYER)
    assert shown is not None
    assert (shown.id, shown.sequence) == (whole.id, whole.sequence)
    assert not {"jo", "van 7"} & set(to_json(shown.event).decode().split('"'))
    assert whole.view_for(Scope.merchant("acme")) is whole.view_for(Scope.buyer("buyer-2")) is None
