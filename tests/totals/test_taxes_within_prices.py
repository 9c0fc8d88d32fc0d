"""Taxes inside of a price are never more than the price, however rounded; and how many and fine taxes may be."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mktcore.money import Allocation, Currency, Money, Rounding
from mktcore.totals import InvalidTotals, Line, RoundAt, RoundingProfile, TaxRate, compute_totals
from mktcore.totals.given_inputs import Inputs
from mktcore.totals.inputs import PinnedTax
from properties.test_totals import check_against_naive
from yardstick import check_cost

STATE, CITY = TaxRate("state", Decimal("0.06")), TaxRate("city", Decimal("0.03"))
CENT = Money.of("0.01", "EUR")


def list_taxes(lines: list[Line], at: RoundAt, mode: Rounding = Rounding.UP) -> list[tuple[int, int]]:
    totals = compute_totals(lines, prices_include_tax=True, profile=RoundingProfile(at, mode))
    return [(totals.lines[line.key].tax_total.minor, totals.lines[line.key].net.minor) for line in lines]


@pytest.mark.parametrize("at", RoundAt)
def test_two_taxes_that_are_rounded_up_leave_a_cent_no_negative_net(at: RoundAt) -> None:
    line = Line("1", "acme", CENT, tax_rates=(STATE, CITY))
    totals = compute_totals([line], prices_include_tax=True, profile=RoundingProfile(at, Rounding.UP))
    assert (totals.order.tax_total, totals.order.net) == (CENT, Money.zero("EUR"))
    assert list(totals.order.taxes.values()) == [CENT, Money.zero("EUR")]


def test_what_a_line_has_no_room_for_goes_to_one_that_has() -> None:
    # Each tax is 0.9 cents of the order, so one cent: by itself each of them would be laid on the first line.
    half = (TaxRate("a", Decimal("0.8")), TaxRate("b", Decimal("0.8")))
    lines = [Line(key, "acme", CENT, tax_rates=half) for key in "12"]
    assert list_taxes(lines, RoundAt.ORDER, Rounding.HALF_UP) == [(1, 0), (1, 0)]
    assert list_taxes(lines, RoundAt.MERCHANT, Rounding.HALF_UP) == [(1, 0), (1, 0)]


def test_a_pinned_tax_stands_and_the_others_find_room_beside_it() -> None:
    pinned = (PinnedTax("city", CITY.rate, CENT),)
    line = Line("1", "acme", CENT, tax_rates=(STATE, CITY), pinned_taxes=pinned)
    assert list_taxes([line], RoundAt.LINE) == [(1, 0)]


def test_what_has_room_is_rounded_as_ever() -> None:
    lines = [
        Line("1", "acme", CENT, tax_rates=(STATE, CITY)),
        Line("2", "acme", Money.of("9.99", "EUR"), 1, (STATE, CITY)),
    ]
    # 9.99 / 1.09 is 9.165...: 0.5499 and 0.2749, rounded up.
    assert list_taxes(lines, RoundAt.LINE) == [(1, 0), (83, 916)]


RATES = st.lists(
    st.sampled_from([Decimal("0.02"), Decimal("0.19"), Decimal("0.5"), Decimal("0.9"), Decimal(1)]),
    min_size=1,
    max_size=4,
).map(lambda rates: tuple(TaxRate(f"t{n}", rate, compound=n == 2) for n, rate in enumerate(rates)))
LINES = st.lists(st.tuples(st.integers(0, 4), st.integers(1, 3), RATES, st.sampled_from("ab")), min_size=1, max_size=5)


@pytest.mark.slow
@given(LINES, st.sampled_from(RoundAt), st.sampled_from(Rounding), st.sampled_from(Allocation))
def test_no_net_is_negative_and_all_is_as_a_naive_model_has_it(
    drawn: list[tuple[int, int, tuple[TaxRate, ...], str]], at: RoundAt, mode: Rounding, by: Allocation
) -> None:
    lines = tuple(
        Line(str(number), merchant, Money.from_minor(minor, "EUR"), quantity, rates)
        for number, (minor, quantity, rates, merchant) in enumerate(drawn)
    )
    profile = RoundingProfile(at, mode, allocation=by)
    inputs = Inputs(lines, (), (), prices_include_tax=True, profile=profile, currency=Currency.of("EUR"))
    check_against_naive(inputs)
    totals = compute_totals(lines, prices_include_tax=True, profile=profile)
    assert all(line.net.minor >= 0 for line in totals.lines.values())
    assert sum(line.tax_total.minor for line in totals.lines.values()) == totals.order.tax_total.minor


def test_fifty_compound_taxes_are_computed_and_more_are_refused() -> None:
    rates = tuple(TaxRate(f"t{number}", Decimal("0.0123"), compound=True) for number in range(2_000))
    profile = RoundingProfile(RoundAt.ORDER, Rounding.HALF_UP)

    def compute(count: int) -> Money:
        line = Line("1", "acme", Money.of("100.00", "EUR"), tax_rates=rates[:count])
        return compute_totals([line], prices_include_tax=False, profile=profile).order.tax_total

    # 100 x (1.0123 ** 50 - 1) is 84.26...; every tax is rounded on its own.
    assert abs(compute(50).minor - 8427) < 25
    check_cost(lambda: compute(50), yards=3)
    for count in (51, 2_000):
        with pytest.raises(InvalidTotals, match="more than 50") as refusal:
            compute(count)
        assert [problem.code for problem in refusal.value.problems] == ["totals.too-many-taxes"]

        def refuse(count: int = count) -> None:
            with pytest.raises(InvalidTotals):
                compute(count)

        check_cost(refuse, yards=1)


def test_rates_without_a_practical_denominator_are_refused() -> None:
    lines = [
        Line(
            str(number),
            "acme",
            Money.of("10.00", "EUR"),
            tax_rates=(
                TaxRate("same", Decimal("0.1")),
                TaxRate(f"t{number}", Decimal(f"0.{10**60 + 14 * number + 1}")),
            ),
        )
        for number in range(400)
    ]
    with pytest.raises(InvalidTotals, match="practical size"):
        compute_totals(lines, prices_include_tax=True, profile=RoundingProfile(RoundAt.ORDER, Rounding.HALF_UP))
