"""The marketplaces that tests run on: which files they hold, on which store, at which instant."""

import atexit
import copy
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Self

import attrs
from sqlalchemy import make_url

from mktcore.adapters.memory import MemoryStore
from mktcore.marketplace import Marketplace
from mktcore.marketplace.open_store import IN_MEMORY, open_store
from mktcore.marketplace.settings import Settings
from mktcore.orders import OrderProcesses
from mktcore.persistence import Store
from mktcore.stock import MarketUnit
from mktcore.testing.fakes import CountingIds, ManualClock
from persistence.memory_copies import copy_store
from persistence.opening import create_database

EXAMPLE = Path(__file__).parents[1] / "examples" / "market"
"""The small marketplace that ships as an example."""
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
TWO_MERCHANTS = {"merchants.csv": "merchant,name\nacme,Acme\nbolt,Bolt\n"}
"""Two merchants, and no catalogue."""
LAMPS = TWO_MERCHANTS | {
    "skus.csv": "sku,name,tax_category\nlamp,Lamp,\nvase,Vase,\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock\n"
        "acme-lamp,acme,lamp,30.00,9\nbolt-lamp,bolt,lamp,25.00,9\nacme-vase,acme,vase,12.00,9\n"
    ),
}
"""Two merchants that both sell a lamp."""


@contextmanager
def open_market(
    store: str,
    tmp_path: Path,
    clock: ManualClock,
    files: Mapping[str, str],
    *,
    currency: str = "EUR",
    processes: OrderProcesses | None = None,
) -> Iterator[Marketplace]:
    """Open a market on "memory", "sqlite" or "postgresql" that has loaded these files."""
    folder = tmp_path / "files"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    settings = Settings() if processes is None else Settings(processes=processes)
    with open_loaded(store, tmp_path, clock, folder, currency=currency, settings=settings) as market:
        yield market


@contextmanager
def open_loaded(
    store: str,
    tmp_path: Path,
    clock: ManualClock,
    folder: Path,
    *,
    currency: str = "EUR",
    settings: Settings | None = None,
) -> Iterator[Marketplace]:
    """Open a market that holds this folder: a copy of one that loaded it, as loading takes most of a test.

    Of the settings, whether prices include their tax is the only one that matters to the loading.
    """
    terms = _Terms.of(currency, settings)
    loaded = _load_once(store, _read_folder(folder), terms, clock.now())
    opened = copy_store(loaded.kept) if loaded.kept else open_store(loaded.copy(tmp_path / "market.db"), ())
    with loaded.compose(opened, terms, clock, settings=settings) as market:
        yield market


def open_in_memory(clock: ManualClock, *, settings: Settings | None = None) -> Marketplace:
    """Open a market in memory that holds the example."""
    terms = _Terms.of("EUR", settings)
    loaded = _load_once("memory", _read_folder(EXAMPLE), terms, clock.now())
    assert loaded.kept
    return loaded.compose(copy_store(loaded.kept), terms, clock, settings=settings)


def copy_loaded(store: str, file: Path) -> str:
    """Copy a database on "sqlite", to this file, or on "postgresql" that has loaded the example; return its URL."""
    return _load_once(store, _read_folder(EXAMPLE), _Terms("EUR"), NOON).copy(file)


@attrs.frozen
class _Terms:
    """How the prices of a market are stated."""

    currency: str
    is_gross: bool = attrs.field(default=True, kw_only=True)

    @classmethod
    def of(cls, currency: str, settings: Settings | None) -> Self:
        return cls(currency, is_gross=(settings or Settings()).get("prices_include_tax", True))


@attrs.frozen(eq=False)
class _Loaded:
    """What was loaded once.

    Attributes:
        url: Where it is; nobody is connected to it any more.
        ids: Has given the ids of the loading.
        kept: The store, where it is in memory.
    """

    url: str
    ids: CountingIds
    kept: MemoryStore | None

    def copy(self, file: Path) -> str:
        """Copy the database, one on SQLite to this file, and return the copy's URL."""
        if self.url.startswith("postgresql"):
            return create_database(template=make_url(self.url).database)
        shutil.copyfile(self.url.removeprefix("sqlite:///"), file)
        return f"sqlite:///{file}"

    def compose(
        self, store: Store[MarketUnit], terms: _Terms, clock: ManualClock, *, settings: Settings | None
    ) -> Marketplace:
        """Return a market on a copy, whose ids go on as they would have in this one."""
        composed = Settings(**{**(settings or {}), "clock": clock, "ids": copy.deepcopy(self.ids)})
        return Marketplace(store, terms.currency, **composed)


def _read_folder(folder: Path) -> tuple[tuple[str, bytes], ...]:
    return tuple((file.name, file.read_bytes()) for file in sorted(folder.iterdir()) if file.is_file())


@cache
def _load_once(store: str, files: tuple[tuple[str, bytes], ...], terms: _Terms, at: datetime) -> _Loaded:
    """Load these files into a store of their own, that nobody else writes to."""
    folder = Path(tempfile.mkdtemp(prefix="mktcore-loaded-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name, content in files:
        (folder / name).write_bytes(content)
    known = {"memory": IN_MEMORY, "sqlite": f"sqlite:///{folder / 'market.db'}"}
    url, ids = known.get(store) or create_database(), CountingIds()
    with Marketplace.open(
        url, terms.currency, clock=ManualClock(at), ids=ids, prices_include_tax=terms.is_gross
    ) as market:
        market.load(folder)
    kept = market.store if isinstance(market.store, MemoryStore) else None
    return _Loaded(url, ids, kept)
