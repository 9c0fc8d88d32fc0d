"""Storing what a folder says: what is new is added, what differs is saved, what is equal is left alone, all counted."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

import attrs

from mktcore.catalog.store_changes import Signature, put_many
from mktcore.loading.batches import split_batches
from mktcore.offers import Offer
from mktcore.offers.price_guards import HeldPrice, PriceHolder
from mktcore.persistence import Kind
from mktcore.persistence.kinds import Aggregate
from mktcore.pricing import ASSIGNMENTS, PRICE_SCHEDULES, Assignment, PriceSchedule
from mktcore.stock import MarketUnit, StockCount

__all__ = ["LoadReport", "NoteOutcome", "Outcome", "Progress", "RecordOutcome", "RecordWriter"]

STOCK = "stock_item"
Progress = Callable[[int, int], None]
"""Called with how many records are stored and how many there are."""

A = TypeVar("A", bound=Aggregate)


class Outcome(StrEnum):
    """What became of a record that a folder tells of, or is to tell of."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    VANISHED = "vanished"
    """An offer that was for sale, and that a feed of everything does not name."""
    HELD = "held"
    """A price that some guard does not let pass: it waits for approval, and what was before stays."""


@attrs.frozen
class RecordOutcome:
    """What became of one record.

    Attributes:
        kind: Its kind, `stock_item` for a count of stock.
        id: Its id: of a stock item, the offer's that a row names.
        outcome: What became of it.
    """

    kind: str
    id: str
    outcome: Outcome


FindTold = Callable[[str], Collection[str]]
"""Returns the fields that a row tells of a record, by its id."""
NoteOutcome = Callable[[RecordOutcome], None]
"""Called with what became of a record."""


@attrs.frozen
class LoadReport:
    """What a load changed, by kind of record, `stock_item` included; unchanged ones are in no count.

    Attributes:
        added: How many are new, by kind.
        changed: How many differ from what was stored.
        removed: How many were dropped.
        vanished: How many offers were for sale that a feed of everything does not name.
        held: How many prices wait for approval.
    """

    added: Mapping[str, int]
    changed: Mapping[str, int]
    removed: Mapping[str, int] = attrs.field(factory=dict)
    vanished: int = 0
    held: int = 0

    def __str__(self) -> str:
        texts = []
        for kind in self.added:
            added, changed, removed = self.added[kind], self.changed[kind], self.removed.get(kind, 0)
            if added or changed or removed:
                texts.append(f"{kind}: {added} added, {changed} changed" + (f", {removed} removed" if removed else ""))
        texts += [f"{self.vanished} offers vanished"] if self.vanished else []
        texts += [f"{self.held} prices held"] if self.held else []
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
        keeps_outcomes: Whether somebody asks for them: of a million records they are a hundred megabytes.
        outcomes: What became of each record, in the order of writing.
        vanished: How many offers are not sold any more.
        holder: Holds merchants' prices that guards do not let pass; None holds none.
        held: The schedules that it held.
        prices_held: How many schedules and assignments it held.
    """

    unit: MarketUnit
    signature: Signature
    progress: Progress
    total: int
    done: int = 0
    added: dict[str, int] = attrs.field(factory=dict)
    changed: dict[str, int] = attrs.field(factory=dict)
    removed: dict[str, int] = attrs.field(factory=dict)
    keeps_outcomes: bool = False
    outcomes: list[RecordOutcome] = attrs.field(factory=list)
    vanished: int = 0
    holder: PriceHolder | None = None
    held: list[HeldPrice] = attrs.field(factory=list)
    prices_held: int = 0

    def report(self) -> LoadReport:
        """Return what was done."""
        return LoadReport(self.added, self.changed, self.removed, vanished=self.vanished, held=self.prices_held)

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
            self._note_outcomes(
                kind.name, [one.id for one in batch], known=known, changed={one.id for one in differing}
            )
            self.advance(len(batch))

    def hold_schedules(self, schedules: Iterable[PriceSchedule], offers: Iterable[Offer]) -> list[PriceSchedule]:
        """Return the schedules that may be stored, and note those that guards hold."""
        given = list(schedules)
        if self.holder is None:
            return given
        held = self.holder.hold_schedules(self.unit, given, now=self.signature.at, offers=offers)
        self.held += held.values()
        self.prices_held += len(held)
        self._keep(PRICE_SCHEDULES.name, list(held), Outcome.HELD)
        self.advance(len(held))
        return [one for one in given if one.id not in held]

    def hold_assignments(self, assignments: Iterable[Assignment]) -> list[Assignment]:
        """Return the assignments that may be stored, and note those that guards hold."""
        given = list(assignments)
        holder, now = self.holder, self.signature.at
        # One after the other, and so not at all where nothing is guarded.
        if holder is None or not holder.guards_any(self.unit):
            return given
        held = {one.id for one in given if one.merchant and holder.hold_assignment(self.unit, one, now=now)}
        self.prices_held += len(held)
        self._keep(ASSIGNMENTS.name, sorted(held), Outcome.HELD)
        self.advance(len(held))
        return [one for one in given if one.id not in held]

    def write_catalogued(self, kind: Kind[A], values: Iterable[A], find_told: FindTold) -> None:
        """Write records of the catalogue, each change with its revision and event; fields not told stay as known."""
        repository = self.unit.repository(kind)
        self.note(kind.name)
        for batch in split_batches(values):
            known = repository.find_many([value.id for value in batch])
            changes: list[tuple[A | None, A]] = []
            for value in batch:
                before = known.get(value.id)
                after = value if before is None else _lay_fields(before, value, find_told(value.id))
                if after != before:
                    changes.append((before, after))
            put_many(self.unit, kind, changes, signature=self.signature)
            new = sum(before is None for before, _ in changes)
            self.note(kind.name, new, len(changes) - new)
            self._note_outcomes(
                kind.name, [one.id for one in batch], known=known, changed={after.id for _, after in changes}
            )
            self.advance(len(batch))

    def remove(self, kind: Kind[A], dropped: Sequence[A]) -> None:
        """Remove records that a folder, which tells all of them, no longer names."""
        repository = self.unit.repository(kind)
        for record in dropped:
            repository.remove(record)
        self.removed[kind.name] = len(dropped)
        self._keep(kind.name, [record.id for record in dropped], Outcome.REMOVED)

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
            self._note_outcomes(
                STOCK, [one.item for one in batch], known=known, changed={one.item for one in differing}
            )
            self.advance(len(batch))

    def empty_stock(self, counts: Sequence[StockCount]) -> None:
        """Record that nothing of these items is there, not even on allowance."""
        for batch in split_batches(counts):
            self.unit.stock.set_on_hand(batch, at=self.signature.at)
            self.note(STOCK, changed=len(batch))
            self._keep(STOCK, [one.item for one in batch], Outcome.CHANGED)

    def note_vanished(self, offers: Sequence[str]) -> None:
        """Note offers that are not sold any more."""
        self.vanished += len(offers)
        self._keep("offer", offers, Outcome.VANISHED)

    def note(self, kind: str, added: int = 0, changed: int = 0) -> None:
        """Count; a kind that was looked at is in the report, be it with zero."""
        self.added[kind] = self.added.get(kind, 0) + added
        self.changed[kind] = self.changed.get(kind, 0) + changed

    def _note_outcomes(
        self, kind: str, ids: Iterable[str], *, known: Collection[str], changed: Collection[str]
    ) -> None:
        for id_ in ids:
            was = Outcome.CHANGED if id_ in changed else Outcome.UNCHANGED
            self._keep(kind, [id_], was if id_ in known else Outcome.ADDED)

    def _keep(self, kind: str, ids: Iterable[str], outcome: Outcome) -> None:
        if self.keeps_outcomes:
            self.outcomes += [RecordOutcome(kind, id_, outcome) for id_ in ids]

    def advance(self, records: int) -> None:
        """Tell how far it is."""
        self.done += records
        self.progress(self.done, self.total)


def _lay_fields(known: A, told: A, fields: Collection[str]) -> A:
    """Return a known record with some fields as another one has them."""
    changed: A = attrs.evolve(known, **{field: getattr(told, field) for field in fields})  # type: ignore[misc]  # aggregates are attrs values
    return changed
