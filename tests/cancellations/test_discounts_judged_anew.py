"""Promotions applied anew to what is left of an order: shown before, agreed to, closed exactly, given back."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from markets import NOON, open_market
from mktcore.cancellations import CancellationChanged, ConsentNeeded
from mktcore.carts import Cart, CartLine
from mktcore.ledger import Account
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.orders import Order
from mktcore.orders.bind_processes import bind_order_processes
from mktcore.orders.cancellation_policy import CancellationPolicy, KeptDiscounts
from mktcore.orders.events import PricesRaised
from mktcore.persistence import Scope
from mktcore.processes import EventRefused
from mktcore.promotions import Promotion
from mktcore.promotions.conditions import Amount
from mktcore.promotions.effects import AmountOff, BuyXGetY
from mktcore.promotions.promotion import Limits
from mktcore.testing.fakes import ManualClock
from mktcore.totals import Expense

FILES = {
    "merchants.csv": "merchant,name\nacme,Acme\nbolt,Bolt\nfern,Fern\n",
    "tax_rates.csv": "tax_category,name,rate\ngoods,VAT,0.19\n",
    "skus.csv": "sku,name,tax_category\nlens,Lens,goods\nbook,Book,goods\nfilm,Film,goods\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock\nlens,acme,lens,20.00,99\nbook,bolt,book,45.50,99\nfilm,fern,film,36.90,99\n"
    ),
    "shipping_fees.csv": "merchant,fee,free_from,tax_category\nbolt,3.90,500.00,goods\nfern,2.50,500.00,goods\n",
}
ACME, BOLT, BUYER, OPERATOR = Scope.merchant("acme"), Scope.merchant("bolt"), Scope.buyer("b1"), Scope.operator()
PROCESSES = bind_order_processes(CancellationPolicy(discounts=KeptDiscounts.REEVALUATED))
TEN_FROM_100 = Promotion(
    "TEN",
    AmountOff(Money.of("10.00", "EUR")),
    condition=Amount(Money.of("100.00", "EUR")),
    limits=Limits(uses=5, budget=Money.of("50.00", "EUR")),
    merchant_share=Decimal("0.40"),
)


@pytest.fixture
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    with open_market(
        getattr(request, "param", "memory"), tmp_path, ManualClock(NOON), FILES, processes=PROCESSES
    ) as opened:
        opened.promotions.save(TEN_FROM_100, scope=OPERATOR)
        yield opened
        assert opened.verify() == ()


def place(market: Marketplace, lens: int = 3) -> Order:
    lines = [
        CartLine("a", "lens", lens, offer="lens"),
        CartLine("b", "book", 1, offer="book"),
        CartLine("f", "film", 1, offer="film"),
    ]
    fee = Expense("fee", None, Money.of("1.00", "EUR"))
    order = market.place(Cart.of("c1", buyer="b1", lines=lines, expenses=[fee]), key="p", scope=OPERATOR)
    assert isinstance(order, Order)
    return order


@pytest.mark.parametrize("market", ["memory", "sqlite"], indirect=True)
def test_what_is_left_loses_what_it_no_longer_earns_and_the_buyer_agrees_to_that_before(market: Marketplace) -> None:
    order = place(market)
    assert (str(order.totals.grand_total), str(order.totals.discount_total)) == ("139.80 EUR", "10.00 EUR")
    preview = market.orders.preview_cancel(order.id, {"b": 1}, scope=OPERATOR)
    assert [(one.line, one.merchant, str(one.amount), one.promotions) for one in preview.raised] == [
        ("a", "acme", "4.21 EUR", ("TEN",)),
        ("f", "fern", "2.59 EUR", ("TEN",)),
    ]
    assert (str(preview.grand_after), str(preview.amount)) == ("100.40 EUR", "39.40 EUR")
    with pytest.raises(ConsentNeeded) as asked:
        market.orders.cancel(order.id, {"b": 1}, key="c", scope=OPERATOR)
    assert asked.value.raised == Money.of("6.80", "EUR")
    done = market.orders.cancel(order.id, {"b": 1}, key="c", scope=OPERATOR, agreed=preview)
    assert isinstance(done, Order)
    assert (str(done.totals.grand_total), str(done.totals.discount_total)) == ("100.40 EUR", "3.20 EUR")
    assert str(done.totals.canceled_total) == "46.20 EUR"
    assert done.totals.tax_total == preview.tax_after


def test_the_rest_that_rose_closes_exactly_at_its_list_price(market: Marketplace) -> None:
    order = place(market)
    preview = market.orders.preview_cancel(order.id, {"b": 1}, scope=OPERATOR)
    market.orders.cancel(order.id, {"b": 1}, key="c", scope=OPERATOR, agreed=preview)
    taken = []
    for piece in range(3):
        step = market.orders.preview_cancel(order.id, {"a": 1}, scope=OPERATOR)
        assert step.raised == ()
        taken.append(str(step.amount.amount))
        market.orders.cancel(order.id, {"a": 1}, key=f"a{piece}", scope=OPERATOR, agreed=step)
    assert taken == ["20.00", "20.00", "20.00"]


def test_what_the_merchant_cannot_deliver_costs_the_buyer_nothing_on_the_rest(market: Marketplace) -> None:
    order = place(market)
    preview = market.orders.preview_cancel(f"{order.id}--bolt", scope=BOLT)
    assert preview.raised == ()
    market.orders.cancel(f"{order.id}--bolt", key="c", scope=BOLT)
    assert str(market.orders.get(order.id, scope=OPERATOR).totals.grand_total) == "93.60 EUR"


def test_a_buyer_agrees_when_it_asks_and_prices_rise_when_that_is_granted(market: Marketplace) -> None:
    order = place(market)
    preview = market.orders.preview_cancel(order.id, {"b": 1}, scope=BUYER)
    assert (preview.asked, str(preview.amount)) == ({"b": 1}, "0.00 EUR")
    assert [str(one.amount) for one in preview.raised] == ["4.21 EUR", "2.59 EUR"]
    with pytest.raises(EventRefused) as refused:
        market.orders.fire(order.id, "ask to cancel", key="f", scope=BUYER, lines={"b": 1})
    assert {one.code for one in refused.value.problems} == {"orders.consent-needed"}
    market.orders.cancel(order.id, {"b": 1}, key="c", scope=BUYER, agreed=preview)
    assert str(market.orders.get(order.id, scope=BUYER).totals.grand_total) == "139.80 EUR"
    market.fire(f"{order.id}--bolt", "accept cancellation", key="a", scope=BOLT)
    assert str(market.orders.get(order.id, scope=BUYER).totals.grand_total) == "100.40 EUR"


def test_what_has_left_keeps_its_price_and_only_open_pieces_rise(market: Marketplace) -> None:
    order = place(market)
    market.fire(f"{order.id}--acme", "ship", key="s", scope=ACME, lines={"a": 2})
    preview = market.orders.preview_cancel(order.id, {"b": 1}, scope=OPERATOR)
    # A third of 4.21 on the one lens that is open.
    assert [(one.line, one.pieces, str(one.amount)) for one in preview.raised] == [
        ("a", 1, "1.40 EUR"),
        ("f", 1, "2.59 EUR"),
    ]
    market.orders.cancel(order.id, {"b": 1}, key="c", scope=OPERATOR, agreed=preview)
    market.fire(f"{order.id}--acme", "ship", key="s2", scope=ACME)
    part = market.orders.get_merchant_order(f"{order.id}--acme", scope=ACME)
    assert str(part.totals.grand_total) == "57.19 EUR"


def test_the_merchant_earns_the_rise_less_what_the_marketplace_had_borne(market: Marketplace) -> None:
    order = place(market)
    preview = market.orders.preview_cancel(order.id, {"b": 1}, scope=OPERATOR)
    market.orders.cancel(order.id, {"b": 1}, key="c", scope=OPERATOR, agreed=preview)
    market.fire(f"{order.id}--acme", "ship", key="s", scope=ACME)
    pending = Account("merchant:acme", "pending", "EUR")
    # Three lenses at 20.00, of which nothing is taken off any more; the marketplace bears nothing.
    assert str(market.ledger.balance(pending, scope=ACME)) == "60.00 EUR"


@pytest.mark.parametrize("market", ["memory", "sqlite"], indirect=True)
def test_limits_get_back_what_lapsed_once(market: Marketplace) -> None:
    order = place(market)
    assert spent(market) == {"uses": 1, "budget": 1000}
    preview = market.orders.preview_cancel(order.id, {"b": 1}, scope=OPERATOR)
    market.orders.cancel(order.id, {"b": 1}, key="c", scope=OPERATOR, agreed=preview)
    assert spent(market) == {"uses": 0, "budget": 0}
    market.orders.cancel(order.id, key="c2", scope=OPERATOR)
    assert spent(market) == {"uses": 0, "budget": 0}


def spent(market: Marketplace) -> dict[str, int]:
    names = {"uses": "promotion/TEN/uses", "budget": "promotion/TEN/budget"}
    with market.store.begin(OPERATOR) as unit:
        return {short: unit.counters.count(name) for short, name in names.items()}


def test_a_third_piece_free_of_three_is_paid_for_when_two_are_left(market: Marketplace) -> None:
    market.promotions.save(Promotion("3FOR2", BuyXGetY(buy=2, get=1), title="three for two"), scope=OPERATOR)
    order = market.place(
        Cart.of("c1", buyer="b1", lines=[CartLine("a", "lens", 4, offer="lens")]), key="p", scope=OPERATOR
    )
    assert str(order.totals.grand_total) == "60.00 EUR"
    kept = market.orders.preview_cancel(order.id, {"a": 1}, scope=OPERATOR)
    # Three are left for the price of two, as before: of the share that the fourth took along, 5.00, nothing comes back.
    assert (str(kept.grand_after), kept.raised) == ("45.00 EUR", ())
    preview = market.orders.preview_cancel(order.id, {"a": 2}, scope=OPERATOR)
    assert [(one.line, str(one.amount)) for one in preview.raised] == [("a", "10.00 EUR")]
    assert str(preview.grand_after) == "40.00 EUR"


def test_what_was_agreed_to_rises_or_nothing_is_done(market: Marketplace) -> None:
    order = place(market)
    preview = market.orders.preview_cancel(order.id, {"b": 1}, scope=OPERATOR)
    market.fire(f"{order.id}--acme", "ship", key="s", scope=ACME, lines={"a": 1})
    with pytest.raises(CancellationChanged):
        market.orders.cancel(order.id, {"b": 1}, key="c", scope=OPERATOR, agreed=preview)
    assert str(market.orders.get(order.id, scope=OPERATOR).totals.grand_total) == "139.80 EUR"


def test_a_promotion_that_was_changed_since_is_judged_as_it_was(market: Marketplace) -> None:
    order = place(market)
    stored = market.promotions.get("TEN", scope=OPERATOR)
    market.promotions.save(attrs.evolve(stored, condition=Amount(Money.of("500.00", "EUR"))), scope=OPERATOR)
    # 122.40 are left, which earn what they earned.
    preview = market.orders.preview_cancel(order.id, {"a": 1}, scope=OPERATOR)
    assert preview.raised == ()


def test_a_buyer_is_shown_figures_and_not_the_terms(market: Marketplace) -> None:
    order = place(market)
    preview = market.orders.preview_cancel(order.id, {"b": 1}, scope=OPERATOR)
    market.orders.cancel(order.id, {"b": 1}, key="c", scope=OPERATOR, agreed=preview)
    shown = market.orders.get(order.id, scope=BUYER)
    assert (shown.marketplace_order.discount_terms, shown.marketplace_order.revisions) == (None, ())
    assert str(shown.totals.discount_total) == "3.20 EUR"
    assert "lapsed" in str(market.orders.get(order.id, scope=OPERATOR).explain("order.discount_total"))


def test_what_the_operator_cancels_for_a_merchant_costs_the_buyer_nothing_either(market: Marketplace) -> None:
    order = place(market)
    market.fire(f"{order.id}--bolt", "cancel by merchant", key="c", scope=OPERATOR)
    assert str(market.orders.get(order.id, scope=BUYER).totals.grand_total) == "93.60 EUR"


def test_a_preview_that_was_made_up_agrees_to_nothing(market: Marketplace) -> None:
    order = place(market)
    preview = market.orders.preview_cancel(order.id, {"b": 1}, scope=OPERATOR)
    with pytest.raises(CancellationChanged):
        market.orders.cancel(order.id, {"b": 1}, key="c", scope=OPERATOR, agreed=attrs.evolve(preview, raised=()))


def test_each_merchant_whose_goods_cost_more_is_told_and_no_other(market: Marketplace) -> None:
    order = place(market)
    preview = market.orders.preview_cancel(order.id, {"b": 1}, scope=OPERATOR)
    market.orders.cancel(order.id, {"b": 1}, key="c", scope=OPERATOR, agreed=preview)
    told = {}
    for merchant in ("acme", "bolt", "fern"):
        with market.store.begin(Scope.merchant(merchant)) as unit:
            found = [one.event for one in unit.find_events("merchant_order", f"{order.id}--{merchant}")]
        told[merchant] = [(one.lines, str(one.raised)) for one in found if isinstance(one, PricesRaised)]
    assert told == {"acme": [(("a",), "4.21 EUR")], "bolt": [], "fern": [(("f",), "2.59 EUR")]}
