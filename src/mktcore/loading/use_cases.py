"""Loading a marketplace from a folder of CSV files: all of it, or nothing."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import attrs

from mktcore.catalog import CATEGORIES, PRODUCTS, SKUS
from mktcore.catalog.store_changes import Signature, find_guard, put_many, save_guard
from mktcore.clock import Clock
from mktcore.commissions import COMMISSION_RULES
from mktcore.delivery import SHIPPING_FEES
from mktcore.loading.folder_prices import check_owners, price_offers
from mktcore.loading.load_faults import LoadFaults
from mktcore.loading.market_files import MarketFiles
from mktcore.loading.read_folder import read_folder
from mktcore.loading.stored_references import (
    check_ownerships,
    check_products,
    check_references,
    check_tree,
    split_batches,
)
from mktcore.money import Currency
from mktcore.offers import OFFERS
from mktcore.parties import MERCHANTS
from mktcore.persistence import (
    Committing,
    Kind,
    Outbox,
    Pause,
    Repositories,
    Retryable,
    Scope,
    Store,
    UniqueViolation,
    retry_unit,
)
from mktcore.persistence.kinds import Aggregate
from mktcore.pricing import ASSIGNMENTS, PRICE_SCHEDULES
from mktcore.promotions import PROMOTIONS
from mktcore.stock import StockCount, StockUnit
from mktcore.taxes import TAX_RULES, TaxRule

__all__ = ["LoadFolder", "LoadReport", "LoadingUnit"]

STOCK = "stock_item"
Progress = Callable[[int, int], None]
"""Called with how many records are stored and how many there are."""

A = TypeVar("A", bound=Aggregate)


class LoadingUnit(Repositories, StockUnit, Outbox, Committing, Protocol):
    """What loading needs of a unit of work."""


@attrs.frozen
class LoadReport:
    """What a load changed, by kind of record, `stock_item` included; unchanged ones are in no count."""

    added: Mapping[str, int]
    changed: Mapping[str, int]
    removed: Mapping[str, int] = attrs.field(factory=dict)

    def __str__(self) -> str:
        texts = []
        for kind in self.added:
            added, changed, removed = self.added[kind], self.changed[kind], self.removed.get(kind, 0)
            if added or changed or removed:
                texts.append(f"{kind}: {added} added, {changed} changed" + (f", {removed} removed" if removed else ""))
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

        A record that the folder no longer names stays, but for the taxes of a category and the price breaks of an
        offer: where the folder tells these, it tells all of them. The `stock` of an offer is a new count of the pieces
        on hand.

        Args:
            folder: Where the files are; see `mktcore.loading.FILES`.
            progress: Called as records are stored; it begins anew when the load lost against another transaction.

        Raises:
            LoadRefused: Some rows or files are faulty; every one is listed, and nothing was loaded.
            Retryable: It lost against other transactions again and again; nothing was loaded.
        """
        faults = LoadFaults()
        files = read_folder(Path(folder), self.currency, faults)
        return retry_unit(lambda: self._store(files, faults.copy(), progress or _ignore), pause=self.pause)

    def _store(self, files: MarketFiles, faults: LoadFaults, progress: Progress) -> LoadReport:
        try:
            with self.store.begin(Scope.operator()) as unit:
                check_references(unit, files.references.values(), faults)
                check_ownerships(unit, files.ownerships, faults)
                guard = find_guard(unit)
                check_tree(unit, files.categories, faults)
                check_products(unit, files.skus.values(), faults)
                faults.raise_if_any()
                report = self._write(unit, files, faults, progress)
                if files.categories:
                    save_guard(unit, guard)
                unit.commit()
                return report
        except UniqueViolation as error:
            # What a folder names once and the store did not have: another load added it since it was looked for.
            raise Retryable(error.describe()) from error

    def _write(self, unit: LoadingUnit, files: MarketFiles, faults: LoadFaults, progress: Progress) -> LoadReport:
        priced = price_offers(unit, files, self.currency, faults)
        check_owners(unit, files.owners, faults)
        faults.raise_if_any()
        total = files.count() + len(priced.offers) + len(priced.schedules) + len(files.offers)
        writer = _Writer(unit, progress, total)
        # In an order in which none refers to a later one.
        writer.write(MERCHANTS, files.merchants.values())
        writer.write_taxes(files.tax_rules)
        signature = Signature(Scope.operator(), self.clock.now(), "loaded from a folder")
        writer.write_noted(CATEGORIES, files.categories.values(), _CATEGORY, signature)
        writer.write_noted(PRODUCTS, files.products.values(), files.find_told("products.csv"), signature)
        writer.write_noted(SKUS, files.skus.values(), files.find_told("skus.csv"), signature)
        writer.write(PRICE_SCHEDULES, [*priced.schedules.values(), *files.schedules.values()])
        writer.write(OFFERS, priced.offers.values())
        writer.write(ASSIGNMENTS, files.assignments.values())
        writer.write(PROMOTIONS, files.promotions.values())
        writer.write(SHIPPING_FEES, files.shipping_fees.values())
        writer.write(COMMISSION_RULES, files.commission_rules.values())
        counts = [StockCount(offer.id, offer.merchant, files.stock[offer.id]) for offer in files.offers.values()]
        writer.count_stock(counts, self.clock)
        return LoadReport(writer.added, writer.changed, writer.removed)


_CATEGORY = ("name", "parent")


def lay_fields(known: A, told: A, fields: Collection[str]) -> A:
    """Return a known record with some fields as another one has them."""
    changed: A = attrs.evolve(known, **{field: getattr(told, field) for field in fields})  # type: ignore[misc]  # aggregates are attrs values
    return changed


def _ignore(done: int, total: int) -> None:
    """Report to nobody."""


@attrs.define
class _Writer:
    """Adds what is new and saves what changed, in batches, and keeps count."""

    unit: LoadingUnit
    progress: Progress
    total: int
    done: int = 0
    added: dict[str, int] = attrs.field(factory=dict)
    changed: dict[str, int] = attrs.field(factory=dict)
    removed: dict[str, int] = attrs.field(factory=dict)

    def write(self, kind: Kind[A], values: Iterable[A]) -> None:
        repository = self.unit.repository(kind)
        # No file tells the host's own data of a record, so that it stays.
        kept_fields = [name for name in ("version", "extra") if name in attrs.fields_dict(kind.type)]  # type: ignore[arg-type]  # as in lay_fields
        self.note(kind.name)
        for batch in split_batches(values):
            known = repository.find_many([value.id for value in batch])
            new = [value for value in batch if value.id not in known]
            kept = [lay_fields(value, known[value.id], kept_fields) for value in batch if value.id in known]
            differing = [value for value in kept if value != known[value.id]]
            repository.add_many(new)
            repository.save_many(differing)
            self.note(kind.name, len(new), len(differing))
            self.advance(len(batch))

    def write_noted(self, kind: Kind[A], values: Iterable[A], told: Collection[str], signature: Signature) -> None:
        """Write records of the catalogue, each change with its revision and event; fields not told stay as known."""
        repository = self.unit.repository(kind)
        self.note(kind.name)
        for batch in split_batches(values):
            known = repository.find_many([value.id for value in batch])
            changes: list[tuple[A | None, A]] = []
            for value in batch:
                before = known.get(value.id)
                after = value if before is None else lay_fields(before, value, told)
                if after != before:
                    changes.append((before, after))
            put_many(self.unit, kind, changes, signature=signature)
            new = sum(before is None for before, _ in changes)
            self.note(kind.name, new, len(changes) - new)
            self.advance(len(batch))

    def write_taxes(self, rules: Mapping[str, TaxRule]) -> None:
        """Write the rules, and remove the others of their categories: a renamed tax is not a second one."""
        self.write(TAX_RULES, rules.values())
        repository = self.unit.repository(TAX_RULES)
        stored = repository.find_where("category", {rule.category for rule in rules.values()})
        dropped = [rule for rule in stored if rule.id not in rules]
        for rule in dropped:
            repository.remove(rule)
        self.removed[TAX_RULES.name] = len(dropped)

    def count_stock(self, counts: Sequence[StockCount], clock: Clock) -> None:
        """Record counts of pieces; the back-order allowance stays, as no file tells one."""
        self.note(STOCK)
        for batch in split_batches(counts):
            known = self.unit.stock.find_levels([count.item for count in batch])
            differing = [count for count in batch if count.item in known and known[count.item].on_hand != count.on_hand]
            self.unit.stock.set_on_hand(
                [
                    attrs.evolve(count, backorder=known[count.item].backorder) if count.item in known else count
                    for count in batch
                ],
                at=clock.now(),
            )
            self.note(STOCK, len(batch) - len(known), len(differing))
            self.advance(len(batch))

    def note(self, kind: str, added: int = 0, changed: int = 0) -> None:
        self.added[kind] = self.added.get(kind, 0) + added
        self.changed[kind] = self.changed.get(kind, 0) + changed

    def advance(self, records: int) -> None:
        self.done += records
        self.progress(self.done, self.total)
