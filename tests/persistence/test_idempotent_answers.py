"""The canonical form of requests: equal exactly when the requests are."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.money import Money, Rounding
from mktcore.persistence.answer_once import to_canonical
from mktcore.totals import Expense, Reduction


def test_every_part_of_a_request_has_a_canonical_form() -> None:
    lines = (CartLine("l1", "camera", 2, offer="acme-camera"),)
    expenses = (Expense("fee", None, Money.of("1.00", "EUR")),)
    cart = Cart.of(
        "c1",
        buyer="b1",
        lines=lines,
        shipping=(),
        expenses=expenses,
        reductions=(Reduction("R", percent=Decimal("0.10")),),
    )
    found = to_canonical(
        {"cart": cart, "at": datetime(2026, 1, 1, tzinfo=UTC), "mode": Rounding.UP, "x": Fraction(1, 3)}
    )
    assert json.loads(json.dumps(found)) == found
    assert isinstance(found, dict)
    [line] = found["cart"]["lines"]
    assert line.items() >= {"key": "l1", "sku": "camera", "quantity": 2, "offer": "acme-camera"}.items()
    assert found["cart"]["reductions"][0]["percent"] == "1E-1"
    assert (found["at"], found["mode"], found["x"]) == ("2026-01-01T00:00:00+00:00", "ROUND_UP", "1/3")


QUANTITIES = st.lists(st.integers(1, 3), min_size=1, max_size=3)


@given(one=QUANTITIES, other=QUANTITIES)
def test_two_carts_have_one_form_exactly_when_they_are_equal(one: list[int], other: list[int]) -> None:
    carts = [
        Cart.of("c", buyer="b", lines=tuple(CartLine(f"l{n}", "s", q) for n, q in enumerate(qs))) for qs in (one, other)
    ]
    assert (to_canonical(carts[0]) == to_canonical(carts[1])) == (carts[0] == carts[1])


def test_what_is_no_part_of_a_request_is_refused() -> None:
    for value in ({"rate": 0.1}, {1: "a"}, Decimal("NaN"), {"a", "b"}):
        with pytest.raises(InvalidValue):
            to_canonical(value)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0.190", "0.19", True),
        ("0", "-0.00", True),
        ("100", "1E+2", True),
        ("-1.5", "1.5", False),
        ("1." + "0" * 30 + "1", "1." + "0" * 30 + "2", False),
        ("1E+200000000", "1E+200000001", False),
    ],
)
def test_decimals_have_one_form_exactly_when_they_are_equal(one: str, other: str, same: object) -> None:
    assert (to_canonical(Decimal(one)) == to_canonical(Decimal(other))) is same
