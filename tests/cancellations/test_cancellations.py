"""Canceling pieces: who may at once and who asks, what it does to money, agreed to before it is done, once."""

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.cancellations import (
    Cancellation,
    CancellationChanged,
    CancellationRefused,
    plan_cancellation,
    preview_cancellation,
)
from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.orders import MerchantOrder, Order
from mktcore.orders.order_money import open_funds
from mktcore.orders.propagation import start_order
from mktcore.persistence import NotFound, Scope
from mktcore.persistence.errors import IdempotencyConflict
from mktcore.testing.fakes import ManualClock
from orders.made_figures import make_worked_order
from orders.made_orders import PROCESSES

FILES = TWO_MERCHANTS | {
    "tax_rates.csv": "tax_category,name,rate\ngoods,VAT,0.19\n",
    "skus.csv": "sku,name,tax_category\nlens,Lens,goods\nbook,Book,\n",
    "offers.csv": "offer,merchant,sku,price,stock\nlens,acme,lens,19.99,99\nbook,bolt,book,45.50,99\n",
    "shipping_fees.csv": "merchant,fee,free_from,tax_category\nacme,4.90,500.00,goods\n",
}
ACME, BOLT, BUYER, OPERATOR = Scope.merchant("acme"), Scope.merchant("bolt"), Scope.buyer("b1"), Scope.operator()
PART = "order-1--acme"


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, ManualClock(NOON), FILES) as opened:
        lines = [CartLine("l1", "lens", 5, offer="lens"), CartLine("l2", "book", 1, offer="book")]
        opened.place(Cart.of("cart-1", buyer="b1", lines=lines), key="k1", scope=BUYER)
        yield opened


def start(*events: str) -> Order:
    """Return the order of the worked figures, as far as these events bring it."""
    order = make_worked_order()
    moved = start_order(PROCESSES, order, now=NOON, by=BUYER, events=events)
    return order.move_subjects(moved.subjects)


def test_a_buyer_cancels_at_once_in_its_window_and_the_preview_tells_the_money() -> None:
    order = start("authorise")
    asked = Cancellation("order-1", lines={"l1": 1}, code="found-cheaper")
    transition = plan_cancellation(order, asked, PROCESSES, scope=BUYER, now=NOON)
    preview = preview_cancellation(transition, open_funds(order))
    assert (preview.canceled, preview.asked) == ({"l1": 1}, {})
    [line] = preview.amounts
    assert (line.key, line.merchant, str(line.amount), str(line.tax)) == ("l1", "acme", "18.62 EUR", "2.97 EUR")
    assert (str(preview.grand_before), str(preview.grand_after)) == ("141.35 EUR", "122.73 EUR")
    assert str(preview.tax_after) == "15.60 EUR"


def test_the_last_piece_of_a_merchant_takes_its_freight_along() -> None:
    order = start("authorise")
    asked = Cancellation("order-1", lines={"l1": 5})
    preview = preview_cancellation(
        plan_cancellation(order, asked, PROCESSES, scope=OPERATOR, now=NOON), open_funds(order)
    )
    assert [(one.key, one.is_charge, str(one.amount)) for one in preview.amounts] == [
        ("l1", False, "93.08 EUR"),
        ("freight", True, "4.90 EUR"),
    ]


def test_a_buyer_asks_after_its_window_and_the_merchant_cancels(market: Marketplace) -> None:
    preview = market.orders.preview_cancel("order-1", {"l1": 2}, scope=BUYER)
    assert (preview.canceled, preview.asked, str(preview.amount)) == ({}, {"l1": 2}, "0.00 EUR")
    asked = market.orders.cancel("order-1", {"l1": 2}, key="c1", scope=BUYER, code="ordered-twice")
    assert isinstance(asked, Order)
    assert asked.get_part(PART).states == {"l1": {"new": 3, "cancellation asked": 2}}
    given = market.orders.cancel(PART, {"l1": 3}, key="c1", scope=ACME, code="sold-out")
    assert isinstance(given, MerchantOrder)
    # What may be canceled at once first, by its own event, then what was asked for.
    assert given.states == {"l1": {"cancellation asked": 2, "canceled": 3}}
    assert market.verify() == ()


def test_the_operator_cancels_all_that_has_not_left_of_all_merchants_in_one_step(market: Marketplace) -> None:
    market.fire(PART, "ship", key="s1", scope=ACME, lines={"l1": 3})
    preview = market.orders.preview_cancel("order-1", scope=OPERATOR, code="fraud")
    assert preview.canceled == {"l1": 2, "l2": 1}
    done = market.orders.cancel("order-1", key="c1", scope=OPERATOR, code="fraud", agreed=preview)
    assert isinstance(done, Order)
    assert (done.totals.grand_total, done.totals.tax_total) == (preview.grand_after, preview.tax_after)
    assert str(done.totals.canceled_total) == str(preview.amount) == "85.48 EUR"
    steps = market.orders.page_history("order-1", scope=OPERATOR).items
    assert [len(step.moves) for step in steps][-1] == 2
    assert market.verify() == ()


def test_what_was_agreed_to_is_done_or_nothing(market: Marketplace) -> None:
    preview = market.orders.preview_cancel("order-1", {"l1": 5}, scope=OPERATOR)
    assert str(preview.amount) == "104.85 EUR"
    # The freight would have gone with the last piece; since a piece has left, it does not.
    agreed = market.orders.preview_cancel("order-1", {"l1": 4}, scope=OPERATOR)
    market.fire(PART, "ship", key="s1", scope=ACME, lines={"l1": 1})
    market.orders.cancel(PART, {"l1": 1}, key="c0", scope=ACME)
    with pytest.raises(CancellationRefused) as refused:
        market.orders.cancel("order-1", {"l1": 5}, key="c1", scope=OPERATOR, agreed=preview)
    assert [(one.where, one.message) for one in refused.value.problems] == [("l1", "3 of 5 pieces can be canceled")]
    stale = attrs.evolve(agreed, canceled={"l1": 3})
    with pytest.raises(CancellationChanged):
        market.orders.cancel("order-1", {"l1": 3}, key="c2", scope=OPERATOR, agreed=stale)
    done = market.orders.cancel("order-1", {"l1": 3}, key="c2", scope=OPERATOR)
    assert isinstance(done, Order)
    assert done.get_part(PART).states == {"l1": {"shipped": 1, "canceled": 4}}
    assert market.verify() == ()


def test_the_same_key_cancels_once_and_keeps_a_refusal(market: Marketplace) -> None:
    first = market.orders.cancel(PART, {"l1": 1}, key="c1", scope=ACME)
    assert market.orders.cancel(PART, {"l1": 1}, key="c1", scope=ACME) == first
    with pytest.raises(IdempotencyConflict):
        market.orders.cancel(PART, {"l1": 2}, key="c1", scope=ACME)
    for _ in range(2):
        with pytest.raises(CancellationRefused):
            market.orders.cancel(PART, {"l1": 9, "l2": 1}, key="c2", scope=ACME)
    assert market.orders.get_merchant_order(PART, scope=ACME).states == {"l1": {"new": 4, "canceled": 1}}
    assert market.verify() == ()


def test_nobody_cancels_anothers_pieces_or_learns_of_them(market: Marketplace) -> None:
    for order, scope in (("order-1", ACME), (PART, BOLT), (PART, BUYER), ("order-1", Scope.buyer("b2"))):
        with pytest.raises(NotFound):
            market.orders.preview_cancel(order, scope=scope)
        with pytest.raises(NotFound):
            market.orders.cancel(order, key="c1", scope=scope)
    preview = market.orders.preview_cancel(PART, scope=ACME)
    assert {one.merchant for one in preview.amounts} == {"acme"}
    assert str(preview.grand_before) == "104.85 EUR"
    assert preview.commission_back is not None
    assert market.orders.preview_cancel("order-1", scope=BUYER).commission_back is None


def test_what_is_asked_for_badly_is_refused() -> None:
    for lines in ({}, {"l1": 0}, {"l1": -1}):
        with pytest.raises(InvalidValue):
            Cancellation("order-1", lines=lines)
    with pytest.raises(InvalidValue):
        Cancellation("order-1", code="Not A Code")
