"""A marketplace with two merchants and no catalogue."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from markets import TWO_MERCHANTS, open_market
from mktcore.marketplace import Marketplace
from mktcore.testing.fakes import ManualClock


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, clock, TWO_MERCHANTS) as market:
        yield market
