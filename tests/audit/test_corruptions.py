"""Whatever another record tells too, an audit finds changed, deleted and doubled, on every store."""

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest

from audit.corrupted_market import open_corrupted
from audit.corruptions import Corruption, find_missed, is_tried, list_corruptions
from audit.untold import FOUND, STORES, UNTOLD_FILE, list_untold
from mktcore.adapters.memory import MemoryStore
from mktcore.marketplace import Marketplace
from persistence.opening import create_database

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=STORES)
def store(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def market(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marketplace]:
    file = tmp_path_factory.mktemp("corrupted") / "market.db"
    url = {"memory": "memory://", "sqlite": f"sqlite:///{file}"}.get(store) or create_database()
    with open_corrupted(url) as market:
        yield market


def _is_tried(market: Marketplace, corruption: Corruption) -> bool:
    """So that nobody waits long, a usual run makes what must be found whatever else is not, and a part of the rest.

    Which part, the names tell, so that it stays the same: a fourth in memory, an eighth in a database, which is slower.
    """
    part = 4 if isinstance(market.store, MemoryStore) else 8
    is_drawn = crc32(corruption.name.encode()) % part == 0
    return corruption.name in FOUND or (is_drawn and is_tried(market.store, corruption))


def test_a_market_that_was_only_used_has_no_findings(market: Marketplace) -> None:
    assert market.verify() == ()


def test_all_that_is_told_twice_is_found(market: Marketplace, store: str) -> None:
    """All changes are tried by `tests/long/corruptions.py`."""
    untold = list_untold(store)
    tried = [one for one in list_corruptions(market.store) if one.name not in untold and _is_tried(market, one)]
    assert find_missed(market, tried) == set()
    assert market.verify() == ()
    assert sorted(set(FOUND) - {one.name for one in tried}) == []


def test_what_nothing_tells_is_told_in_the_documentation() -> None:
    lines = UNTOLD_FILE.read_text(encoding="utf-8").splitlines()
    tables = {line.split()[0].replace("_", " ") for line in lines}
    text = (Path(__file__).parents[2] / "docs" / "stores.md").read_text(encoding="utf-8")
    shown = text.split("## Verifying", 1)[1].split("\n## ", 1)[0].replace("\n", " ")
    assert sorted(table for table in tables if table not in shown) == []
