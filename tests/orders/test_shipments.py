"""Shipments: what left together, in which parcels, and what became of it; each party reads its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.goods import Measure
from mktcore.marketplace import Marketplace
from mktcore.orders.actions import CancelByMerchant, Deliver, Lose, RefuseAtDoor, Ship, UndoShipment
from mktcore.orders.effects import EFFECTS, RECORD_SHIPMENTS
from mktcore.orders.shipments import Parcel, ShipmentRefused, ShippedPieces
from mktcore.persistence import NotFound, Scope
from mktcore.persistence.errors import IdempotencyConflict
from mktcore.processes import EventRefused
from mktcore.testing.fakes import CountingIds, ManualClock

FILES = TWO_MERCHANTS | {
    "skus.csv": "sku,name,tax_category\nlens,Lens,\nbook,Book,\ncase,Case,\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock\nlens,acme,lens,19.99,99\ncase,acme,case,5.00,99\nbook,bolt,book,45.50,99\n"
    ),
}
ACME, BOLT, BUYER, OPERATOR = Scope.merchant("acme"), Scope.merchant("bolt"), Scope.buyer("b1"), Scope.operator()
PART = "order-1--acme"


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, ManualClock(NOON), FILES) as opened:
        lines = [
            CartLine("l1", "lens", 5, offer="lens"),
            CartLine("l2", "book", 1, offer="book"),
            CartLine("l3", "case", 2, offer="case"),
        ]
        opened.place(Cart.of("cart-1", buyer="b1", lines=lines), key="k1", scope=BUYER)
        yield opened


def test_parts_of_lines_leave_in_parcels_that_say_what_they_hold(market: Marketplace) -> None:
    shipment = market.shipments.ship(
        PART,
        {"l1": 3, "l3": 1},
        key="s1",
        scope=ACME,
        carrier="DHL",
        invoice="2026-7",
        weight=Measure.parse("1.5 kg"),
        parcels=[
            Parcel("1", tracking="JD01", weight=Measure.parse("500 g"), holds={"l1": 2}),
            Parcel("2", tracking="JD02", holds={"l1": 1, "l3": 1}),
        ],
    )
    assert shipment.id == f"{PART}/00000002"  # the step of the history that it began with
    assert (shipment.lines, shipment.invoice, str(shipment.weight)) == ({"l1": 3, "l3": 1}, "2026-7", "1.5 kg")
    assert shipment.pieces == (
        ShippedPieces("l1", "shipped", 2, "1"),
        ShippedPieces("l1", "shipped", 1, "2"),
        ShippedPieces("l3", "shipped", 1, "2"),
    )
    part = market.orders.get_merchant_order(PART, scope=ACME)
    assert part.shipments == (shipment.id,)
    assert part.states == {"l1": {"new": 2, "shipped": 3}, "l3": {"new": 1, "shipped": 1}}
    steps = market.orders.page_merchant_order_history(PART, scope=BUYER).items
    assert isinstance(steps[-1].action, Ship)
    assert steps[-1].action.parcels[1].tracking == "JD02"
    assert market.verify() == ()


def test_what_became_of_a_shipment_or_of_a_parcel_is_told_of_that_one(market: Marketplace) -> None:
    first = market.shipments.ship(PART, {"l1": 2}, key="s1", scope=ACME)
    parcels = [Parcel("a", holds={"l1": 1}), Parcel("b", holds={"l1": 1, "l3": 1})]
    second = market.shipments.ship(PART, {"l1": 2, "l3": 1}, key="s2", scope=ACME, parcels=parcels)
    assert [one.key for one in first.parcels] == ["1"]
    lost = market.shipments.fire(second.id, Lose("carrier-lost", parcel="b"), key="f1", scope=ACME)
    assert lost.states == {"l1": {"shipped": 1, "lost": 1}, "l3": {"lost": 1}}
    refused = market.shipments.fire(second.id, RefuseAtDoor("nobody-there", parcel="a"), key="f2", scope=ACME)
    assert refused.states == {"l1": {"lost": 1, "returned": 1}, "l3": {"lost": 1}}
    arrived = market.fire(PART, Deliver(shipment=first.id), key="f3", scope=ACME)
    assert arrived.states == {
        "l1": {"new": 1, "delivered": 2, "returned": 1, "lost": 1},
        "l3": {"new": 1, "lost": 1},
    }
    # A parcel that was lost turns up.
    found = market.shipments.fire(second.id, Deliver(), key="f4", scope=ACME)
    assert found.states == {"l1": {"returned": 1, "delivered": 1}, "l3": {"delivered": 1}}
    assert market.verify() == ()


def test_where_no_shipment_is_named_what_left_first_goes_first(market: Marketplace) -> None:
    first, second = (market.shipments.ship(PART, {"l1": 2}, key=key, scope=ACME) for key in ("s1", "s2"))
    market.fire(PART, "deliver", key="d1", scope=ACME, lines={"l1": 3})
    get = market.shipments.get
    assert get(first.id, scope=BUYER).states == {"l1": {"delivered": 2}}
    assert get(second.id, scope=BUYER).states == {"l1": {"shipped": 1, "delivered": 1}}
    assert market.verify() == ()


def test_pieces_of_a_named_shipment_move_out_of_the_states_that_they_are_in(market: Marketplace) -> None:
    first, second = (market.shipments.ship(PART, {"l1": 2}, key=key, scope=ACME) for key in ("s1", "s2"))
    market.shipments.fire(first.id, Lose("carrier-lost"), key="f1", scope=ACME)
    market.shipments.fire(second.id, Lose("carrier-lost"), key="f2", scope=ACME, lines={"l1": 1})
    # Lost and shipped can both be delivered, and what was lost was so before.
    arrived = market.shipments.fire(second.id, Deliver(), key="f3", scope=ACME)
    assert arrived.states == {"l1": {"delivered": 2}}
    assert market.orders.get_merchant_order(PART, scope=ACME).states["l1"] == {"new": 1, "lost": 2, "delivered": 2}
    assert market.orders.get("order-1", scope=OPERATOR).marketplace_order.fulfilment.states()["l1"] == {
        "sent": 1,
        "lost": 2,
        "delivered": 2,
    }
    assert market.verify() == ()


def test_an_undone_shipment_keeps_what_it_was_and_the_pieces_leave_with_another(market: Marketplace) -> None:
    first = market.shipments.ship(PART, {"l1": 3}, key="s1", scope=ACME)
    undone = market.shipments.fire(first.id, UndoShipment("wrong-order"), key="u1", scope=ACME, lines={"l1": 2})
    assert (undone.lines, undone.undone) == ({"l1": 1}, (ShippedPieces("l1", "shipped", 2, "1"),))
    market.fire(PART, CancelByMerchant("sold-out"), key="c1", scope=ACME, lines={"l1": 1})
    second = market.shipments.ship(PART, {"l1": 3}, key="s2", scope=ACME)
    assert second.lines == {"l1": 3}
    assert market.orders.get_merchant_order(PART, scope=ACME).shipments == (first.id, second.id)
    assert market.verify() == ()


def test_parcels_that_do_not_hold_what_leaves_are_refused_and_nothing_leaves(market: Marketplace) -> None:
    parcels = [Parcel("1", holds={"l1": 1}), Parcel("2", holds={"l3": 1})]
    with pytest.raises(ShipmentRefused) as refused:
        market.shipments.ship(PART, {"l1": 3}, key="s1", scope=ACME, parcels=parcels)
    assert [one.message for one in refused.value.problems] == [
        "parcels hold 1 pieces of l1, and 3 leave",
        "parcels hold 1 pieces of l3, and 0 leave",
    ]
    assert market.orders.get_merchant_order(PART, scope=ACME).shipments == ()
    assert market.shipments.count(scope=OPERATOR) == 0
    assert market.verify() == ()


def test_a_shipment_gives_no_more_than_it_holds(market: Marketplace) -> None:
    first = market.shipments.ship(PART, {"l1": 2}, key="s1", scope=ACME)
    market.shipments.ship(PART, {"l1": 2}, key="s2", scope=ACME)
    for _ in range(2):  # a refusal is kept under its key
        with pytest.raises(EventRefused, match="2 of 3 pieces are in"):
            market.shipments.fire(first.id, Deliver(), key="d1", scope=ACME, lines={"l1": 3})
    with pytest.raises(EventRefused, match="no parcel '9'"):
        market.shipments.fire(first.id, Deliver(parcel="9"), key="d2", scope=ACME)
    for action in (CancelByMerchant(), "deliver"):
        with pytest.raises(ShipmentRefused, match="no fact named 'shipment'"):
            market.shipments.fire(first.id, action, key="d3", scope=ACME)  # type: ignore[arg-type]  # a text has no facts
    market.shipments.fire(first.id, Deliver(), key="d4", scope=ACME)
    with pytest.raises(EventRefused, match="reaches none"):
        market.shipments.fire(first.id, Deliver(), key="d5", scope=ACME)


def test_the_same_key_ships_once_and_answers_what_it_answered(market: Marketplace) -> None:
    first = market.shipments.ship(PART, {"l1": 1}, key="s1", scope=ACME, tracking="JD01")
    market.shipments.fire(first.id, Deliver(), key="d1", scope=ACME)
    assert market.shipments.ship(PART, {"l1": 1}, key="s1", scope=ACME, tracking="JD01") == first
    with pytest.raises(IdempotencyConflict, match="tracking"):
        market.shipments.ship(PART, {"l1": 1}, key="s1", scope=ACME, tracking="JD02")
    assert market.shipments.count(scope=ACME) == 1


def test_more_is_told_of_a_shipment_later_on(market: Marketplace) -> None:
    parcels = [Parcel("1"), Parcel("2")]
    shipment = market.shipments.ship(PART, {"l1": 3}, key="s1", scope=ACME, parcels=parcels)
    assert shipment.pieces == (ShippedPieces("l1", "shipped", 3),)  # nobody says what is in which
    market.shipments.track(shipment.id, parcel="2", tracking="JD02", key="t1", scope=ACME)
    told = market.shipments.track(shipment.id, carrier="DHL", invoice="2026-9", key="t2", scope=OPERATOR)
    assert [one.tracking for one in told.parcels] == [None, "JD02"]
    assert (told.carrier, told.invoice) == ("DHL", "2026-9")
    with pytest.raises(ShipmentRefused, match="no parcel '3'"):
        market.shipments.track(shipment.id, parcel="3", tracking="x", key="t3", scope=ACME)
    with pytest.raises(InvalidValue):
        market.shipments.track(shipment.id, tracking="", key="t4", scope=ACME)
    assert market.verify() == ()


def test_each_party_reads_its_own_shipments_and_learns_of_no_others(market: Marketplace) -> None:
    mine = market.shipments.ship(PART, {"l1": 1}, key="s1", scope=ACME, tracking="JD01")
    theirs = market.shipments.ship("order-1--bolt", key="s1", scope=BOLT)
    page = market.shipments.page
    assert [one.id for one in page(scope=ACME).items] == [mine.id]
    assert [one.id for one in page(scope=BUYER, where={"merchant_order": PART}).items] == [mine.id]
    assert {one.id for one in page(scope=OPERATOR, where={"order_id": "order-1"}).items} == {mine.id, theirs.id}
    assert [one.id for one in page(scope=OPERATOR, where={"tracking": "JD01"}).items] == [mine.id]
    assert page(scope=Scope.buyer("b2")).items == ()
    for foreign, scope in ((theirs.id, ACME), (mine.id, BOLT), ("nothing", ACME), (mine.id, Scope.buyer("b2"))):
        with pytest.raises(NotFound):
            market.shipments.get(foreign, scope=scope)
    for foreign in (theirs.id, "nothing"):
        with pytest.raises(NotFound):
            market.shipments.fire(foreign, Deliver(), key="f1", scope=ACME)
        with pytest.raises(NotFound):
            market.shipments.track(foreign, tracking="x", key="f2", scope=ACME)
        with pytest.raises(NotFound):
            market.fire(PART, Deliver(shipment=foreign), key="f3", scope=ACME)


def test_a_market_that_records_no_shipments_says_so_and_nothing_leaves(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    effects = tuple(effect for effect in EFFECTS if effect is not RECORD_SHIPMENTS)
    with Marketplace.in_memory("EUR", clock=ManualClock(NOON), ids=CountingIds(), effects=effects) as market:
        market.load(tmp_path)
        cart = Cart.of("cart-1", buyer="b1", lines=[CartLine("l1", "lens", 2, offer="lens")])
        market.place(cart, key="k1", scope=BUYER)
        with pytest.raises(ShipmentRefused, match="add RECORD_SHIPMENTS"):
            market.shipments.ship(PART, key="s1", scope=ACME)
        assert market.orders.get_merchant_order(PART, scope=ACME).states == {"l1": {"new": 2}}
        market.fire(PART, "ship", key="s1", scope=ACME)
        assert market.verify() == ()


def test_what_parcels_say_must_go_together() -> None:
    with pytest.raises(InvalidValue, match="one key"):
        Ship(parcels=(Parcel("1"), Parcel("1")))
    with pytest.raises(InvalidValue, match="others do not"):
        Ship(parcels=(Parcel("1", holds={"l1": 1}), Parcel("2")))
    for bad in (0, -1, True, 1.5):
        with pytest.raises(InvalidValue):
            Parcel("1", holds={"l1": bad})  # type: ignore[dict-item]  # what hosts get wrong
    wrong: list[dict[str, object]] = [{"weight": "2 kg"}, {"holds": [1]}, {"holds": {1: 1}}, {"tracking": "x" * 201}]
    for told in wrong:
        with pytest.raises(InvalidValue):
            Parcel("1", **told)  # type: ignore[arg-type]  # what hosts get wrong
    with pytest.raises(InvalidValue):
        Ship(parcels=["1"])  # type: ignore[list-item]  # as above
    with pytest.raises(InvalidValue, match="at most 1000"):
        Ship(parcels=[Parcel(str(number)) for number in range(1001)])
    with pytest.raises(InvalidValue, match="a mass"):
        Parcel("1", weight=Measure.parse("2 l"))
