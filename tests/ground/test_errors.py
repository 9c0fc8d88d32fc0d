"""What a refusal is made of."""

import pickle

import pytest

from mktcore.errors import InvalidValue, MktcoreError, Refused
from mktcore.ids import InvalidId, check_id
from mktcore.money import CurrencyMismatch
from mktcore.notice import Notice


def test_an_error_carries_its_operands_and_the_remedy() -> None:
    error = CurrencyMismatch("BRL", "USD")
    assert (error.expected, error.actual, error.code) == ("BRL", "USD", "money.currency-mismatch")
    assert str(error) == "expected BRL, not USD (convert first)"
    assert error.operands() == {"expected": "BRL", "actual": "USD"}
    problem = error.to_notice("lines[2].unit_price")
    assert str(problem) == "lines[2].unit_price: expected BRL, not USD (convert first)"


def test_an_error_survives_a_process_pool() -> None:
    again = pickle.loads(pickle.dumps(InvalidValue("Cart", "lines", 3, "fewer")))  # noqa: S301 - our own
    assert str(again) == str(InvalidValue("Cart", "lines", 3, "fewer"))


def test_several_problems_come_together() -> None:
    problems = [Notice("a", "x", "one"), Notice("b", "", "two", remedy="mend it")]
    with pytest.raises(Refused) as refusal:
        Refused.raise_if(problems)
    assert str(refusal.value) == "2 problems\n  - x: one\n  - two (mend it)"
    assert str(Refused.of(problems[:1])) == "1 problem\n  - x: one"
    Refused.raise_if([])


def test_an_error_of_no_words_says_its_name() -> None:
    assert str(MktcoreError()) == "MktcoreError"


@pytest.mark.parametrize("text", ["a", "acme", "order-1--acme", "A.b_c:d/e@f+g-h", "9", "x" * 120])
def test_ids_are_letters_digits_and_a_few_signs(text: str) -> None:
    assert check_id("thing", text) == text


@pytest.mark.parametrize("text", ["", "-a", "a b", "a\n", "é", "x" * 121, "a\x00"])
def test_other_texts_are_no_ids(text: str) -> None:
    with pytest.raises(InvalidId, match="cannot be the id of a thing"):
        check_id("thing", text)


def test_a_hostile_id_is_shown_cut() -> None:
    with pytest.raises(InvalidId, match=r"\(1000000 characters\)"):
        check_id("thing", "x" * 1_000_000)
