"""What a buyer may not decide is refused from its scope, and accepted from the operator's on its behalf."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from carts.shop import add_goods, eur, open_shop, sell
from mktcore.access.buyer_request_fields import DECISIONS, BuyerMayNotDecide, Decider, find_undecided, to_markdown
from mktcore.addresses import Address
from mktcore.carts import Cart, CartLine
from mktcore.catalog import Sku
from mktcore.delivery import DeliveryChoice
from mktcore.extra import Extra
from mktcore.marketplace import Marketplace
from mktcore.payments import Payment
from mktcore.persistence import Scope
from mktcore.sales_context import SalesContext
from mktcore.storefront import ViewRequest
from mktcore.totals import Expense, Reduction

PLAIN = Cart.of("cart-1", buyer="ann", lines=[CartLine("l1", "pen")])
VIEW = ViewRequest("acme", SalesContext("ann"))
GIVEN: dict[str, dict[str, Any]] = {
    "SalesContext": {"user": "ann-2", "groups": ("vip",), "channel": "web"},
    "Cart": {
        "id": "cart-2",
        "lines": (CartLine("l2", "pen", 2),),
        "shipping": (Expense("ship", "acme", eur("0.00")),),
        "expenses": (Expense("wrap", None, eur("1.00")),),
        "reductions": (Reduction("ALL", percent=Decimal(1), merchant_share=1),),
        "payments": (Payment("card", eur("10.00"), "ref"),),
        "sold_by": "acme",
        "codes": ("SUMMER",),
        "agreed_total": eur("99.00"),
        "extra": Extra({"note": "ring twice"}),
        "deliver_to": Address("DE"),
        "delivery": (DeliveryChoice("post"),),
    },
    "ViewRequest": {"merchant": "bolt", "quantity": 2, "catalog": None, "owner": "acme", "operators": True},
    "CartLine": {
        "key": "l9",
        "sku": "pen",
        "quantity": 3,
        "offer": "acme-pen",
        "options": ("bag",),
        "agreed": eur("10.00"),
        "extra": Extra({"note": "blue"}),
        "deliver_to": Address("CH"),
        "delivery": DeliveryChoice("post"),
    },
}
"""Something given in each field, beside the buyer itself."""


def list_fields(*requests: str) -> list[Any]:
    return [pytest.param(request, field, id=f"{request}.{field}") for request in requests for field in GIVEN[request]]


def make_cart(request: str, field: str) -> Cart:
    value = {field: GIVEN[request][field]}
    if request == "SalesContext":
        return attrs.evolve(PLAIN, context=attrs.evolve(PLAIN.context, **value))
    if request == "CartLine":
        return attrs.evolve(PLAIN, lines=(attrs.evolve(PLAIN.lines[0], **value),))
    return attrs.evolve(PLAIN, **value)


@pytest.fixture
def market() -> Marketplace:
    market = open_shop()
    add_goods(market, Sku("pen", "Pen"))
    sell(market, "acme-pen", "pen", {1: "10.00"})
    sell(market, "bolt-pen", "pen", {1: "11.00"})
    return market


@pytest.mark.parametrize("kind", [SalesContext, Cart, CartLine, ViewRequest])
def test_every_field_of_a_request_is_decided_on(kind: type[attrs.AttrsInstance]) -> None:
    assert find_undecided(kind) == set()
    told = GIVEN[kind.__name__].keys() | {"buyer", "context"}
    assert DECISIONS[kind.__name__].keys() <= told, "a field that no test gives"


def is_refused(ask: Callable[[Scope], object], scope: Scope, field: str) -> bool:
    refused: tuple[str, ...] = ()
    try:
        ask(scope)
    except BuyerMayNotDecide as refusal:
        refused = refusal.fields
    assert refused in {(), (field,)}
    return bool(refused)


@pytest.mark.parametrize(("request_", "field"), list_fields("SalesContext", "Cart", "CartLine"))
def test_a_cart_says_what_its_buyer_decides(market: Marketplace, request_: str, field: str) -> None:
    cart, decider = make_cart(request_, field), DECISIONS[request_][field][0]

    def ask(scope: Scope) -> object:
        return market.simulate(cart, scope=scope)

    assert is_refused(ask, market.as_buyer("ann"), field) is (decider is Decider.OPERATOR)
    assert not is_refused(ask, market.as_operator(), field)


PLACED = [("SalesContext", "groups"), ("Cart", "shipping"), ("Cart", "expenses"), ("Cart", "reductions")]


@pytest.mark.parametrize(("request_", "field"), PLACED)
def test_nothing_is_placed_that_a_buyer_may_not_decide(market: Marketplace, request_: str, field: str) -> None:
    cart = make_cart(request_, field)
    with pytest.raises(BuyerMayNotDecide, match=field):
        market.place(cart, key="k1", scope=market.as_buyer("ann"))
    assert market.orders.merchant_orders.page(scope=market.as_operator()).items == ()
    # The refusal holds nothing: the key is free for what the buyer may ask.
    assert market.place(PLAIN, key="k1", scope=market.as_buyer("ann")).totals.grand_total == eur("10.00")
    other = attrs.evolve(cart, id="cart-9")
    assert market.place(other, key="k2", scope=market.as_operator()).buyer == "ann"


def test_the_documentation_prints_the_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "access.md").read_text(encoding="utf-8")
    assert to_markdown() in page, "print mktcore.access.buyer_request_fields.to_markdown()"


def test_what_is_granted_to_the_operator_alone_is_these_fields() -> None:
    operators = [
        (request, field)
        for request, fields in DECISIONS.items()
        for field, (decider, _) in fields.items()
        if decider is Decider.OPERATOR
    ]
    assert operators == PLACED


def test_everything_that_is_beyond_a_buyer_is_told_together(market: Marketplace) -> None:
    cart = attrs.evolve(make_cart("Cart", "reductions"), context=SalesContext("ann", groups=("vip",)))
    with pytest.raises(BuyerMayNotDecide) as caught:
        market.simulate(cart, scope=market.as_buyer("ann"))
    assert caught.value.fields == ("groups", "reductions")


@pytest.mark.parametrize(("request_", "field"), list_fields("SalesContext", "ViewRequest"))
def test_a_view_is_asked_for_as_its_buyer_decides(market: Marketplace, request_: str, field: str) -> None:
    value, decider = {field: GIVEN[request_][field]}, DECISIONS[request_][field][0]
    if request_ == "SalesContext":
        views = [attrs.evolve(VIEW, context=attrs.evolve(VIEW.context, **value))]
        # A visitor is nobody's word, whoever asks for it.
        views += [ViewRequest("acme", SalesContext(groups=("vip",)))] if field == "groups" else []
    else:
        views = [attrs.evolve(VIEW, **value)]
    for view in views:
        for ask in (
            lambda scope, view=view: market.storefront.page_of_seller(view, scope=scope),
            lambda scope, view=view: market.storefront.view_of_seller("pen", view, scope=scope),
        ):
            if field in {"owner", "operators"}:
                continue
            assert is_refused(ask, market.as_buyer("ann"), field) is (decider is Decider.OPERATOR)
            assert not is_refused(ask, market.as_operator(), field)
