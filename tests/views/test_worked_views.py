"""One order as each party is shown it, figures read as literals."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from markets import LAMPS, open_market
from mktcore.carts import Cart, CartLine
from mktcore.explain import Explanation
from mktcore.extra import Extra
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.orders import MerchantOrder, Order
from mktcore.orders.actions import Ship
from mktcore.orders.default_processes import MARKETPLACE_PROCESS
from mktcore.payments import Payment
from mktcore.persistence import NotFound, Page, Party, Scope
from mktcore.processes import Process
from mktcore.stock import StockLevel
from mktcore.testing.fakes import ManualClock
from mktcore.views import UnknownView, schema_of, view

NOON = datetime(2026, 7, 1, 12, 30, 15, tzinfo=UTC)
COMMISSION = {"commission_rules.csv": "rule,group,rate\nsale,sale,0.10\n"}
OPERATOR, ACME, BUYER = Scope.operator(), Scope.merchant("acme"), Scope.buyer("b1")


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Marketplace]:
    with open_market("memory", tmp_path, ManualClock(NOON), LAMPS | COMMISSION) as opened:
        yield opened


@pytest.fixture
def order(market: Marketplace) -> Order:
    lines = [
        CartLine("l1", "lamp", 3, offer="acme-lamp", extra=Extra({"gift": True}, operator={"risk": "high"})),
        CartLine("l2", "lamp", offer="bolt-lamp"),
    ]
    cart = Cart.of("c1", buyer="b1", lines=lines, payments=[Payment("card", Money.of("115.00", "EUR"), "pay-9")])
    placed = market.place(cart, key="k1", scope=OPERATOR)
    part = placed.merchant_orders[0].id
    market.fire(part, Ship(carrier="DHL", tracking="JD01"), key="k2", scope=ACME, lines={"l1": 2}, reason="first lot")
    return market.orders.get(placed.id, scope=OPERATOR)


def euro(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def state(code: str, text: str) -> dict[str, str]:
    return {"code": code, "text": text}


def test_an_order_has_its_figures_and_where_its_pieces_are(order: Order) -> None:
    shown: Any = view(order, BUYER)
    jsonschema.validate(shown, schema_of(Order))
    assert shown["totals"]["grand_total"] == euro("115.00")
    assert (shown["paid"], shown["payable"]) == (euro("115.00"), euro("0.00"))
    assert shown["placed_at"] == "2026-07-01T12:30:15Z"
    part = shown["merchant_orders"][0]
    assert part["id"] == f"{order.id}--acme"
    line = part["lines"][0]
    assert (line["sku"], line["title"], line["quantity"], line["unit_price"]) == ("lamp", "Lamp", 3, euro("30.00"))
    assert line["states"] == [
        {"state": state("new", "New"), "quantity": 1, "since": "2026-07-01T12:30:15Z"},
        {"state": state("shipped", "Shipped"), "quantity": 2, "since": "2026-07-01T12:30:15Z"},
    ]
    assert part["states"] == [
        {"state": state("new", "New"), "quantity": 1},
        {"state": state("shipped", "Shipped"), "quantity": 2},
    ]


def test_commission_is_for_the_operator_and_the_merchant(order: Order) -> None:
    part = order.merchant_orders[0]
    for scope in (OPERATOR, ACME):
        shown: Any = view(part, scope)
        assert shown["commission"] == euro("9.00")
        assert [entry["amount"] for entry in shown["commissions"]] == [euro("9.00")]
        assert shown["totals"]["merchant_borne"] == euro("0.00")
    clerk = Scope(Party.MERCHANT, "acme", "mia", permissions=frozenset({"orders.read"}))
    for scope in (BUYER, clerk):
        shown = view(part, scope)
        assert "'9.00'" not in str(shown)
        assert not {"commission", "commissions", "commission_returned"} & shown.keys()
    assert "merchant_borne" not in view(part, BUYER)["totals"]  # type: ignore[operator]  # an object


def test_host_data_is_shown_by_party(order: Order) -> None:
    part = order.merchant_orders[0]
    shown: Any = view(part, OPERATOR)
    assert shown["lines"][0]["extra"] == {"everyone": {"gift": True}, "operator": {"risk": "high"}}
    shown = view(part, BUYER)
    assert shown["lines"][0]["extra"] == {"everyone": {"gift": True}}


def test_nothing_of_how_it_is_kept_is_shown(order: Order) -> None:
    names: set[str] = set()

    def collect(shown: Any) -> None:
        if isinstance(shown, dict):
            names.update(shown)
        for one in shown.values() if isinstance(shown, dict) else shown if isinstance(shown, list) else ():
            collect(one)

    collect(view(order, OPERATOR))
    assert not names & {"version", "reservation", "promotion_uses", "in_ledger", "former_moves", "$type"}
    assert order.merchant_orders[0].lines[0].reservation not in str(view(order, OPERATOR))


def test_what_does_not_exist_for_a_caller_has_no_view(order: Order) -> None:
    part = order.merchant_orders[0]
    for value, scope in (
        (part, Scope.merchant("bolt")),
        (part, Scope.buyer("b2")),
        (order, ACME),
        (order, Scope.buyer("b2")),
        (order.marketplace_order, ACME),
        (StockLevel("acme-lamp", "acme", 9), Scope.merchant("bolt")),
        (StockLevel("acme-lamp", "acme", 9), BUYER),
    ):
        with pytest.raises(NotFound):
            view(value, scope)


def test_the_history_names_no_other_partys_people(market: Marketplace, order: Order) -> None:
    steps = market.orders.page_merchant_order_history(f"{order.id}--acme", scope=OPERATOR)
    shown: Any = view(steps, BUYER)
    jsonschema.validate(shown, schema_of(Page))
    assert "next" not in shown
    shipped = shown["items"][1]
    assert shipped["action"] == {"event": "ship", "facts": {"carrier": "DHL", "tracking": "JD01"}}
    assert shipped["moves"][0]["by"] == {"party": state("merchant", "Merchant"), "id": "acme"}
    assert "first lot" not in str(shown)
    assert "first lot" in str(view(steps, ACME))


def test_a_simulation_has_lines_alternatives_and_issues(market: Marketplace) -> None:
    cart = Cart.of("c2", buyer="b1", lines=[CartLine("l1", "lamp", 2), CartLine("l2", "vase", 10)])
    simulation = market.simulate(cart, scope=BUYER)
    shown: Any = view(simulation, BUYER)
    jsonschema.validate(shown, schema_of(type(simulation)))
    assert shown["is_placeable"] is False
    assert [issue["code"] for issue in shown["issues"]] == ["out-of-stock"]
    assert shown["issues"][0]["line"] == "l2"
    line = shown["lines"][0]
    assert (line["offer"], line["totals"]["grand_total"]) == ("bolt-lamp", euro("50.00"))
    assert [(one["offer"], one["unit_price"]) for one in line["alternatives"]] == [
        ("bolt-lamp", euro("25.00")),
        ("acme-lamp", euro("30.00")),
    ]
    with pytest.raises(NotFound):
        view(simulation, Scope.buyer("b2"))


def test_an_explanation_is_a_tree() -> None:
    explained = Explanation("subtotal", "18.00 EUR", "2 x 9.00 EUR", (Explanation("unit price", "9.00 EUR"),))
    assert view(explained, BUYER) == {
        "title": "subtotal",
        "value": "18.00 EUR",
        "reason": "2 x 9.00 EUR",
        "parts": [{"title": "unit price", "value": "9.00 EUR"}],
    }


def test_an_operand_that_is_a_record_stays_inside(order: Order) -> None:
    shown: Any = view(Notice("x", "", "m", operands={"order": order, "price": Money.of("1.00", "EUR")}), BUYER)
    assert shown["operands"] == {"order": None, "price": euro("1.00")}


def test_a_type_without_a_view_is_refused_by_name() -> None:
    pages: Any = Page
    for refused in (
        lambda: view(MARKETPLACE_PROCESS, OPERATOR),
        lambda: schema_of(Process),
        lambda: schema_of(pages[Process]),
    ):
        with pytest.raises(UnknownView) as found:
            refused()
        assert found.value.type == "Process"
        assert MerchantOrder.__name__ in found.value.known
