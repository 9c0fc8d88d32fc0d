import pytest

from mktcore.goods import Measure
from mktcore.matching.near_words import compare_codes, pair_words, rate_words
from mktcore.matching.words import (
    MAX_WORDS,
    fold_text,
    is_model_number,
    join_code,
    spell_measure,
    split_quantity,
    split_words,
)
from yardstick import check_cost


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Cola 2 x 500 ml", "cola 1 L"),
        ("Cable 1.5 m", "CABLE 150cm"),
        ("Cable 6 ft", "cable 72 inches"),
        ("Flour 0,5 kg", "Flour 500 g"),
        ("Memory 4 GB", "memory 4-gb"),
        ("Crème brûlée", "CREME BRULEE"),
        ("contrast 2,000", "contrast 2000"),
    ],
)
def test_two_ways_of_writing_one_thing_are_the_same_words(one: str, other: str) -> None:
    assert split_words(one) == split_words(other)


def test_memory_modules_are_not_added_up() -> None:
    assert split_words("RAM 2 x 4 GB") == ["ram", "2", "4gb"]


def test_a_model_number_is_found_however_it_is_cut() -> None:
    assert "dscw120p" in split_words("Sony DSC-W120/P")
    assert join_code("dsc w120-P") == "dscw120p"
    assert split_words("1-1/2") == ["1", "2"]  # no letters: no model number


def test_absurd_amounts_are_left_as_they_are_written() -> None:
    assert split_words("9" * 30 + " kg") == ["9" * 30 + "g"]
    assert split_words("1.2.3 kg") == ["1.2.3g"]


@pytest.mark.parametrize(
    ("text", "word"), [("2 x 500 ml", "1000ml"), ("1.5 kg", "1500g"), ("1/3 l", "333.333ml"), ("2 m2", None)]
)
def test_a_measure_is_the_word_that_a_name_would_use(text: str, word: str | None) -> None:
    assert spell_measure(Measure.parse(text)) == word


def test_what_a_word_is_can_be_told_from_the_word() -> None:
    assert split_quantity("24in") == ("in", "24")
    assert split_quantity("w24") is None
    assert not is_model_number("4gb")
    assert not is_model_number("2007")
    assert is_model_number("98811")


@pytest.mark.parametrize(
    "text", ["a" * 1_000_000, "a1 " * 1_000_000, "x" + "-1" * 500_000, "1," * 500_000, "é" * 10**6]
)
def test_a_text_of_a_million_characters_costs_little(text: str) -> None:
    words = split_words(text)
    check_cost(lambda: split_words(text), yards=50)
    assert len(words) <= MAX_WORDS
    assert all(len(word) <= 60 for word in words)


def test_a_text_of_a_hundred_thousand_words_is_cut() -> None:
    assert len(split_words(" ".join(map(str, range(100_000))))) == MAX_WORDS
    assert len(fold_text("ﷺ" * 1_000_000)) <= 2_000  # one letter that unfolds to eighteen


@pytest.mark.parametrize(
    ("one", "other", "rate"),
    [
        ("same", "same", 1000),
        ("printer", "printers", 900),
        ("pro", "professional", 700),
        ("wirelss", "wireless", 850),
        ("wierless", "wireless", 850),
        ("wirexess", "wireless", 850),
        ("wireless", "bluetooth", 0),
        ("wireless", "wirldess", 0),
        ("cat", "car", 0),  # too short for a typing error
        ("du1055", "du1055xtss", 800),
        ("tn450", "tn460", 0),  # another model
        ("4gb", "4gbit", 0),
        ("500ml", "500mlx", 0),  # a quantity is no beginning of another word
        ("category", "cat", 700),
        ("abcdefgh", "abcde", 700),
        ("abcdefgh", "abxdefghij", 0),
    ],
)
def test_how_near_words_are(one: str, other: str, rate: int) -> None:
    assert rate_words(one, other) == rate_words(other, one) == rate


def test_each_word_is_paired_once_and_neighbours_join() -> None:
    assert pair_words(["printer", "print"], ["printers"]) == [("printer", "printers", 900)]
    assert pair_words(["cushtop"], ["cush", "top"]) == [("cushtop", "cush", 1000), ("cushtop", "top", 1000)]
    assert pair_words(["red"], ["blue"]) == []


def test_how_alike_part_numbers_are() -> None:
    assert compare_codes(["a1", "tn450"], ["tn450"]) == 1000
    assert compare_codes(["tn450"], ["brtn450"]) == 900
    assert compare_codes(["tn450"], ["xtn460"]) == 0
    assert compare_codes(["dscw120"], ["dscw120b"]) == 950
