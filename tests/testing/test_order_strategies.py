"""What the strategies draw of orders: nothing that is refused unless asked for, and enough that shops really have."""

from collections.abc import Callable, Sequence

import attrs
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from mktcore.testing import strategies
from mktcore.totals import InvalidTotals, RoundAt, RoundingProfile, compute_taxes
from mktcore.totals.compute_totals import compute_from
from mktcore.totals.given_inputs import Inputs
from properties.test_totals import check_against_naive

Members = list[tuple[Sequence[int], compute_taxes.TaxShare]]


def draw(orders: SearchStrategy[Inputs], check: Callable[[Inputs], None], *, start: int, examples: int) -> None:
    """Check orders that are drawn from a seed, the same in every run."""
    options = settings(
        max_examples=examples,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=[*HealthCheck],
    )

    def body(inputs: Inputs) -> None:
        check(inputs)

    seed(start)(options(given(orders)(body)))()


@pytest.mark.slow
def test_an_order_is_not_refused() -> None:
    def compute(inputs: Inputs) -> None:
        compute_from(inputs)

    draw(strategies.order_inputs(), compute, start=1, examples=1500)


@pytest.mark.slow
def test_what_is_refused_is_drawn_when_it_is_asked_for() -> None:
    refused: list[InvalidTotals] = []

    def note(inputs: Inputs) -> None:
        try:
            compute_from(inputs)
        except InvalidTotals as error:
            refused.append(error)

    draw(strategies.order_inputs(above_base=True), note, start=1, examples=300)
    assert refused


@pytest.mark.slow
@pytest.mark.parametrize("orders", [strategies.ordinary_orders(), strategies.order_inputs()], ids=["ordinary", "any"])
def test_orders_are_ordinary_often_enough(orders: SearchStrategy[Inputs]) -> None:
    seen: list[Inputs] = []
    draw(orders, seen.append, start=2, examples=400)

    def is_of_lines(one: Inputs) -> bool:
        return one.profile.at is RoundAt.LINE and len(one.lines) > 1

    assert sum(any(line.tax_rates for line in one.lines) for one in seen) > 200
    assert sum(bool(one.reductions) for one in seen) > 150
    assert sum(one.profile.cash_increment is not None for one in seen) > 40
    assert sum(is_of_lines(one) for one in seen) > 60


@pytest.mark.slow
@pytest.mark.parametrize("start", range(3))
def test_tax_that_is_rounded_on_the_sum_is_found(monkeypatch: pytest.MonkeyPatch, start: int) -> None:
    """Rounding by the line is planted as rounding of the order's sum; 200 examples are enough to see it."""
    round_members = compute_taxes._round_members

    def round_sum(taxable: compute_taxes.TaxableColumns, members: Members, profile: RoundingProfile) -> list[int]:
        level = RoundAt.ORDER if profile.at is RoundAt.LINE else profile.at
        return round_members(taxable, members, attrs.evolve(profile, at=level))

    draw(strategies.order_inputs(), check_against_naive, start=start, examples=200)
    monkeypatch.setattr(compute_taxes, "_round_members", round_sum)
    with pytest.raises((AssertionError, BaseExceptionGroup)):
        draw(strategies.order_inputs(), check_against_naive, start=start, examples=200)
