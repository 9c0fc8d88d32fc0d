"""A few hundred random lives of orders; `python tests/long/lifecycles.py` runs 20,000."""

import pytest

from postings.lifecycles import run_lifecycle


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 300, 100))
def test_random_lives_leave_the_books_in_order(start: int) -> None:
    assert sum(run_lifecycle(seed) for seed in range(start, start + 100)) > 1_500


def test_a_random_life_takes_several_transactions() -> None:
    assert [run_lifecycle(seed) > 4 for seed in (1, 2, 3)] == [True] * 3
