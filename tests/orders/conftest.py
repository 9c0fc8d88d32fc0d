"""A marketplace over the example folder, on every store that ships, at a fixed instant."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mktcore.marketplace import Marketplace
from mktcore.testing.fakes import CountingIds, ManualClock

EXAMPLE = Path(__file__).parents[2] / "examples" / "market"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 7, 1, 12, tzinfo=UTC))


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    url = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path / 'market.db'}"
    with Marketplace.open(url, currency="EUR", clock=clock, ids=CountingIds()) as market:
        market.load(EXAMPLE)
        yield market
