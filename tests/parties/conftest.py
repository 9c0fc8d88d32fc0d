"""A marketplace with two merchants that both sell a lamp, on every store that ships, at a fixed instant."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mktcore.marketplace import Marketplace
from mktcore.testing.fakes import CountingIds, ManualClock

FILES = {
    "merchants.csv": "merchant,name\nacme,Acme\nbolt,Bolt\n",
    "skus.csv": "sku,name,tax_category\nlamp,Lamp,\nvase,Vase,\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock\n"
        "acme-lamp,acme,lamp,30.00,9\nbolt-lamp,bolt,lamp,25.00,9\nacme-vase,acme,vase,12.00,9\n"
    ),
}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 7, 1, 12, tzinfo=UTC))


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    url = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path / 'market.db'}"
    with Marketplace.open(url, currency="EUR", clock=clock, ids=CountingIds()) as market:
        market.load(folder)
        yield market
