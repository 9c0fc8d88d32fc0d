"""What is given back of a commission: cumulative, exact in every order of refunds."""

from itertools import permutations

import attrs
import pytest

from mktcore.commissions import Commission, CommissionReversal, Reversal, reverse_commission
from mktcore.errors import InvalidValue
from mktcore.money import CurrencyMismatch, Money


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


ENTRY = Commission(
    "1", "r", group="sale", base=eur("73.21"), amount=eur("13.94"), reason="16 %", tax=eur("2.65"), lines=("1",)
)
WHOLE = eur("87.12")


def refund(entry: Commission, *parts: str) -> list[CommissionReversal]:
    steps: list[CommissionReversal] = []
    done = eur("0")
    for part in parts:
        done = done + eur(part)
        steps.append(reverse_commission(entry, refunded=done, of=WHOLE, before=steps))
    return steps


@pytest.mark.parametrize(
    ("parts", "amounts", "taxes"),
    [
        (("29.04", "29.04", "29.04"), ["4.65", "4.64", "4.65"], ["0.88", "0.89", "0.88"]),
        (("10.00", "33.33", "43.79"), ["1.60", "5.33", "7.01"], ["0.30", "1.02", "1.33"]),
        (("43.79", "10.00", "33.33"), ["7.01", "1.60", "5.33"], ["1.33", "0.31", "1.01"]),
    ],
)
def test_three_refunds_give_back_the_whole_to_the_cent(
    parts: tuple[str, ...], amounts: list[str], taxes: list[str]
) -> None:
    steps = refund(ENTRY, *parts)
    assert [str(step.amount.amount) for step in steps] == amounts
    assert [str(step.tax.amount) for step in steps] == taxes


@pytest.mark.parametrize("parts", [*permutations(("10.00", "33.33", "43.79"))])
def test_every_order_of_refunds_ends_at_the_same(parts: tuple[str, ...]) -> None:
    steps = refund(ENTRY, *parts)
    assert Money.sum([step.amount for step in steps]) == ENTRY.amount
    assert Money.sum([step.tax for step in steps]) == ENTRY.tax


def test_what_the_rule_keeps_is_not_given_back() -> None:
    kept = attrs.evolve(ENTRY, reversal=Reversal.KEEP)
    (step,) = refund(kept, "87.12")
    assert step.is_empty()
    assert step.explain().to_text() == "reversal of item:1:sale:r: 0.00 EUR - kept"


def test_pieces_measure_as_well_and_going_back_gives_nothing() -> None:
    by_pieces = reverse_commission(ENTRY, refunded=1, of=3)
    assert (str(by_pieces.amount), str(by_pieces.tax)) == ("4.65 EUR", "0.88 EUR")
    later = reverse_commission(ENTRY, refunded=eur("29.00"), of=WHOLE, before=[by_pieces])
    assert later.is_empty()


def test_steps_of_other_entries_are_left_aside() -> None:
    other = attrs.evolve(reverse_commission(ENTRY, refunded=3, of=3), commission="another")
    assert reverse_commission(ENTRY, refunded=3, of=3, before=[other]).amount == ENTRY.amount


def test_what_cost_nothing_is_given_back_at_once() -> None:
    assert reverse_commission(ENTRY, refunded=eur("0"), of=eur("0")).amount == ENTRY.amount


def test_a_refund_beyond_the_whole_is_refused() -> None:
    for refunded, of in ((eur("87.13"), WHOLE), (eur("-0.01"), WHOLE), (eur("1"), 3)):
        with pytest.raises(InvalidValue, match="in the same measure"):
            reverse_commission(ENTRY, refunded=refunded, of=of)
    with pytest.raises(CurrencyMismatch):
        reverse_commission(ENTRY, refunded=Money.of("1", "USD"), of=WHOLE)
