"""Laws of GTINs and measures: one form for one number, every mistyped digit noticed, exact arithmetic."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import ean

from mktcore.goods import Gtin, Measure, Unit

bodies = st.sampled_from([7, 11, 12, 13]).flatmap(
    lambda length: st.text("0123456789", min_size=length, max_size=length)
)
gtins = bodies.map(lambda body: body + ean.calc_check_digit(body)).filter(lambda digits: digits.strip("0") != "")
amounts = st.fractions(min_value=Fraction(1, 10**6), max_value=10**6, max_denominator=10**6)
measures = st.builds(Measure, amounts, st.sampled_from(list(Unit)), st.integers(1, 1000))


def alike(*, count: int) -> st.SearchStrategy[tuple[Measure, ...]]:
    """Return measures of one dimension, whatever their units."""

    def draw(first: Unit) -> st.SearchStrategy[tuple[Measure, ...]]:
        units = st.sampled_from([unit for unit in Unit if unit.dimension is first.dimension])
        return st.tuples(*[st.builds(Measure, amounts, units, st.integers(1, 1000))] * count)

    return st.sampled_from(list(Unit)).flatmap(draw)


@given(gtins)
def test_a_gtin_has_one_form_whatever_the_length_it_comes_in(digits: str) -> None:
    found = Gtin.parse(digits)
    assert found.digits == digits.zfill(14)
    for length in (8, 12, 13, 14):
        if length >= len(digits.lstrip("0")):
            assert Gtin.parse(found.digits[-length:]) == found
    assert Gtin.parse(str(found)) == found
    assert Gtin.parse(" ".join(str(found))) == found


@given(gtins, st.data())
def test_a_wrong_digit_is_noticed(digits: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(digits) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != digits[place]]))
    assert Gtin.find(digits[:place] + other + digits[place + 1 :]) is None


@given(st.text(max_size=50) | st.text("0123456789- ", max_size=20))
def test_what_the_standard_library_of_numbers_accepts_is_accepted(text: str) -> None:
    found = Gtin.find(text)
    is_ascii = all(ord(character) < 128 for character in text)
    assert (found is not None) is (is_ascii and len(text) <= 40 and _is_ean(text))


def _is_ean(text: str) -> bool:
    return "\t" not in text and bool(ean.is_valid(text)) and ean.compact(text).strip("0") != ""


@given(gtins)
def test_case_and_piece_differ(digits: str) -> None:
    found = Gtin.parse(digits)
    if found.digits[0] != "0":
        bare = "0" + found.digits[1:-1]
        if bare.strip("0"):
            assert Gtin(bare + ean.calc_check_digit(bare)) != found


EXACT = settings(max_examples=50, deadline=None)  # fractions are drawn slowly


@EXACT
@given(measures)
def test_a_measure_is_read_as_it_is_written(measure: Measure) -> None:
    read = Measure.parse(str(measure))
    assert (read.amount, read.unit, read.pieces) == (measure.amount, measure.unit, measure.pieces)


@EXACT
@given(alike(count=2))
def test_conversion_loses_nothing(pair: tuple[Measure, Measure]) -> None:
    one, other = pair
    there = one.to(other.unit)
    assert there == one
    assert hash(there) == hash(one)
    assert there.to(one.unit).amount == one.amount * one.pieces


@EXACT
@given(alike(count=3))
def test_measures_add_like_numbers(three: tuple[Measure, Measure, Measure]) -> None:
    a, b, c = three
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a < a + b
    assert (a + b) / c == a / c + b / c
    assert sorted(three) == sorted(three, key=lambda measure: measure.size)


@EXACT
@given(alike(count=2), st.integers(1, 1000), st.fractions(Fraction(1, 100), 100, max_denominator=100))
def test_measures_multiply_like_numbers(pair: tuple[Measure, Measure], times: int, factor: Fraction) -> None:
    a, b = pair
    assert a * times == times * a == Measure(a.amount * a.pieces, a.unit, times)
    assert (a + b) * factor == a * factor + b * factor
    assert (a * factor) / a == factor


@given(st.text('0123456789x,./ mlgk"×', max_size=30))  # noqa: RUF001 - the sign that people write
def test_a_text_is_a_measure_or_none(text: str) -> None:
    found = Measure.find(text)
    assert found is None or (found.amount > 0 and Measure.parse(str(found)) == found)
