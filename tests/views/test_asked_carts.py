"""Carts that browsers send: read strictly, by a schema that says the same, and never for somebody else."""

from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mktcore.carts import Cart, CartLine
from mktcore.money import Money
from mktcore.persistence import Scope
from mktcore.views import CART_SCHEMA, read_cart
from mktcore.views.asked_cart import CartDocumentRefused

ANN = Scope.buyer("ann")
LINE = {"key": "l1", "sku": "camera"}
CHECK: Any = jsonschema.Draft202012Validator(dict(CART_SCHEMA))


def test_a_cart_is_the_callers_with_all_that_was_sent() -> None:
    sent = {
        "id": "cart-1",
        "lines": [LINE, {"key": "l2", "sku": "lens", "quantity": 3, "offer": "acme-lens", "options": ["black"]}],
        "codes": ["SUMMER"],
        "channel": "app",
        "agreed_total": {"amount": "12.30", "currency": "EUR"},
    }
    expected = Cart.of(
        "cart-1",
        buyer="ann",
        user="ann-1",
        lines=[CartLine("l1", "camera"), CartLine("l2", "lens", 3, offer="acme-lens", options=("black",))],
        codes=["SUMMER"],
        channel="app",
        agreed_total=Money.of("12.30", "EUR"),
    )
    assert read_cart(sent, scope=Scope.buyer("ann", user="ann-1")) == expected


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (None, [""]),
        ([], [""]),
        ({}, ["id", "lines"]),
        ({"id": "c1", "lines": [], "buyer": "bob"}, ["buyer"]),
        ({"id": "c1", "lines": [{**LINE, "price": "0.01"}]}, ["lines[0].price"]),
        ({"id": "", "lines": [{**LINE, "quantity": True}, 3]}, ["id", "lines[0].quantity", "lines[1]"]),
        ({"id": "c1", "lines": [{**LINE, "quantity": 10**9 + 1}]}, ["lines[0].quantity"]),
        ({"id": "c1", "lines": LINE}, ["lines"]),
        ({"id": "c1", "lines": [], "codes": ["x"] * 101}, ["codes"]),
        ({"id": "c1", "lines": [], "agreed_total": {"amount": 3, "currency": "EUR"}}, ["agreed_total.amount"]),
    ],
)
def test_what_is_wrong_is_told_at_once_and_by_its_place(sent: Any, told: list[str]) -> None:
    with pytest.raises(CartDocumentRefused) as caught:
        read_cart(sent, scope=ANN)
    assert [problem.where for problem in caught.value.problems] == told
    assert all(problem.remedy for problem in caught.value.problems)
    assert not CHECK.is_valid(sent)


def test_of_a_million_problems_a_hundred_are_told() -> None:
    with pytest.raises(CartDocumentRefused) as caught:
        read_cart({"id": "c1", "lines": ["x" * 1_000] * 10_000}, scope=ANN)
    assert len(caught.value.problems) == 100
    assert max(len(problem.message) for problem in caught.value.problems) < 100


@pytest.mark.parametrize(
    "sent",
    [
        {"id": "c 1", "lines": []},
        {"id": "c1", "lines": [LINE, LINE]},
        {"id": "c1", "lines": [], "agreed_total": {"amount": "x", "currency": "EUR"}},
        {"id": "c1", "lines": [], "agreed_total": {"amount": "1.00", "currency": "XXXX"}},
        {"id": "\ud800", "lines": []},
    ],
)
def test_what_no_schema_says_is_refused_the_same_way(sent: Any) -> None:
    with pytest.raises(CartDocumentRefused):
        read_cart(sent, scope=ANN)


@pytest.mark.parametrize("scope", [Scope.operator(), Scope.merchant("acme"), Scope.visitor()], ids=str)
def test_a_cart_is_a_buyers(scope: Scope) -> None:
    with pytest.raises(CartDocumentRefused, match="a cart is a buyer's"):
        read_cart({"id": "c1", "lines": []}, scope=scope)


NAMES = st.sampled_from([*CART_SCHEMA["properties"], "x"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner),
    max_leaves=10,
)
LINES = st.lists(
    st.fixed_dictionaries(
        {"key": JSON | st.just("l1"), "sku": JSON | st.just("camera")}, optional={"quantity": st.integers(-1, 3) | JSON}
    )
)


@settings(max_examples=60, deadline=None)
@given(JSON | st.fixed_dictionaries({"id": st.just("c1") | JSON, "lines": LINES | JSON}, optional={"codes": JSON}))
def test_what_the_schema_refuses_is_refused_and_nothing_fails_otherwise(sent: Any) -> None:
    try:
        read_cart(sent, scope=ANN)
    except CartDocumentRefused:
        return
    CHECK.validate(sent)
