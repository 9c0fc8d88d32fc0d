"""How amounts are rounded at each level and laid on the parts below, in figures that a person can check."""

from decimal import Decimal

import attrs
import pytest

from mktcore.money import Money, Rounding
from mktcore.totals import Line, Reduction, RoundAt, RoundingProfile, compute_totals
from mktcore.totals.apportionment import round_within
from mktcore.totals.inputs import Basis
from mktcore.totals.line_positions import segment
from mktcore.totals.undone import Undone

PER_LINE = RoundingProfile(RoundAt.LINE, Rounding.HALF_UP)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.mark.parametrize(
    ("mode", "cents"),
    [
        (Rounding.HALF_UP, [101, 102, 101, 100]),
        (Rounding.HALF_DOWN, [100, 101, 101, 100]),
        (Rounding.HALF_EVEN, [100, 102, 101, 100]),
        (Rounding.UP, [101, 102, 101, 101]),
        (Rounding.CEILING, [101, 102, 101, 101]),
        (Rounding.DOWN, [100, 101, 100, 100]),
        (Rounding.FLOOR, [100, 101, 100, 100]),
    ],
)
def test_each_line_rounds_a_tenth_of_its_price_as_its_mode_says(mode: Rounding, cents: list[int]) -> None:
    # Two ties, and what is a little more and a little less than one.
    lines = [Line(price, "acme", eur(price)) for price in ("10.05", "10.15", "10.06", "10.04")]
    tenth = Reduction("tenth", percent=Decimal("0.1"))
    totals = compute_totals(lines, [tenth], prices_include_tax=True, profile=RoundingProfile(RoundAt.LINE, mode))
    assert [figures.discount_total.minor for figures in totals.lines.values()] == cents


def test_a_merchants_reduction_is_taken_off_all_of_its_lines() -> None:
    lines = [Line(f"{merchant}-{price}", merchant, eur(price)) for merchant in ("acme", "bolt") for price in "123"]
    for merchant, cents in (("acme", [10, 20, 30, 0, 0, 0]), ("bolt", [0, 0, 0, 10, 20, 30])):
        tenth = Reduction("tenth", percent=Decimal("0.1"), merchant=merchant)
        totals = compute_totals(lines, [tenth], prices_include_tax=True, profile=PER_LINE)
        assert [figures.discount_total.minor for figures in totals.lines.values()] == cents


def test_a_reduction_of_named_lines_is_taken_off_each_of_them_and_of_what_it_is_measured_on() -> None:
    lines = [Line(price, "acme", eur(price)) for price in ("10.00", "20.00", "30.00")]
    for named, basis, cents in (
        (("10.00", "20.00"), Basis.REMAINING, [600, 1200, 1500]),
        (("10.00",), Basis.REMAINING, [600, 1000, 1500]),
        (("10.00",), Basis.ORIGINAL, [700, 1000, 1500]),
        (("10.00", "20.00"), Basis.ORIGINAL, [700, 1400, 1500]),
    ):
        half = Reduction("half", percent=Decimal("0.5"))
        fifth = Reduction("fifth", percent=Decimal("0.2"), lines=named, basis=basis)
        totals = compute_totals(lines, [half, fifth], prices_include_tax=True, profile=PER_LINE)
        assert [figures.discount_total.minor for figures in totals.lines.values()] == cents


@pytest.mark.parametrize("at", [RoundAt.ORDER, RoundAt.MERCHANT])
def test_what_has_room_is_laid_on_merchants_and_then_on_their_lines(at: RoundAt) -> None:
    # 3 of 5 equal lines: 1.2 for the merchant of two, 1.8 for the one of three; line by line it were the first three.
    profile = RoundingProfile(at, Rounding.HALF_UP)
    assert round_within([10] * 5, 16, bounds=[(0, 2), (2, 5)], profile=profile, room=[9] * 5) == [1, 0, 1, 1, 0]


def test_a_merchant_without_targets_has_no_stretch_of_a_long_order() -> None:
    chosen = range(1000, 1600)
    assert segment(chosen, [(0, 900), (900, 1300), (1300, 1300), (1300, 1600)]) == [(0, 300), (300, 600)]


def test_figures_as_placed_know_of_nothing_undone() -> None:
    totals = compute_totals([Line("1", "acme", eur("10.00"))], prices_include_tax=True, profile=PER_LINE)
    line = totals.lines["1"]
    later = attrs.evolve(line, undone=Undone(canceled_minor=400))
    assert (later.grand_total, later.canceled_total) == (eur("6.00"), eur("4.00"))
    assert (later.as_placed().grand_total, later.as_placed().canceled_total) == (eur("10.00"), eur("0.00"))
    assert line.as_placed() is line
