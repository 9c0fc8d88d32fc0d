"""A marketplace with two merchants that both sell a lamp."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from markets import LAMPS, open_market
from mktcore.marketplace import Marketplace
from mktcore.testing.fakes import ManualClock


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, clock, LAMPS) as market:
        yield market
