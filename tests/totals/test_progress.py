"""Parts over time, by hand; the laws are under properties."""

from fractions import Fraction
from typing import Any

import pytest

from mktcore.money import InvalidNumber, Rounding
from mktcore.totals import apportion_progress
from mktcore.totals.errors import InvalidProgress
from mktcore.totals.parts_over_time import apportion_amount


def test_the_increment_is_spread_never_the_running_total_anew() -> None:
    parts = (6, 6, 2)
    ten = apportion_progress(parts, (0, 0, 0), Fraction(10, 14), mode=Rounding.HALF_UP)
    assert ten == (4, 4, 2)
    eleventh = apportion_progress(parts, ten, Fraction(11, 14), mode=Rounding.HALF_UP)
    assert eleventh == (1, 0, 0)


def test_credits_progress_beside_debits() -> None:
    first = apportion_progress((1000, -3), (0, 0), Fraction(1, 2), mode=Rounding.HALF_UP)
    assert first == (500, -2)
    assert apportion_progress((1000, -3), first, 1, mode=Rounding.HALF_UP) == (500, -1)


def test_the_smallest_parts_are_done_too() -> None:
    assert apportion_progress((1, 0, -1), (0, 0, 0), 1, mode=Rounding.HALF_UP) == (1, 0, -1)
    assert apportion_progress((1, 2, -1), (0, 2, 0), 1, mode=Rounding.HALF_UP) == (1, 0, -1)


@pytest.mark.parametrize(
    ("parts", "done", "progress", "reason"),
    [
        ((10,), (5,), Fraction(1, 4), "5 of 10 is done already, more than a progress of 1/4 makes"),
        ((10,), (0,), 2, "2 is not between 0 and 1"),
        ((10,), (0,), -1, "-1 is not between 0 and 1"),
        ((10,), (11,), 1, "11 of part 0 is done, which is outside 0 to 10"),
        ((-10,), (1,), 1, "1 of part 0 is done, which is outside 0 to -10"),
        ((10, 1), (0,), 1, "2 parts, but 1 of them done"),
        ((1.5,), (0,), 1, "part 0 is not counted in ints"),
    ],
)
def test_steps_that_cannot_be(parts: Any, done: Any, progress: Any, reason: str) -> None:
    with pytest.raises(InvalidProgress) as caught:
        apportion_progress(parts, done, progress, mode=Rounding.HALF_UP)
    assert caught.value.reason == reason
    assert reason in str(caught.value)


def test_amounts_that_cannot_be() -> None:
    amount: Any
    for amount in (-1, 11, 1.0):
        with pytest.raises(InvalidProgress, match="10 that remain"):
            apportion_amount((10, 5), (5, 0), amount)
    with pytest.raises(InvalidProgress, match="zero or more"):
        apportion_amount((-1,), (0,), 0)
    number: Any = 0.5
    with pytest.raises(InvalidNumber):
        apportion_progress((1,), (0,), number, mode=Rounding.HALF_UP)
