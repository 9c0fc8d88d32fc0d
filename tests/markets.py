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

from mktcore.marketplace import Marketplace
from mktcore.orders.effects import EFFECTS
from mktcore.orders.effects.effect import Effect
from mktcore.testing.fakes import CountingIds, ManualClock
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
    store: str, tmp_path: Path, clock: ManualClock, files: Mapping[str, str], *, currency: str = "EUR"
) -> Iterator[Marketplace]:
    """Open a market on "memory", "sqlite" or "postgresql" that has loaded these files."""
    folder = tmp_path / "files"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    with open_loaded(store, tmp_path, clock, folder, currency=currency) as market:
        yield market


@contextmanager
def open_loaded(
    store: str,
    tmp_path: Path,
    clock: ManualClock,
    folder: Path,
    *,
    currency: str = "EUR",
    effects: tuple[Effect, ...] = EFFECTS,
) -> Iterator[Marketplace]:
    """Open a market that has loaded this folder; on SQLite a copy of one that did, as loading takes most of a test."""
    ids = CountingIds()
    if store == "sqlite":
        loaded, ids = _load_once(_read_folder(folder), currency, clock.now())
        shutil.copyfile(loaded, tmp_path / "market.db")
    known = {"memory": "memory://", "sqlite": f"sqlite:///{tmp_path / 'market.db'}"}
    url = known.get(store) or create_database()
    with Marketplace.open(url, currency=currency, clock=clock, ids=copy.deepcopy(ids), effects=effects) as market:
        if store != "sqlite":
            market.load(folder)
        yield market


def _read_folder(folder: Path) -> tuple[tuple[str, bytes], ...]:
    return tuple((file.name, file.read_bytes()) for file in sorted(folder.iterdir()) if file.is_file())


@cache
def _load_once(files: tuple[tuple[str, bytes], ...], currency: str, at: datetime) -> tuple[Path, CountingIds]:
    """Return a database that has loaded these files, and the ids that it gave."""
    folder = Path(tempfile.mkdtemp(prefix="mktcore-loaded-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name, content in files:
        (folder / name).write_bytes(content)
    ids = CountingIds()
    file = folder / "market.db"
    with Marketplace.open(f"sqlite:///{file}", currency=currency, clock=ManualClock(at), ids=ids) as market:
        market.load(folder)
    return file, ids
