"""The yardstick tells what costs much from what costs little."""

import pytest

from yardstick import check_cost


def walk(rounds: int) -> int:
    return sum(number % 7 for number in range(rounds))


@pytest.mark.slow
def test_what_costs_more_than_its_limit_fails_and_what_costs_less_does_not() -> None:
    check_cost(lambda: walk(10_000), yards=5)
    with pytest.raises(AssertionError, match="yards at best, more than 5"):
        check_cost(lambda: walk(3_000_000), yards=5)
