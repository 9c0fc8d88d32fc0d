"""Hypothesis profiles: `default` in every run, `long` for the documented long run (`--hypothesis-profile=long`).

And the market that most tests run on: the example folder, on the stores that need no server, at a fixed instant.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from markets import EXAMPLE, NOON, open_loaded
from mktcore.marketplace import Marketplace
from mktcore.testing.fakes import ManualClock

settings.register_profile("default", max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "long", max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("default")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    """The example marketplace; folders of tests about other rooms have their own."""
    with open_loaded(request.param, tmp_path, clock, EXAMPLE) as market:
        yield market
