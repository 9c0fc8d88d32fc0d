"""Notes that no buyer reads, and reviews that hold an order: nothing of it leaves until it is released."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.access import PermissionDenied
from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.order_notes import NotesFull
from mktcore.order_notes import use_cases as noting
from mktcore.persistence import NotFound, Scope
from mktcore.persistence.errors import IdempotencyConflict
from mktcore.processes import EventRefused
from mktcore.status_updates import StatusUpdate
from mktcore.testing.fakes import ManualClock
from mktcore.views import view

FILES = TWO_MERCHANTS | {
    "skus.csv": "sku,name,tax_category\nlens,Lens,\nbook,Book,\n",
    "offers.csv": "offer,merchant,sku,price,stock\nlens,acme,lens,20.00,99\nbook,bolt,book,10.00,99\n",
}
ACME, BOLT, BUYER = Scope.merchant("acme"), Scope.merchant("bolt", user="ben"), Scope.buyer("b1")
OPERATOR = Scope.operator(user="rita")


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, ManualClock(NOON), FILES) as market:
        lines = [CartLine("l1", "lens", 2), CartLine("l2", "book", 2)]
        market.place(Cart.of("c1", buyer="b1", lines=lines), key="k1", scope=OPERATOR)
        yield market


def list_notes(market: Marketplace, scope: Scope) -> list[str]:
    return sorted(note.text for note in market.orders.notes.iterate(scope=scope))


def test_notes_are_read_by_whom_they_are_for(market: Marketplace) -> None:
    market.orders.add_note("order-1", "called twice", key="n1", scope=OPERATOR)
    market.orders.add_note("order-1--acme", "pack it well", key="n2", scope=OPERATOR, is_shared=True)
    market.orders.add_note("order-1--bolt", "out of boxes", key="n3", scope=BOLT)
    assert list_notes(market, OPERATOR) == ["called twice", "out of boxes", "pack it well"]
    assert list_notes(market, ACME) == ["pack it well"]
    assert list_notes(market, BOLT) == ["out of boxes"]
    with pytest.raises(PermissionDenied):
        list_notes(market, BUYER)
    (shared,) = market.orders.notes.page(scope=ACME).items
    assert (shared.by.user, shared.at, shared.order) == (None, NOON, "order-1")
    (own,) = market.orders.notes.page(scope=OPERATOR, where={"order_id": "order-1", "merchant": "bolt"}).items
    shown: Any = view(own, scope=OPERATOR)
    assert shown["by"]["user"] == "ben"


def test_a_note_is_written_once_and_stays(market: Marketplace) -> None:
    first = market.orders.add_note("order-1", "called", key="n1", scope=OPERATOR)
    assert market.orders.add_note("order-1", "called", key="n1", scope=OPERATOR) == first
    with pytest.raises(IdempotencyConflict) as caught:
        market.orders.add_note("order-1", "wrote", key="n1", scope=OPERATOR)
    assert caught.value.fields == ("text",)
    for text in ("", "  ", "x" * 2_001, "a\0b", "\ud800"):
        with pytest.raises(InvalidValue):
            market.orders.add_note("order-1", text, key="n2", scope=OPERATOR)
    with pytest.raises(InvalidValue, match="merchant order"):
        market.orders.add_note("order-1", "called", key="n2", scope=OPERATOR, is_shared=True)
    assert list_notes(market, OPERATOR) == ["called"]


def test_others_note_nothing(market: Marketplace) -> None:
    with pytest.raises(PermissionDenied):
        market.orders.add_note("order-1", "mine", key="n1", scope=BUYER)
    for order in ("order-1", "order-1--acme", "order-9"):
        with pytest.raises(NotFound):
            market.orders.add_note(order, "theirs", key="n1", scope=BOLT)


def test_an_order_has_so_many_notes_at_most(market: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noting, "MOST_NOTES", 2)
    for number in range(2):
        market.orders.add_note("order-1", "called", key=f"n{number}", scope=OPERATOR)
    with pytest.raises(NotesFull):
        market.orders.add_note("order-1", "called", key="n3", scope=OPERATOR)
    assert market.orders.add_note("order-1", "called", key="n1", scope=OPERATOR).text == "called"


def test_a_review_keeps_everything_from_leaving(market: Marketplace) -> None:
    held = market.orders.hold("order-1", "fraud", scope=OPERATOR, text="three cards in an hour")
    assert held.marketplace_order.reviews == ("fraud",)
    with pytest.raises(EventRefused) as caught:
        market.fire("order-1--acme", "ship", key="s1", scope=ACME)
    assert [problem.code for problem in caught.value.problems] == ["orders.under-review"]
    assert "fraud" not in str(caught.value)
    (reported,) = market.orders.update_statuses([StatusUpdate("u1", "order-1--acme", "ship")], scope=ACME)
    assert [notice.code for notice in reported.problems] == ["orders.under-review"]
    told = {one.event: one for one in market.orders.allowed("order-1--acme", scope=ACME).events}
    assert (told["ship"].is_allowed, told["ship"].refusals[0].code) == (False, "orders.under-review")
    # Whatever gives up the order goes on.
    assert told["cancel by merchant"].is_allowed
    market.fire("order-1--bolt", "cancel by merchant", key="c1", scope=BOLT)
    assert market.verify() == ()
    market.orders.release("order-1", "fraud", scope=OPERATOR, text="all three are hers")
    shipped = market.fire("order-1--acme", "ship", key="s2", scope=ACME)
    assert shipped.states == {"l1": {"shipped": 2}}
    assert market.verify() == ()


def test_holding_twice_at_once_is_holding_once(market: Marketplace) -> None:
    with ThreadPoolExecutor(8) as threads:
        held = list(threads.map(lambda _: market.orders.hold("order-1", "fraud", scope=OPERATOR), range(12)))
    assert {order.marketplace_order.reviews for order in held} == {("fraud",)}
    assert len(list(market.orders.reviews.iterate(scope=OPERATOR))) == 1
    assert market.verify() == ()


def test_an_order_is_held_until_the_last_reason_is_gone(market: Marketplace) -> None:
    market.orders.hold("order-1", "fraud", scope=OPERATOR)
    market.orders.hold("order-1", "address", scope=OPERATOR)
    again = market.orders.hold("order-1", "address", scope=OPERATOR)
    assert again.marketplace_order.reviews == ("fraud", "address")
    market.orders.release("order-1", "fraud", scope=OPERATOR, text="fine")
    assert market.orders.get_merchant_order("order-1--acme", scope=ACME).is_held
    with pytest.raises(EventRefused):
        market.fire("order-1--acme", "ship", key="s1", scope=ACME)
    with pytest.raises(NotFound):
        market.orders.release("order-1", "fraud", scope=OPERATOR)
    reviews = market.orders.reviews.page(scope=OPERATOR, where={"order_id": "order-1"}).items
    assert [(one.reason, one.state, one.outcome) for one in reviews] == [
        ("fraud", "closed", "fine"),
        ("address", "open", ""),
    ]
    assert market.orders.reviews.count(scope=OPERATOR, where={"state": "open", "reason": "address"}) == 1
    shown: Any = view(reviews[0], scope=OPERATOR)
    assert shown["closed_by"]["user"] == "rita"


def test_merchants_learn_that_and_not_why_and_buyers_nothing(market: Marketplace) -> None:
    market.orders.hold("order-1", "fraud", scope=OPERATOR)
    part = market.orders.get_merchant_order("order-1--acme", scope=ACME)
    assert view(part, scope=ACME)["is_held"] is True
    bought = market.orders.get("order-1", scope=BUYER)
    assert (bought.marketplace_order.reviews, [one.is_held for one in bought.merchant_orders]) == ((), [False, False])
    shown: Any = view(market.orders.get("order-1", scope=OPERATOR), scope=BUYER)
    assert "reviews" not in shown
    assert "is_held" not in shown["merchant_orders"][0]
    for scope in (ACME, BUYER):
        with pytest.raises(PermissionDenied):
            market.orders.reviews.page(scope=scope)
        with pytest.raises(PermissionDenied):
            market.orders.hold("order-1", "fraud", scope=scope)
        with pytest.raises(PermissionDenied):
            market.orders.release("order-1", "fraud", scope=scope)
    for scope, kind, subject, told in (
        (BUYER, "marketplace_order", "order-1", []),
        (OPERATOR, "marketplace_order", "order-1", ["OrderReviewed"]),
        (BUYER, "merchant_order", "order-1--acme", []),
        (ACME, "merchant_order", "order-1--acme", ["MerchantOrderHeld"]),
    ):
        with market.store.begin(scope) as unit:
            found = [type(one.event).__name__ for one in unit.find_events(kind, subject)]
        assert [name for name in found if "Review" in name or "Held" in name] == told


@pytest.mark.parametrize("reason", ["", "Not a word", "x" * 61])
def test_a_reason_is_a_word(market: Marketplace, reason: str) -> None:
    with pytest.raises(InvalidValue):
        market.orders.hold("order-1", reason, scope=OPERATOR)
    with pytest.raises(InvalidValue):
        market.orders.hold("order-1", "fraud", scope=OPERATOR, text="x" * 2_001)
