"""What a merchant sees of a customer is what the market's policy said when the order was placed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from markets import NOON, TWO_MERCHANTS, open_market
from mktcore.addresses import Address
from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.orders.customer_data_policy import CustomerData
from mktcore.persistence import Scope
from mktcore.testing.fakes import ManualClock
from mktcore.views import view

FILES = TWO_MERCHANTS | {
    "skus.csv": "sku,name,tax_category\nlens,Lens,\n",
    "offers.csv": "offer,merchant,sku,price,stock\nlens,acme,lens,20.00,99\n",
}
ACME, BUYER, OPERATOR = Scope.merchant("acme"), Scope.buyer("b1"), Scope.operator()
HOME = Address("DE", postal_code="10115", city="Berlin", lines=["Weg 1"], name="Ann Secret", phone="+49 30 555")
WORK = Address("DE", postal_code="20095", city="Hamburg", lines=["Steg 2"], name="Bob Secret", company="Secret Ltd")


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, ManualClock(NOON), FILES) as market:
        yield market


def place(market: Marketplace, *shown: str) -> str:
    policy = CustomerData(shown) if shown else CustomerData()
    limited = Marketplace(market.store, "EUR", customer_data=policy, clock=market.clock)
    lines = [CartLine("l1", "lens", 2), CartLine("l2", "lens", deliver_to=WORK)]
    cart = Cart.of(f"c-{'-'.join(shown)}", buyer="b1", lines=lines, deliver_to=HOME)
    return limited.place(cart, key=cart.id, scope=BUYER).id


def test_a_merchant_sees_what_the_policy_says_everywhere(market: Marketplace) -> None:
    order = place(market, "postal_code", "city")
    part = f"{order}--acme"
    answers: list[Any] = [
        market.orders.get_merchant_order(part, scope=ACME),
        *market.orders.merchant_orders.page(scope=ACME).items,
        market.fire(part, "ship", key="s1", scope=ACME, lines={"l1": 1}),
        market.fire(part, "ship", key="s1", scope=ACME, lines={"l1": 1}),
    ]
    with market.store.begin(ACME) as unit:
        from_store = [envelope.event for envelope in unit.find_events("merchant_order", part)]
    assert [answer.deliver_to.city for answer in answers] == ["Berlin"] * 4
    assert [answer.lines[1].deliver_to.postal_code for answer in answers] == ["20095"] * 4
    rows: list[str] = []
    market.orders.export(rows.append, scope=ACME)
    for seen in [*answers, from_store, rows, view(answers[0], scope=ACME)]:
        assert not any(word in str(seen) for word in ("Secret", "Weg", "Steg", "555"))
    assert market.verify() == ()


def test_buyer_and_operator_see_all_of_it(market: Marketplace) -> None:
    order = place(market, "city")
    for scope in (BUYER, OPERATOR):
        found = market.orders.get(order, scope=scope)
        assert (found.marketplace_order.deliver_to, found.merchant_orders[0].deliver_to) == (HOME, HOME)
        assert found.merchant_orders[0].lines[1].deliver_to == WORK
    shown: Any = view(market.orders.get(order, scope=BUYER), scope=BUYER)
    assert shown["deliver_to"]["name"] == "Ann Secret"
    # As merchants see it when the operator's answer is shown on a merchant's screen.
    part: Any = view(market.orders.get_merchant_order(f"{order}--acme", scope=OPERATOR), scope=ACME)
    assert part["deliver_to"] == {"country": "DE", "city": "Berlin", "lines": []}


def test_an_order_keeps_the_policy_that_it_was_placed_under(market: Marketplace) -> None:
    full, limited = place(market), place(market, "city")
    assert market.orders.get_merchant_order(f"{full}--acme", scope=ACME).deliver_to == HOME
    assert market.orders.get_merchant_order(f"{limited}--acme", scope=ACME).deliver_to == Address("DE", city="Berlin")


@pytest.mark.parametrize("shown", [["email"], ["name", "country"], "name"])
def test_a_policy_names_parts_of_addresses(shown: Any) -> None:
    with pytest.raises(InvalidValue, match="shown"):
        CustomerData(shown)


def test_less_of_it_is_shown_once_the_order_is_closed(market: Marketplace) -> None:
    policy = CustomerData(
        ["name", "postal_code", "city", "phone"], after_close=["name", "postal_code"], shortened=["name"]
    )
    limited = Marketplace(market.store, "EUR", customer_data=policy, clock=market.clock)
    lines = [CartLine("l1", "lens", 2), CartLine("l2", "lens", deliver_to=WORK)]
    cart = Cart.of("closing", buyer="b1", lines=lines, deliver_to=HOME)
    part = limited.place(cart, key="closing", scope=BUYER).merchant_orders[0].id

    def see() -> Any:
        return market.orders.get_merchant_order(part, scope=ACME)

    assert (see().deliver_to.name, see().deliver_to.phone, see().lines[1].deliver_to.city) == (
        "Ann Secret", "+49 30 555", "Hamburg",
    )  # fmt: skip
    first = market.fire(part, "cancel by merchant", key="c1", scope=ACME, lines={"l1": 2})
    assert first.deliver_to is not None
    assert first.deliver_to.city == "Berlin"  # its other line is still open
    last = market.fire(part, "cancel by merchant", key="c2", scope=ACME, lines={"l2": 1})
    for seen in (last, see(), *market.orders.merchant_orders.page(scope=ACME).items):
        assert seen.deliver_to == Address("DE", name="An", postal_code="10115")
        assert seen.lines[1].deliver_to == Address("DE", name="Bo", postal_code="20095")
    # A repeated answer is the one that was given, whatever is shown by now.
    assert market.fire(part, "cancel by merchant", key="c1", scope=ACME, lines={"l1": 2}) == first
    rows: list[str] = []
    market.orders.export(rows.append, scope=ACME)
    with market.store.begin(ACME) as unit:
        told = [rows, [envelope.event for envelope in unit.find_events("merchant_order", part)]]
    assert not any(word in str(told) for word in ("Secret", "555", "Berlin", "Hamburg"))
    whole = market.orders.get(f"{part.removesuffix('--acme')}", scope=BUYER)
    assert whole.marketplace_order.deliver_to == HOME
    assert market.verify() == ()


@pytest.mark.parametrize("wrong", [{"after_close": ["email"]}, {"after_close": "name"}, {"shortened": ["lines"]}])
def test_what_is_shown_after_closing_names_parts_too(wrong: Any) -> None:
    with pytest.raises(InvalidValue):
        CustomerData(**wrong)
