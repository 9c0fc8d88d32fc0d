"""Loading a marketplace from a folder of CSV files: all of it, or nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar

import attrs

from mktcore.catalog import SKUS
from mktcore.clock import Clock
from mktcore.commissions import COMMISSION_RULES
from mktcore.delivery import SHIPPING_FEES
from mktcore.loading.faults import Faults
from mktcore.loading.folder import MarketFiles, read_folder
from mktcore.money import Currency
from mktcore.offers import OFFERS, StockCount, Stocking
from mktcore.parties import MERCHANTS
from mktcore.pricing import PRICE_SCHEDULES
from mktcore.taxes import TAX_RULES
from mktcore.unit_of_work import Aggregate, Committing, Kind, Pause, Repositories, Scope, Store, retry_unit

__all__ = ["LoadFolder", "LoadReport", "LoadingUnit"]

BATCH = 1_000
Progress = Callable[[int, int], None]
"""Called with how many records are stored and how many there are."""

T = TypeVar("T")
A = TypeVar("A", bound=Aggregate)


class LoadingUnit(Repositories, Stocking, Committing, Protocol):
    """What loading needs of a unit of work."""


@attrs.frozen
class LoadReport:
    """What a load changed, by kind of record; unchanged ones are in neither count."""

    added: Mapping[str, int]
    changed: Mapping[str, int]

    def __str__(self) -> str:
        kinds = [kind for kind in self.added if self.added[kind] or self.changed[kind]]
        texts = [f"{kind}: {self.added[kind]} added, {self.changed[kind]} changed" for kind in kinds]
        return "; ".join(texts) or "nothing changed"


@attrs.frozen
class LoadFolder:
    """Loads folders.

    Attributes:
        store: Where the marketplace is kept; loading is the operator's.
        clock: Tells when stock was counted.
        currency: The marketplace's currency.
        pause: Waits before a load that lost against another transaction is tried again.
    """

    store: Store[LoadingUnit]
    clock: Clock
    currency: Currency
    pause: Pause | None = None

    def load(self, folder: str | Path, *, progress: Progress | None = None) -> LoadReport:
        """Read every file of the folder, and store what it says; loading again updates what changed.

        A record that the folder no longer names stays. The `stock` of an offer is a new count of the pieces on hand.

        Args:
            folder: Where the files are; see `mktcore.loading.FILES`.
            progress: Called as records are stored.

        Raises:
            LoadRefused: Some rows or files are faulty; every one is listed, and nothing was loaded.
        """
        faults = Faults()
        files = read_folder(Path(folder), self.currency, faults)
        return retry_unit(lambda: self._store(files, faults, progress or _ignore), pause=self.pause)

    def _store(self, files: MarketFiles, faults: Faults, progress: Progress) -> LoadReport:
        with self.store.begin(Scope.operator()) as unit:
            _check_references(unit, files, faults).raise_if_any()
            writer = _Writer(unit, progress, files.count())
            for kind, values in _to_kinds(files):
                writer.write(kind, values)
            counts = [
                StockCount(offer, files.offers[offer].merchant, on_hand) for offer, on_hand in files.stock.items()
            ]
            for batch in _batches(counts):
                unit.stock.set_on_hand(batch, at=self.clock.now())
            unit.commit()
            return LoadReport(writer.added, writer.changed)


def _ignore(done: int, total: int) -> None:
    """Report to nobody."""


def _to_kinds(files: MarketFiles) -> Iterator[tuple[Kind[Aggregate], Sequence[Aggregate]]]:
    """Yield each kind with its values, in an order in which none refers to a later one."""
    yield MERCHANTS, list(files.merchants.values())  # type: ignore[misc]  # a kind's values fit its own kind
    yield TAX_RULES, list(files.tax_rules.values())  # type: ignore[misc]
    yield SKUS, list(files.skus.values())  # type: ignore[misc]
    yield PRICE_SCHEDULES, list(files.schedules.values())  # type: ignore[misc]
    yield OFFERS, list(files.offers.values())  # type: ignore[misc]
    yield SHIPPING_FEES, list(files.shipping_fees.values())  # type: ignore[misc]
    yield COMMISSION_RULES, list(files.commission_rules.values())  # type: ignore[misc]


def _check_references(unit: LoadingUnit, files: MarketFiles, faults: Faults) -> Faults:
    """Note each row that names a record which neither the folder nor the store has."""
    wanted: dict[str, set[str]] = {}
    for reference in files.references:
        wanted.setdefault(reference.kind, set()).add(reference.id)
    known = {
        "merchant": set(unit.repository(MERCHANTS).find_many(wanted.get("merchant", ()))),
        "SKU": set(unit.repository(SKUS).find_many(wanted.get("SKU", ()))),
        "tax category": {
            rule.category for rule in unit.repository(TAX_RULES).find_where("category", wanted.get("tax category", ()))
        },
    }
    all_faults = attrs.evolve(faults, problems=list(faults.problems))
    for reference in files.references:
        if reference.id not in known[reference.kind]:
            reason = f"there is no {reference.kind} {reference.id}"
            all_faults.add(reference.file, reference.line, reference.column, reason, "define it, or correct the name")
    return all_faults


@attrs.frozen
class _Writer:
    """Adds what is new and saves what changed, in batches."""

    unit: LoadingUnit
    progress: Progress
    total: int
    added: dict[str, int] = attrs.field(factory=dict)
    changed: dict[str, int] = attrs.field(factory=dict)
    done: list[int] = attrs.field(factory=lambda: [0])

    def write(self, kind: Kind[A], values: Sequence[A]) -> None:
        repository = self.unit.repository(kind)
        self.added[kind.name] = self.changed[kind.name] = 0
        for batch in _batches(values):
            known = repository.find_many([value.id for value in batch])
            new = [value for value in batch if value.id not in known]
            kept = [
                attrs.evolve(value, version=known[value.id].version)  # type: ignore[misc]  # aggregates are attrs values
                for value in batch
                if value.id in known
            ]
            differing = [value for value in kept if value != known[value.id]]
            repository.add_many(new)
            repository.save_many(differing)
            self.added[kind.name] += len(new)
            self.changed[kind.name] += len(differing)
            self.done[0] += len(batch)
            self.progress(self.done[0], self.total)


def _batches(values: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(values)
    while batch := list(islice(rest, BATCH)):
        yield batch
