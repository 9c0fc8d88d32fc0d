"""Measures as people write them, and what cannot be one."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from mktcore.errors import InvalidValue
from mktcore.goods import Dimension, InvalidMeasure, Measure, Unit, find_unit
from mktcore.goods.measure import DimensionMismatch
from mktcore.goods.units import UNIT_NAMES
from yardstick import check_cost


@pytest.mark.parametrize(
    ("text", "amount", "unit", "pieces"),
    [
        ("500ml", "500", Unit.MILLILITRE, 1),
        ("500 ML", "500", Unit.MILLILITRE, 1),
        ("1,5 l", "1.5", Unit.LITRE, 1),
        ("0,750 l", "0.75", Unit.LITRE, 1),
        ("1.50 kg", "1.5", Unit.KILOGRAM, 1),
        ("1.5000 kg", "1.5", Unit.KILOGRAM, 1),
        ("0.500 kg", "0.5", Unit.KILOGRAM, 1),
        (".33 l", "0.33", Unit.LITRE, 1),
        (",33 l", "0.33", Unit.LITRE, 1),
        (".5 lbs", "0.5", Unit.POUND, 1),
        ("6x,330 l", "0.33", Unit.LITRE, 6),
        ("10 Stk.", "10", Unit.PIECE, 1),
        ("500 Kg.", "500", Unit.KILOGRAM, 1),
        ("2 x 500 ml", "500", Unit.MILLILITRE, 2),
        ("12×330ml", "330", Unit.MILLILITRE, 12),  # noqa: RUF001 - the sign that people write
        ("4 x 6 x 330 ml", "330", Unit.MILLILITRE, 24),
        ("500 g x 3", "500", Unit.GRAM, 3),
        ("1/2 in", "1/2", Unit.INCH, 1),
        ('27"', "27", Unit.INCH, 1),
        ("16 Fl. Oz.", "16", Unit.FLUID_OUNCE, 1),
        ("12 m²", "12", Unit.SQUARE_METRE, 1),
        ("12 m2", "12", Unit.SQUARE_METRE, 1),
        ("3 m3 x 2", "3", Unit.CUBIC_METRE, 2),
        ("6 Stück", "6", Unit.PIECE, 1),
    ],
)
def test_a_text_says_how_much(text: str, amount: str, unit: Unit, pieces: int) -> None:
    found = Measure.parse(text)
    assert (found.amount, found.unit, found.pieces) == (Fraction(amount), unit, pieces)
    assert Measure.find(text) == found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is not a number and a unit"),
        ("ml", "it is not a number and a unit"),
        ("-5 ml", "it is not a number and a unit"),
        ("1e9 g", "it is not a number and a unit"),
        ("500", "it has no unit"),
        ("6 x 4", "it has no unit"),
        ("5 parsec", "there is no unit 'parsec'"),
        ("1,500 ml", "1,500 may mean 1500 or 1.500"),
        ("1.000 ml", "1.000 may mean 1000 or 1.000"),
        ("500.000 GR", "500.000 may mean 500000 or 500.000"),
        ("6 x 1.500 l", "1.500 may mean 1500 or 1.500"),
        ("1.000.000 g", "it is not a number and a unit"),
        (". l", "it is not a number and a unit"),
        ("1.234,5 ml", "it is not a number and a unit"),
        ("1/0 l", "nothing can be divided by zero"),
        ("0 ml", "Measure.amount: above zero, of 60 digits at most, not '0'"),
        ("0 x 5 ml", "Measure.pieces: a whole number from 1 to 1000000, not '0'"),
        ("9999999 x 1 ml", "Measure.pieces: a whole number from 1 to 1000000, not '9999999'"),
        ("2 x 5 ml x 2", "it counts pieces twice"),
        ("٥ ml", "it is not a number and a unit"),  # noqa: RUF001 - an Arabic digit, which int() would read
        ("9" * 100_000 + " ml", "longer than 160 characters"),
    ],
)
def test_what_is_none_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidMeasure) as caught:
        Measure.parse(text)
    assert caught.value.reason == reason
    assert len(caught.value.text) <= 160
    assert Measure.find(text) is None


@pytest.mark.parametrize("piece", ["1 x ", "9", "9,", " ", "a ", "1/", "x"])
def test_hostile_texts_take_no_time(piece: str) -> None:
    def find_all() -> None:
        for length in range(1, 161):
            Measure.find((piece * 160)[:length])

    check_cost(find_all, yards=100)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("2 x 500 ml", "1 l"),
        ("12 x 330 ml", "3.96 l"),
        ("1 lb", "16 oz"),
        ("1 gal", "128 fl oz"),
        ("1 ft", "12 in"),
        ("1 yd", "91.44 cm"),
        ("1 ft2", "144 in2"),
        ("1 ha", "10000 m2"),
        ("1 m3", "1000 l"),
        ("2 pairs", "4 pieces"),
        ("1 dozen", "12 x 1 pc"),
        ("1/3 l", "2 x 1/6 l"),
    ],
)
def test_the_same_size_is_the_same_measure(left: str, right: str) -> None:
    assert Measure.parse(left) == Measure.parse(right)
    assert hash(Measure.parse(left)) == hash(Measure.parse(right))


@pytest.mark.parametrize(
    ("amount", "text"), [("9/8", "1.1250 l"), ("1/8", "0.125 l"), ("3/2", "1.5 l"), ("1000", "1000 l")]
)
def test_what_is_written_is_read_again(amount: str, text: str) -> None:
    measure = Measure(Fraction(amount), Unit.LITRE)
    assert str(measure) == text
    assert Measure.parse(text) == measure


def test_arithmetic_is_exact_and_stays_in_its_dimension() -> None:
    third, litre, gram = Measure(Fraction(1, 3), Unit.LITRE), Measure.parse("1 l"), Measure.parse("1 g")
    assert third + third + third == litre
    assert 3 * third == third * 3 == litre
    assert litre / third == 3
    assert litre * Decimal("0.35") == Measure.parse("350 ml")
    assert third < litre <= 3 * third
    assert str(litre.to(Unit.CENTILITRE)) == "100 cl"
    assert str(third) == "1/3 l"
    assert litre != gram
    assert litre.__eq__("1 l") is NotImplemented
    for mix in (litre.__add__, litre.__truediv__, litre.__lt__):
        with pytest.raises(DimensionMismatch, match="a measure of mass where one of volume is expected"):
            mix(gram)
        assert mix("1 l") is NotImplemented  # type: ignore[operator]  # what a mistaken caller does
    with pytest.raises(DimensionMismatch):
        litre.to(Unit.METRE)


@pytest.mark.parametrize("amount", [1.5, True, "1", Decimal("NaN"), Decimal("1E+3000000"), 0, -1, 10**61])
def test_only_exact_numbers_above_zero_are_amounts(amount: Any) -> None:
    with pytest.raises(InvalidValue):
        Measure(amount, Unit.GRAM)


@pytest.mark.parametrize("pieces", [0, True, 1_000_001])
def test_pieces_are_counted_in_bounds(pieces: int) -> None:
    with pytest.raises(InvalidValue):
        Measure(1, Unit.GRAM, pieces)


def test_every_unit_has_a_size_and_no_two_share_a_name() -> None:
    assert {unit.dimension for unit in Unit} == set(Dimension)
    assert all(unit.factor > 0 for unit in Unit)
    assert all(find_unit(unit) is unit for unit in Unit)
    assert set(UNIT_NAMES.values()) == set(Unit)
