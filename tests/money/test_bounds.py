"""What holds just within a bound, and what just beyond it."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from mktcore.money import (
    Currency,
    ExactMoney,
    InvalidAmount,
    InvalidNumber,
    InvalidWeights,
    Money,
    MoneyError,
    Rounding,
    allocate,
)
from mktcore.money.errors import shorten
from mktcore.money.notation import parse_fraction
from mktcore.money.rounding import Number, round_ratio, to_ratio

MOST = 10**36 - 1


def cents(minor: int) -> Money:
    return Money.from_minor(minor, "EUR")


def test_the_greatest_and_the_least_amount() -> None:
    assert (cents(MOST - 1) + cents(1)).minor == MOST
    assert (cents(1 - MOST) - cents(1)).minor == -MOST
    with pytest.raises(InvalidAmount, match="more than 36 digits"):
        cents(MOST) + cents(1)
    with pytest.raises(InvalidAmount, match="more than 36 digits"):
        cents(-MOST) - cents(1)
    with pytest.raises(InvalidAmount, match="more than 36 digits"):
        cents(-MOST) + cents(-1)
    with pytest.raises(InvalidAmount, match="more than 36 digits"):
        cents(MOST) - cents(-1)


def test_the_longest_decimal_that_is_an_amount() -> None:
    assert Money.of(Decimal(f"{'9' * 34}.99"), "EUR") == cents(MOST)
    assert Money.of(Decimal(f"-{'9' * 34}.99"), "EUR") == cents(-MOST)
    with pytest.raises(InvalidAmount, match="more than 36 digits"):
        Money.of(Decimal(f"1{'0' * 34}.00"), "EUR")


def test_one_amount_is_its_own_sum() -> None:
    assert Money.sum([cents(5)]) == cents(5)


def test_a_whole_amount_is_of_major_units() -> None:
    assert Money.of(5, "EUR") == cents(500)
    assert Money.of(-5, "KWD").minor == -5000


def test_an_amount_is_shown_as_it_is_written() -> None:
    assert repr(Money.of("19.90", "EUR")) == "Money.of('19.90', 'EUR')"
    assert repr(Money.of(-5, "JPY")) == "Money.of('-5', 'JPY')"


def test_an_exact_amount_is_a_fraction_of_minor_units() -> None:
    euro = Currency.of("EUR")
    whole: Any = 2
    assert type(ExactMoney(whole, euro).minor) is Fraction
    inexact: Any = 0.5
    with pytest.raises(InvalidNumber, match="a float is not an exact number"):
        ExactMoney(inexact, euro)


def test_an_amount_is_neither_below_nor_above_its_equal() -> None:
    assert cents(5) <= cents(5)
    assert cents(5) >= cents(5)
    assert not cents(5) < cents(5)
    assert not cents(5) > cents(5)
    assert cents(5).exact <= cents(5)
    assert cents(5) >= cents(5).exact


def test_the_longest_number_that_is_read() -> None:
    digits = "9" * 36
    assert parse_fraction(f"-{digits}.{digits}") == -Fraction(int(digits * 2), 10**36)
    with pytest.raises(InvalidAmount, match="more than 36 digits"):
        parse_fraction(f"-{digits}.{digits}9")
    assert cents(0) + Money.of(f"-{digits[2:]}.99", "EUR") == cents(-MOST)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("9" * 40, repr("9" * 40)),
        ("9" * 41, f"{'9' * 40!r}… (41 characters)"),
        ("9" * 1000, f"{'9' * 40!r}… (1000 characters)"),
        (2**256 - 1, str(2**256 - 1)),
        (2**256, "an int of 257 bits"),
        (b"9" * 77, f"b'{'9' * 77}'"),
        (b"9" * 78, f"b'{'9' * 78}…"),
        ([0] * 26, repr([0] * 26)),
        ([0] * 27, f"{repr([0] * 27)[:80]}…"),
        ([0] * 40, f"{repr([0] * 40)[:80]}…"),
    ],
    ids=str,
)
def test_what_is_shown_of_a_value(value: object, shown: str) -> None:
    assert shorten(value) == shown


def test_errors_are_told_apart_and_can_be_keys() -> None:
    one, other = InvalidAmount("x", "odd"), InvalidAmount("x", "odd")
    assert one != other
    assert len({one, other, MoneyError()}) == 3


def test_a_tie_of_large_numbers_is_a_tie() -> None:
    large = 10**30
    assert [round_ratio(n * large, 2 * large, mode=Rounding.HALF_EVEN) for n in (1, 3, 5, -1, -3)] == [0, 2, 2, 0, -2]
    assert [round_ratio(n * large, 2 * large, mode=Rounding.HALF_DOWN) for n in (1, 3, -1, -3)] == [0, 1, 0, -1]
    assert [round_ratio(n * large, 2 * large, mode=Rounding.HALF_UP) for n in (1, 3, -1, -3)] == [1, 2, -1, -2]


def test_the_smallest_tie_goes_where_its_mode_says() -> None:
    half, owed = cents(1) / 2, cents(-1) / 2
    assert [half.round(mode).minor for mode in (Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.HALF_DOWN)] == [1, 0, 0]
    assert [owed.round(mode).minor for mode in (Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.HALF_DOWN)] == [-1, 0, 0]
    assert [half.round(mode).minor for mode in (Rounding.UP, Rounding.CEILING)] == [1, 1]
    assert [owed.round(mode).minor for mode in (Rounding.UP, Rounding.CEILING)] == [-1, 0]


def test_the_largest_numbers_that_are_computed_with() -> None:
    most = 2**4096 - 1
    longest = Decimal("1" * 64)
    within: list[Number] = [
        most,
        -most,
        Fraction(most),
        Fraction(1, most),
        longest,
        -longest,
        Decimal("1E+64"),
        Decimal("1E-64"),
    ]
    for number in within:
        assert Fraction(*to_ratio(number)) == number
    beyond: list[Number] = [most + 1, -most - 1, Fraction(most + 1), Fraction(1, most + 1)]
    beyond += [Decimal("1" * 65), Decimal("1E+65"), Decimal("1E-65")]
    for number in beyond:
        with pytest.raises(InvalidNumber, match="more than"):
            to_ratio(number)


def test_the_largest_numbers_that_are_apportioned() -> None:
    most = 2**65_536 - 1
    assert allocate(most, [1]) == (most,)
    assert allocate(-most, [1]) == (-most,)
    assert allocate(3, [2**65_535, 2**65_535 - 1]) == (2, 1)
    for total, weights in ((most + 1, [1]), (-most - 1, [1]), (3, [2**65_535, 2**65_535])):
        with pytest.raises(InvalidWeights, match="impractical size"):
            allocate(total, weights)


@pytest.mark.parametrize("factor", [10**100_000, -(10**100_000)], ids=["above", "below"])
def test_a_factor_beyond_every_practical_size_is_refused(factor: int) -> None:
    with pytest.raises(InvalidNumber, match="bits"):
        to_ratio(factor)
    assert to_ratio(10**20) == (10**20, 1)
