"""Any sequence of the verbs by all parties, on one order and on several, comes to what a naive judge says."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mktcore.marketplace import Marketplace
from mktcore.testing.fakes import CountingIds, ManualClock
from properties.order_driver import LINES, VERBS, Life, open_market

CALLS = CountingIds()
STEPS = st.lists(
    st.tuples(st.sampled_from(VERBS), st.integers(0, 1), st.sampled_from(sorted(LINES)), st.integers(1, 5)),
    max_size=20,
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> tuple[Marketplace, ManualClock]:
    folder: Path = tmp_path_factory.mktemp("files")
    return open_market(folder)


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(orders=st.integers(1, 2), steps=STEPS)
def test_orders_come_to_what_a_naive_judge_says(
    opened: tuple[Marketplace, ManualClock], orders: int, steps: list[tuple[str, int, str, int]]
) -> None:
    market, clock = opened
    Life(market, clock, CALLS.new_id("life"), orders).live(steps)


@pytest.mark.slow
def test_nothing_is_found_wrong_with_all_those_orders(opened: tuple[Marketplace, ManualClock]) -> None:
    assert opened[0].verify() == ()
