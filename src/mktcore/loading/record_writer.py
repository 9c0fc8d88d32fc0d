"""Storing what a folder says: what is new is added, what differs is saved, what is equal is left alone, all counted."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeVar

import attrs

from mktcore.catalog.store_changes import Signature, put_many
from mktcore.loading.batches import split_batches
from mktcore.persistence import Kind
from mktcore.persistence.kinds import Aggregate
from mktcore.stock import MarketUnit, StockCount

__all__ = ["LoadReport", "Progress", "RecordWriter"]

STOCK = "stock_item"
Progress = Callable[[int, int], None]
"""Called with how many records are stored and how many there are."""

A = TypeVar("A", bound=Aggregate)


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


@attrs.define(kw_only=True)
class RecordWriter:
    """Adds what is new and saves what changed, in batches, and keeps count.

    Attributes:
        unit: Where it is stored; the caller commits.
        signature: Who loads, when and why: in the history of what is catalogued, and the time of counts of stock.
        progress: Told of every batch.
        total: How many records there are to store.
        done: How many were looked at so far.
        added: How many are new, by kind.
        changed: How many differ from what was stored.
        removed: How many were dropped.
    """

    unit: MarketUnit
    signature: Signature
    progress: Progress
    total: int
    done: int = 0
    added: dict[str, int] = attrs.field(factory=dict)
    changed: dict[str, int] = attrs.field(factory=dict)
    removed: dict[str, int] = attrs.field(factory=dict)

    def report(self) -> LoadReport:
        """Return what was done."""
        return LoadReport(self.added, self.changed, self.removed)

    def write(self, kind: Kind[A], values: Iterable[A]) -> None:
        """Write whole records: a stored one becomes what its row says."""
        repository = self.unit.repository(kind)
        self.note(kind.name)
        # No file tells the host's own data of a record, so that it stays.
        kept_fields = [name for name in ("version", "extra") if name in attrs.fields_dict(kind.type)]  # type: ignore[arg-type]  # aggregates are attrs values
        for batch in split_batches(values):
            known = repository.find_many([value.id for value in batch])
            new = [value for value in batch if value.id not in known]
            # A row tells no version: with the stored one, a record that the row only repeats is equal, and not saved.
            kept = [_lay_fields(value, known[value.id], kept_fields) for value in batch if value.id in known]
            differing = [value for value in kept if value != known[value.id]]
            repository.add_many(new)
            repository.save_many(differing)
            self.note(kind.name, len(new), len(differing))
            self.advance(len(batch))

    def write_catalogued(self, kind: Kind[A], values: Iterable[A], told: Collection[str]) -> None:
        """Write records of the catalogue, each change with its revision and event; fields not told stay as known."""
        repository = self.unit.repository(kind)
        self.note(kind.name)
        for batch in split_batches(values):
            known = repository.find_many([value.id for value in batch])
            changes: list[tuple[A | None, A]] = []
            for value in batch:
                before = known.get(value.id)
                after = value if before is None else _lay_fields(before, value, told)
                if after != before:
                    changes.append((before, after))
            put_many(self.unit, kind, changes, signature=self.signature)
            new = sum(before is None for before, _ in changes)
            self.note(kind.name, new, len(changes) - new)
            self.advance(len(batch))

    def remove(self, kind: Kind[A], dropped: Sequence[A]) -> None:
        """Remove records that a folder, which tells all of them, no longer names."""
        repository = self.unit.repository(kind)
        for record in dropped:
            repository.remove(record)
        self.removed[kind.name] = len(dropped)

    def count_stock(self, counts: Sequence[StockCount]) -> None:
        """Record counts of pieces; the back-order allowance stays, as no file tells one."""
        self.note(STOCK)
        for batch in split_batches(counts):
            known = self.unit.stock.find_levels([count.item for count in batch])
            differing = [count for count in batch if count.item in known and known[count.item].on_hand != count.on_hand]
            # Equal counts are recorded too: that it was counted again at this time is news to who reads the stock.
            self.unit.stock.set_on_hand(
                [
                    attrs.evolve(count, backorder=known[count.item].backorder) if count.item in known else count
                    for count in batch
                ],
                at=self.signature.at,
            )
            self.note(STOCK, len(batch) - len(known), len(differing))
            self.advance(len(batch))

    def note(self, kind: str, added: int = 0, changed: int = 0) -> None:
        """Count; a kind that was looked at is in the report, be it with zero."""
        self.added[kind] = self.added.get(kind, 0) + added
        self.changed[kind] = self.changed.get(kind, 0) + changed

    def advance(self, records: int) -> None:
        """Tell how far it is."""
        self.done += records
        self.progress(self.done, self.total)


def _lay_fields(known: A, told: A, fields: Collection[str]) -> A:
    """Return a known record with some fields as another one has them."""
    changed: A = attrs.evolve(known, **{field: getattr(told, field) for field in fields})  # type: ignore[misc]  # aggregates are attrs values
    return changed
