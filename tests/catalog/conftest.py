"""A marketplace with two merchants and no catalogue, at an instant set by hand, on the stores that a module asks."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mktcore.marketplace import Marketplace
from mktcore.testing.fakes import CountingIds, ManualClock
from store.opening import create_database


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 7, 1, 12, tzinfo=UTC))


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    (tmp_path / "merchants.csv").write_text("merchant,name\nacme,Acme\nbolt,Bolt\n", encoding="utf-8")
    url = {"memory": "memory://", "sqlite": f"sqlite:///{tmp_path / 'market.db'}"}.get(request.param)
    with Marketplace.open(url or create_database(), currency="EUR", clock=clock, ids=CountingIds()) as market:
        market.load(tmp_path)
        yield market
