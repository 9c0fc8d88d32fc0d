"""Money, by worked examples and by everything that it refuses."""

import sys
from collections.abc import Callable
from decimal import Decimal
from enum import IntEnum, StrEnum
from fractions import Fraction
from typing import Any

import pytest

from mktcore.money import (
    Allocation,
    CapsTooSmall,
    Currency,
    CurrencyConflict,
    CurrencyMismatch,
    ExactMoney,
    InvalidAmount,
    InvalidNumber,
    InvalidWeights,
    Money,
    MoneyError,
    NothingToSum,
    Rounding,
    UnknownCurrency,
    allocate,
    register_currency,
)
from yardstick import check_cost

HUGE = 10**100_000
MANY_PRIMES = [Fraction(1, 10**600 + n) for n in range(1000)]


class Code(StrEnum):
    EUR = "EUR"


class Count(IntEnum):
    TWO = 2


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.mark.parametrize(
    ("amount", "currency", "minor", "text"),
    [
        ("19.99", "EUR", 1999, "19.99 EUR"),
        ("19.9", "EUR", 1990, "19.90 EUR"),
        ("-0.05", "EUR", -5, "-0.05 EUR"),
        (5, "JPY", 5, "5 JPY"),
        ("0.001", "KWD", 1, "0.001 KWD"),
        (Decimal("1.0001"), "CLF", 10001, "1.0001 CLF"),
        (Decimal("-0.5"), "EUR", -50, "-0.50 EUR"),
        ("9" * 34 + ".99", "EUR", 10**36 - 1, "9" * 34 + ".99 EUR"),
    ],
)
def test_amounts(amount: str | int | Decimal, currency: str, minor: int, text: str) -> None:
    money = Money.of(amount, currency)
    assert (money.minor, str(money)) == (minor, text)
    assert Money(minor, Currency.of(currency)) == money


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        (19.99, "a float is not exact"),
        (True, "a bool is not exact"),
        (None, "a NoneType is not exact"),
        (Fraction(1, 2), "a Fraction is not exact"),
        (Decimal("NaN"), "it is not finite"),
        (Decimal("sNaN"), "it is not finite"),
        (Decimal("Infinity"), "it is not finite"),
        (Decimal("1E+3"), "it has an exponent"),
        (Decimal("1E+3000000"), "it has an exponent"),
        (Decimal("0.001"), "more than 2 decimal digits"),
        (Decimal("1E-3000000"), "more than 2 decimal digits"),
        ("19.999", "more than 2 decimal digits"),
        ("12,50", "the decimal mark is a point, not a comma"),
        ("1.000,50", "the decimal mark is a point, not a comma"),
        ("1e3", "it is not a plain decimal number"),
        ("NaN", "it is not a plain decimal number"),
        ("", "it is not a plain decimal number"),
        (" 1", "it is not a plain decimal number"),
        ("1\n", "it is not a plain decimal number"),
        ("+1", "it is not a plain decimal number"),
        ("1.", "it is not a plain decimal number"),
        (".5", "it is not a plain decimal number"),
        ("1_000", "it is not a plain decimal number"),
        ("\N{FULLWIDTH DIGIT ONE}", "it is not a plain decimal number"),
        ("9" * 37, "it is not a plain decimal number"),
        ("9" * 35, "more than 36 digits"),
        pytest.param("9" * 1_000_000, "more than 36 digits", id="huge text"),
        (10**36, "more than 36 digits"),
        pytest.param(HUGE, "more than 36 digits", id="huge int"),
        (Decimal("9" * 37), "more than 36 digits"),
    ],
)
def test_what_is_no_amount(amount: Any, reason: str) -> None:
    with pytest.raises(InvalidAmount) as caught:
        Money.of(amount, "EUR")
    assert caught.value.reason == reason
    assert caught.value.code == "money.invalid-amount"
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("minor", [1.0, True, "1", None, Decimal(1), 10**36, -(10**36), pytest.param(HUGE, id="huge")])
def test_what_is_no_count_of_minor_units(minor: Any) -> None:
    with pytest.raises(InvalidAmount):
        Money.from_minor(minor, "EUR")
    with pytest.raises(InvalidAmount):
        Money(minor, Currency.of("EUR"))


@pytest.mark.parametrize(
    "code", ["XXX", "XAU", "eur", "", "E", "EURO!", 978, None, pytest.param("9" * 1_000_000, id="long")]
)
def test_unknown_currencies(code: Any) -> None:
    with pytest.raises(UnknownCurrency) as caught:
        Money.of("1", code)
    assert len(str(caught.value)) < 300


def test_the_constructor_takes_a_currency_not_a_code() -> None:
    code: Any = "EUR"
    with pytest.raises(InvalidAmount, match=r"Money\.of"):
        Money(1, code)
    with pytest.raises(InvalidAmount, match=r"ExactMoney\.of"):
        ExactMoney(Fraction(1), code)
    assert Money.of("1", Code.EUR) == eur("1")


@pytest.mark.parametrize(
    "combine",
    [
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a < b,
        lambda a, b: a <= b,
        lambda a, b: a > b,
        lambda a, b: a >= b,
        lambda a, b: a.exact + b,
        lambda a, b: a + b.exact,
        lambda a, b: a - b.exact,
        lambda a, b: a.exact - b.exact,
        lambda a, b: a.exact < b,
        lambda a, b: Money.sum([a, b]),
        lambda a, b: a.allocate([1, 1], caps=[b, None]),
    ],
)
def test_currencies_do_not_mix(combine: Callable[[Money, Money], object]) -> None:
    with pytest.raises(CurrencyMismatch, match="convert first") as caught:
        combine(eur("1"), Money.of("1", "USD"))
    assert {caught.value.expected, caught.value.actual} == {"EUR", "USD"}
    assert eur("1") != Money.of("1", "USD")


@pytest.mark.parametrize(
    "combine",
    [
        lambda a: a * 0.19,
        lambda a: 0.19 * a,
        lambda a: a / 3.0,
        lambda a: a * True,
        lambda a: a.exact * 0.5,
        lambda a: a.exact / 0.5,
        lambda a: a / 0,
        lambda a: a * Decimal("NaN"),
        lambda a: a * Decimal("1E+100"),
        lambda a: a * Decimal("0." + "1" * 100),
        lambda a: a * Fraction(1, HUGE),
        lambda a: a / HUGE,
    ],
)
def test_numbers_that_are_not_exact_or_not_practical(combine: Callable[[Money], object]) -> None:
    with pytest.raises(InvalidNumber):
        combine(eur("1"))


@pytest.mark.parametrize(
    "combine",
    [
        lambda a: a + a,
        lambda a: a * 10,
        lambda a: a * HUGE,
        lambda a: -a - a,
        lambda a: Money.sum([a] * 10),
        lambda a: (a * Fraction(10)).round(Rounding.HALF_UP),
    ],
)
def test_results_stay_within_36_digits(combine: Callable[[Money], object]) -> None:
    with pytest.raises(InvalidAmount, match="more than 36 digits"):
        combine(Money.from_minor(10**36 - 1, "EUR"))


@pytest.mark.parametrize(
    "combine",
    [
        lambda a: a + 1,
        lambda a: 1 + a,
        lambda a: a - "1",
        lambda a: a * a,
        lambda a: a / a,
        lambda a: a < 1,
        lambda a: a <= 1,
        lambda a: a > 1,
        lambda a: a >= 1,
        lambda a: a.exact < 1,
        lambda a: a.exact <= 1,
        lambda a: a.exact > 1,
        lambda a: a.exact >= 1,
        sum,
        bool,
        lambda a: a.exact + 1,
        lambda a: a.exact * a,
        lambda a: a.exact / a,
        lambda a: bool(a.exact),
    ],
)
def test_what_makes_no_sense(combine: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError):
        combine(eur("1"))


def test_sums_of_nothing_have_no_currency() -> None:
    with pytest.raises(NothingToSum, match=r"Money\.zero"):
        Money.sum([])


def test_questions_and_formats() -> None:
    assert [eur(text).is_positive() for text in ("0.01", "0", "-0.01")] == [True, False, False]
    assert [eur(text).is_negative() for text in ("0.01", "0", "-0.01")] == [False, False, True]
    assert [eur(text).is_zero() for text in ("0.01", "0", "-0.01")] == [False, True, False]
    exact = eur("-1") / 3
    assert (exact.is_zero(), exact.is_positive(), exact.is_negative()) == (False, False, True)
    assert (+exact, abs(exact), -exact) == (exact, eur("1") / 3, eur("1") / 3)
    assert f"{eur('1'):>10}|{+eur('1')}|{exact:<5}" == "  1.00 EUR|1.00 EUR|-1/3 EUR (exact)"
    assert repr(exact) == "ExactMoney(Fraction(-100, 3), Currency(code='EUR', digits=2, name='Euro'))"
    assert eur("1") * Count.TWO == eur("2")
    assert type(eur("1") * Count.TWO) is Money
    assert eur("1").__eq__(1) is NotImplemented


def test_exact_money_from_outside() -> None:
    assert ExactMoney.of("0.12345", "EUR").minor == Fraction(2469, 200)
    assert ExactMoney.of(Fraction(1, 3), "JPY").minor == Fraction(1, 3)
    assert ExactMoney(2, Currency.of("EUR")) == eur("0.02").exact  # type: ignore[arg-type]  # an int is converted
    for bad in ("1e3", "9" * 100, ""):
        with pytest.raises(InvalidAmount):
            ExactMoney.of(bad, "EUR")
    with pytest.raises(InvalidNumber):
        ExactMoney.of(float("nan"), "EUR")  # type: ignore[arg-type]  # the point


def test_cash() -> None:
    assert str(Money.of("19.97", "CHF").round_to("0.05", Rounding.HALF_UP)) == "19.95 CHF"
    assert str(Money.of("19.975", "KWD").round_to("0.05", Rounding.HALF_EVEN)) == "20.000 KWD"
    for increment in ("0", "-0.05", "0.001"):
        with pytest.raises(InvalidAmount):
            eur("1").round_to(increment, Rounding.UP)


def test_currencies() -> None:
    assert [Currency.of(code).digits for code in ("JPY", "EUR", "KWD", "CLF")] == [0, 2, 3, 4]
    assert Currency.of("EUR") is Currency.of(Currency.of("EUR"))
    assert str(Currency.of("EUR")) == "EUR"
    points = register_currency(Currency("BONUS", 0, "Bonus points"))
    assert register_currency(Currency("BONUS", 0)) is points
    assert str(Money.of(7, "BONUS")) == "7 BONUS"
    with pytest.raises(CurrencyConflict, match="0 digits"):
        register_currency(Currency("BONUS", 2))
    with pytest.raises(CurrencyConflict, match="EUR is known with 2 digits and cannot become one with 3"):
        Currency("EUR", 3)
    assert register_currency(Currency("EUR", 2)) is Currency.of("EUR")
    digits: Any
    for digits in (-1, 13, 2.0, True):
        with pytest.raises(InvalidAmount):
            Currency("ABC", digits)
    with pytest.raises(UnknownCurrency):
        Currency("abc", 2)


@pytest.mark.parametrize(
    ("mode", "parts"),
    [
        (Allocation.LARGEST_REMAINDER, (33, 50, 17)),
        (Allocation.FIRST_COME, (34, 50, 16)),
        (Allocation.CUMULATIVE, (33, 50, 17)),
    ],
)
def test_one_dollar_by_2_3_1(mode: Allocation, parts: tuple[int, ...]) -> None:
    assert allocate(100, [2, 3, 1], mode=mode) == parts
    assert [part.minor for part in Money.of("1.00", "USD").allocate([2, 3, 1], mode=mode)] == list(parts)
    assert allocate(-100, [2, 3, 1], mode=mode) == tuple([-part for part in parts])


def test_apportioning_by_hand() -> None:
    assert allocate(1, [1, 1, 1]) == (1, 0, 0)
    assert allocate(2, [0, 1, 0, 1, 1]) == (0, 1, 0, 1, 0)
    assert allocate(0, [0, 0]) == (0, 0)
    assert allocate(0, []) == ()
    assert allocate(10, [Decimal("0.5"), Fraction(1, 3), 1]) == (3, 2, 5)
    assert allocate(100, [2, 3, 1], caps=[None, 10, None]) == (60, 10, 30)
    assert allocate(100, [1, 1, 1], caps=[10, 20, None]) == (10, 20, 70)
    assert allocate(5, [1, 1, 1], mode=Allocation.FIRST_COME, caps=[1, None, None]) == (1, 2, 2)
    capped = eur("1.00").allocate([1, 1], caps=[eur("0.10"), None])
    assert [str(part) for part in capped] == ["0.10 EUR", "0.90 EUR"]


@pytest.mark.parametrize(
    ("total", "weights", "caps", "reason"),
    [
        (1, [0, 0], None, "every weight is zero"),
        (1, [0, 0], [None, None], "every weight is zero"),
        (1, [], None, "there are no parts"),
        (1, [1, -1], None, "its weight is negative"),
        (1, [1, Decimal("-0.1")], None, "its weight is negative"),
        (1, [1.0], None, "a float is not an exact number"),
        (1, [True], None, "a bool is not an exact number"),
        (1, [Decimal("NaN")], None, "it is not finite"),
        (1, [1, 1], [1], "2 weights but 1 caps"),
        (1, [1], [-1], "its cap is not a non-negative int"),
        (1, [1], [1.0], "its cap is not a non-negative int"),
        pytest.param(HUGE, [1], None, "the numbers are of impractical size", id="huge total"),
        pytest.param(1, [HUGE, 1], None, "the numbers are of impractical size", id="huge weight"),
        pytest.param(1, MANY_PRIMES, None, "no common denominator of practical size", id="huge denominator"),
    ],
)
def test_what_cannot_be_apportioned(total: int, weights: Any, caps: Any, reason: str) -> None:
    with pytest.raises(InvalidWeights) as caught:
        allocate(total, weights, caps=caps)
    assert reason in str(caught.value)


def test_totals_are_ints_and_caps_must_hold_them() -> None:
    total: Any = 1.0
    with pytest.raises(InvalidNumber):
        allocate(total, [1])
    with pytest.raises(CapsTooSmall) as caught:
        allocate(100, [1, 1, 0], caps=[10, 20, None])
    assert (caught.value.total, caught.value.capacity) == (100, 30)
    assert "30 at most" in str(caught.value)


@pytest.mark.parametrize(
    "attack",
    [
        lambda: Money.of("9" * 10_000_000, "EUR"),
        lambda: Money.of(Decimal("1E+999999999999999999"), "EUR"),
        lambda: Money.of(Decimal("1E-999999999999999999"), "EUR"),
        lambda: eur("1") * Decimal("1E+999999999999999999"),
        lambda: Money.of(1 << 100_000_000, "EUR"),
        lambda: Money.from_minor(1 << 100_000_000, "EUR"),
        lambda: eur("1") / (1 << 100_000_000),
        lambda: Currency.of("A" * 100_000_000),
        lambda: allocate(1, [1 << 100_000_000]),
        lambda: allocate(1, MANY_PRIMES * 5),
        lambda: Money.of([HUGE], "EUR"),  # type: ignore[arg-type]  # nothing shorter than its repr would tell
        lambda: ExactMoney.of("1" * 10_000_000, "EUR"),
    ],
)
def test_hostile_input_is_refused_at_once(attack: Callable[[], object]) -> None:
    def refuse() -> None:
        with pytest.raises(MoneyError) as caught:
            attack()
        assert len(str(caught.value)) < 400

    check_cost(refuse, yards=200)


def test_an_amount_is_small() -> None:
    assert sys.getsizeof(eur("1")) <= 56


@pytest.mark.parametrize("mode", ["ROUND_HALF_UP", "half-up", None, 4])
def test_a_rounding_mode_is_a_rounding(mode: Any) -> None:
    with pytest.raises(InvalidNumber, match="a mode is a Rounding"):
        (Money.of("19.99", "EUR") * Decimal("0.19")).round(mode)


@pytest.mark.parametrize("mode", ["largest-remainder", None])
def test_a_mode_of_apportioning_is_an_allocation(mode: Any) -> None:
    with pytest.raises(InvalidWeights, match="is no Allocation"):
        Money.of("1.00", "EUR").allocate([2, 3, 1], mode=mode)


def test_what_is_no_money_is_refused_by_name() -> None:
    with pytest.raises(InvalidAmount, match="a str is no Money"):
        Money.sum([Money.zero("EUR"), "1.00"])  # type: ignore[list-item]  # what a caller may pass
    with pytest.raises(InvalidWeights, match="a cap is Money or None"):
        Money.of("1.00", "EUR").allocate([1], caps=[50])  # type: ignore[list-item]  # as above
    with pytest.raises(UnknownCurrency):
        register_currency("EUR")  # type: ignore[arg-type]  # as above


def test_weights_may_come_from_a_generator() -> None:
    assert allocate(100, (weight for weight in (2, 3, 1))) == (33, 50, 17)  # type: ignore[arg-type]  # as above


def test_a_format_never_cuts_digits_off() -> None:
    assert f"{Money.of('1234.56', 'EUR'):>14}" == "   1234.56 EUR"
    with pytest.raises(ValueError, match="would cut digits"):
        f"{Money.of('1234.56', 'EUR'):.4}"
