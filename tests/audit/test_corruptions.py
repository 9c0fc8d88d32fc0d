"""Whatever another record tells too, an audit finds changed, deleted and doubled, on every store."""

from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from audit.corruptions import DOCUMENTS, Corruption, list_corruptions
from audit.untold import FOUND, UNTOLD
from mktcore.adapters.memory import MemoryStore
from mktcore.marketplace import Marketplace
from mktcore.testing.fakes import CountingIds, ManualClock
from persistence.opening import create_database
from stored.write_release import START, Answers, write_market

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["memory", "sqlite", "postgresql"])
def market(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marketplace]:
    file = tmp_path_factory.mktemp("corrupted") / "market.db"
    url = {"memory": "memory://", "sqlite": f"sqlite:///{file}"}.get(request.param) or create_database()
    clock = ManualClock(START)
    with Marketplace.open(url, "EUR", clock=clock, ids=CountingIds(), merchant_gateway=Answers(clock)) as market:
        market.store.subscriptions.subscribe("mail")  # type: ignore[attr-defined]  # of the stores that ship
        write_market(market, clock)
        yield market


def find_missed(market: Marketplace, corruptions: list[Corruption]) -> set[str]:
    """Return the names of those that are not found; every one is undone."""
    missed = set()
    for one in corruptions:
        # What the database refuses, nobody has to find.
        with suppress(IntegrityError), one.apply():
            if not market.verify():
                missed.add(one.name.replace("[]", ""))
    return missed


def _is_tried(market: Marketplace, corruption: Corruption) -> bool:
    """Leaves of documents are compared by one code on all stores: databases are tried with what must be found."""
    name = corruption.name.replace("[]", "")
    is_leaf = any(f" {document}." in name for document in DOCUMENTS)
    return isinstance(market.store, MemoryStore) or not is_leaf or name in FOUND


def test_a_market_that_was_only_used_has_no_findings(market: Marketplace) -> None:
    assert market.verify() == ()


def test_all_that_is_told_twice_is_found(market: Marketplace) -> None:
    corruptions = [one for one in list_corruptions(market.store) if _is_tried(market, one)]
    missed = find_missed(market, corruptions)
    assert market.verify() == ()
    assert sorted(name for name in missed if not any(fnmatchcase(name, one) for one in UNTOLD)) == []
    names = {one.name.replace("[]", "") for one in corruptions}
    assert [name for name in FOUND if name not in names or name in missed] == []


def test_what_nothing_tells_is_told_in_the_documentation() -> None:
    text = (Path(__file__).parents[2] / "docs" / "stores.md").read_text(encoding="utf-8")
    tables = {pattern.split()[0].replace("_", " ") for pattern in UNTOLD} - {"*"}
    shown = text.split("## Verifying", 1)[1].split("\n## ", 1)[0].replace("\n", " ")
    assert sorted(table for table in tables if table not in shown) == []
