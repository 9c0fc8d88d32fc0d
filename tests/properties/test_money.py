"""The laws of money: exact arithmetic, rounding that is chosen, and no way to lose a unit."""

import copy
import pickle
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from mktcore.money import Currency, ExactMoney, Money, Rounding, round_ratio
from mktcore.testing import strategies

moneys = strategies.moneys(currency="EUR")
exacts = strategies.exact_amounts(currency="EUR")
modes = strategies.rounding_modes()


@given(strategies.currencies(), st.integers(-(10**36) + 1, 10**36 - 1))
def test_text_and_decimals_come_back_as_they_went(currency: Currency, minor: int) -> None:
    money = Money.from_minor(minor, currency)
    text, code = str(money).split()
    assert code == currency.code
    assert Money.of(text, currency) == money
    assert Money.of(money.amount, currency) == money
    assert money.amount == Decimal(text)
    assert len(text.partition(".")[2]) == currency.digits
    assert eval(repr(money)) == money  # noqa: S307 - the repr promises to be this expression


@given(moneys, moneys, moneys)
def test_adding_is_exact(a: Money, b: Money, c: Money) -> None:
    assert (a + b).minor == a.minor + b.minor
    assert (a + b) + c == a + (b + c) == Money.sum([c, b, a])
    assert a - b == a + -b
    assert a - a == Money.zero("EUR")
    assert abs(a) == (a if a >= Money.zero("EUR") else -a)


@given(moneys, moneys, st.integers(-1000, 1000))
def test_multiplying_by_an_int_stays_money(a: Money, b: Money, factor: int) -> None:
    assert (a + b) * factor == a * factor + b * factor
    assert factor * a == a * factor
    assert (a * factor).minor == a.minor * factor


@given(moneys, moneys)
def test_order_is_that_of_the_minor_units(a: Money, b: Money) -> None:
    assert (a < b, a <= b, a > b, a >= b, a == b) == (
        a.minor < b.minor,
        a.minor <= b.minor,
        a.minor > b.minor,
        a.minor >= b.minor,
        a.minor == b.minor,
    )
    assert (a == b) <= (hash(a) == hash(b))
    assert (a.exact < b.exact, a.exact >= b, a <= b.exact) == (a < b, a >= b, a <= b)


@given(moneys, st.fractions(-10, 10), st.fractions(-10, 10))
def test_exact_money_is_a_linear_space(a: Money, x: Fraction, y: Fraction) -> None:
    assert a * x + a * y == a * (x + y)
    assert (a * x) * y == a * (x * y)
    assert a * x - a * y == a * (x - y)
    assert -(a * x) == a * -x
    assert a + a * x == a * (1 + x)
    assert a - a * x == a * (1 - x)
    if x:
        assert (a * x) / x == a.exact
        assert a / x == a * (1 / x)


@given(exacts, modes)
def test_rounding_is_that_of_decimal(amount: ExactMoney, mode: Rounding) -> None:
    wide = Context(prec=60)
    # 20 digits decide: the denominators are too small for a half to hide behind them, unless they divide it exactly.
    value = wide.divide(Decimal(amount.minor.numerator), Decimal(amount.minor.denominator))
    expected = int(value.quantize(Decimal(1), rounding=mode.value, context=wide))
    assert amount.round(mode).minor == expected
    assert round_ratio(amount.minor.numerator, amount.minor.denominator, mode) == expected


@given(exacts, modes, st.sampled_from(["0.01", "0.05", "0.5", "1", "20"]))
def test_a_cash_increment_divides_the_result(amount: ExactMoney, mode: Rounding, increment: str) -> None:
    step = Money.of(increment, "EUR").minor
    rounded = amount.round(mode, increment=increment)
    assert rounded.minor % step == 0
    assert abs(rounded.minor - amount.minor) < step
    if mode in {Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.HALF_DOWN}:
        assert abs(rounded.minor - amount.minor) * 2 <= step


@given(moneys, modes)
def test_whole_amounts_do_not_move(amount: Money, mode: Rounding) -> None:
    assert amount.exact.round(mode) == amount


@given(st.one_of(moneys, exacts))
def test_pickling_and_copying_give_the_same(amount: Money | ExactMoney) -> None:
    for again in (pickle.loads(pickle.dumps(amount)), copy.copy(amount), copy.deepcopy(amount)):  # noqa: S301 - our own
        assert again == amount
        assert hash(again) == hash(amount)
        assert type(again) is type(amount)
        assert again.currency is amount.currency


def test_half_up_goes_away_from_zero() -> None:
    assert Rounding.HALF_UP.value == ROUND_HALF_UP
    assert [ExactMoney(Fraction(n, 2), Currency.of("EUR")).round(Rounding.HALF_UP).minor for n in (5, -5)] == [3, -3]
