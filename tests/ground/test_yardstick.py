"""The yardstick tells what costs much from what costs little."""

import pytest

import yardstick


def walk(rounds: int) -> int:
    return sum(number % 7 for number in range(rounds))


@pytest.fixture
def counted_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure in lines that run: the rule is tested here, and no neighbour shall have a say in it."""
    monkeypatch.setattr(yardstick, "_time", yardstick.count_lines)
    monkeypatch.setattr(yardstick, "_measure_first_yard", yardstick._measure_yard)


@pytest.mark.slow
@pytest.mark.usefixtures("counted_lines")
def test_what_costs_more_than_its_limit_fails_and_what_costs_less_does_not() -> None:
    yardstick.check_cost(lambda: walk(10_000), yards=0.25)
    with pytest.raises(AssertionError, match=r"yards at best, more than 0\.25"):
        yardstick.check_cost(lambda: walk(200_000), yards=0.25)
