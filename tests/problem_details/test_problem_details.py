"""Refusals as problem details: what a caller is told, and what is kept inside."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum

import jsonschema
import pytest

from mktcore.carts import Cart, CartLine
from mktcore.checkout import PlacementRefused
from mktcore.errors import ErrorCategory, MktcoreError, Refused
from mktcore.ids import InvalidId
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.persistence import NotFound
from mktcore.persistence.errors import Busy, Holder
from mktcore.problem_details import PROBLEM_SCHEMA, ProblemDetails, describe_problem


class Colour(Enum):
    RED = "red"


def check(found: ProblemDetails) -> dict[str, object]:
    """Return the document as a reader has it, once the schema has passed it."""
    document: dict[str, object] = json.loads(json.dumps(found.to_document()))
    jsonschema.validate(document, PROBLEM_SCHEMA)
    return document


@pytest.mark.slow(counted=True)
def test_a_refused_cart_tells_every_issue(market: Marketplace) -> None:
    cart = Cart.of("c1", buyer="b1", lines=[CartLine("l1", sku="camera", quantity=10_000), CartLine("l2", sku="none")])
    with pytest.raises(PlacementRefused) as caught:
        market.place(cart, key="k1", scope=market.as_operator())
    document = check(describe_problem(caught.value, base="https://shop.example/problems/"))
    assert document["status"] == 409
    assert document["type"] == "https://shop.example/problems/checkout.refused"
    problems = document["problems"]
    assert isinstance(problems, list)
    assert [(one["code"], one["operands"]["line"]) for one in problems] == [
        ("out-of-stock", "l1"),
        ("unknown-sku", "l2"),
    ]


def test_operands_are_plain() -> None:
    operands = {
        "price": Money.of("1.50", "EUR"), "at": datetime(2026, 1, 2, tzinfo=UTC), "share": Decimal("0.5"), "left": 3,
        "colour": Colour.RED, "names": ("a", "b"), "among": {"y", "x"}, "none": None, "rest": {1: Colour.RED},
    }  # fmt: skip
    document = check(describe_problem(Refused((Notice("odd", "a.b", "it is odd", operands=operands),))))
    assert document["problems"] == [
        {
            "code": "odd", "where": "a.b", "detail": "it is odd", "severity": "error",
            "operands": {
                "price": "1.50 EUR", "at": "2026-01-02T00:00:00+00:00", "share": "0.5", "left": 3, "colour": "red",
                "names": ["a", "b"], "among": ["x", "y"], "none": None, "rest": {"1": "red"},
            },
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "status", "category"),
    [
        (InvalidId("cart", "a b"), 422, "invalid"),
        (NotFound("offer", "o1"), 404, "not-found"),
        (MktcoreError(), 422, "invalid"),
    ],
)
def test_a_caller_is_told_what_it_asked_for(error: MktcoreError, status: int, category: str) -> None:
    document = check(describe_problem(error))
    assert (document["status"], document["category"]) == (status, category)
    assert document["detail"] == error.describe()
    assert "problems" not in document


def test_what_a_store_says_of_itself_stays_inside() -> None:
    busy = Busy("no lock within 10 s", waited=10.0, holders=(Holder("worker-3 of acme", "stock", 9.0),))
    found = describe_problem(busy)
    assert (found.status, found.headers) == (503, {"Retry-After": "1"})
    assert "worker" not in json.dumps(check(found))
    assert describe_problem(NotFound("offer", "o1")).headers == {}


def test_every_category_is_a_status_of_refusals() -> None:
    assert {one.value: one.status for one in ErrorCategory} == {
        "invalid": 422, "forbidden": 403, "not-found": 404, "conflict": 409, "refused": 409, "retry": 503, "fault": 500,
    }  # fmt: skip
