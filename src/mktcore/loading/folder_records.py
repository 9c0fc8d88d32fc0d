"""What a folder says: the records it defines, what it says of offers, and what it takes for granted of the store."""

from array import array
from collections.abc import MutableSequence
from typing import Any, TypeVar

import attrs

from mktcore.money import Money
from mktcore.periods import Period
from mktcore.persistence import Kind
from mktcore.persistence.kinds import Aggregate
from mktcore.pricing import PriceSchedule

__all__ = ["FolderContents", "OfferSale", "Ownership", "RecordOwner", "References"]

A = TypeVar("A", bound=Aggregate)


@attrs.frozen
class OfferSale:
    """What `offers.csv` says of the sale of an offer: its price, None for no sale, and when it is."""

    price: Money | None
    window: Period


@attrs.frozen
class References:
    """The rows of one column that name records which no file of the folder defines; the store must have them.

    Ids and lines stand side by side: a feed of a million offers of known SKUs is a million references.
    """

    kind: str
    file: str
    column: str
    ids: list[str] = attrs.field(factory=list)
    lines: MutableSequence[int] = attrs.field(factory=lambda: array("L"))

    def add(self, id: str, line: int) -> None:  # noqa: A002 - the word of the field
        """Note one row."""
        self.ids.append(id)
        self.lines.append(line)


@attrs.frozen
class Ownership:
    """A row of `offers.csv` says whose offer it is; the store must not say otherwise."""

    offer: str
    merchant: str
    line: int


@attrs.frozen(kw_only=True)
class RecordOwner:
    """A row says whose record it is (None for the operator's); the store must not say otherwise.

    Attributes:
        kind: Where the record is kept.
        word: What messages call it.
        id: Its id.
        owner: Whose the row says it is.
        file: The row's file.
        line: The row's line.
    """

    kind: Kind[Any]
    word: str
    id: str
    owner: str | None
    file: str
    line: int


@attrs.frozen(kw_only=True)
class FolderContents:
    """What a folder says; its parts about offers are by offer.

    Attributes:
        names: The files that are there.
        columns: The columns of the first row of each file whose rows tell only part of a record; ask `list_told`.
        told: Of its other rows, those columns that tell something, by file and id, where they are others.
        records_by_kind: What rows define, by kind and id; ask `records`.
        prices: Price of one piece, of each row of `offers.csv`.
        breaks: Prices from 2 pieces on, by quantity, of each offer that `price_breaks.csv` names.
        sales: Of each row of `offers.csv`, when it has a column for sale prices.
        break_sales: Sale prices from 2 pieces on, when `price_breaks.csv` has a column for them.
        stated: Whether prices contain their tax, of each row of `offers.csv`, when it has a column for that; None for
            as the marketplace states its prices.
        inheriting: The offers that have no price of their own.
        stock: Pieces on hand, of each row of `offers.csv`.
        offer_schedules: The offers' own schedules, by id, once `price_offers` made them; not among the records.
        references: What the store must have, by file and column.
        ownerships: What must not be another merchant's in the store.
        owners: The same of records that the operator may own too.
    """

    names: set[str] = attrs.field(factory=set)
    columns: dict[str, frozenset[str]] = attrs.field(factory=dict)
    told: dict[tuple[str, str], frozenset[str]] = attrs.field(factory=dict)
    records_by_kind: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    prices: dict[str, Money] = attrs.field(factory=dict)
    breaks: dict[str, dict[int, Money]] = attrs.field(factory=dict)
    sales: dict[str, OfferSale] = attrs.field(factory=dict)
    break_sales: dict[str, dict[int, Money]] = attrs.field(factory=dict)
    stated: dict[str, bool | None] = attrs.field(factory=dict)
    inheriting: set[str] = attrs.field(factory=set)
    stock: dict[str, int] = attrs.field(factory=dict)
    offer_schedules: dict[str, PriceSchedule] = attrs.field(factory=dict)
    references: dict[tuple[str, str], References] = attrs.field(factory=dict)
    ownerships: list[Ownership] = attrs.field(factory=list)
    owners: list[RecordOwner] = attrs.field(factory=list)

    def records(self, kind: Kind[A]) -> dict[str, A]:
        """Return the records of a kind that rows define, by id."""
        return self.records_by_kind.setdefault(kind.name, {})

    def keep(self, kind: Kind[A], record: A | None) -> None:
        """Keep what a row defines; nothing, when the row was faulty."""
        if record is not None:
            self.records(kind)[record.id] = record

    def note_told(self, file: str, id: str, columns: frozenset[str]) -> None:  # noqa: A002 - the word of the field
        """Note which columns of a row tell something of a record."""
        # One entry for a file whose rows all tell the same: a feed of a million rows is a million of them.
        if self.columns.setdefault(file, columns) != columns:
            self.told[file, id] = columns

    def list_told(self, file: str, id: str) -> frozenset[str]:  # noqa: A002 - the word of the field
        """Return the columns that tell something of a record: what others would tell stays as it is stored."""
        return self.told.get((file, id), self.columns.get(file, frozenset()))

    def refer(self, kind: str, id: str, *, file: str, column: str, line: int) -> None:  # noqa: A002 - the word of the field
        """Note that a line names, in this column, a record that no file of the folder defines."""
        references = self.references.get((file, column))
        if references is None:
            references = self.references[file, column] = References(kind, file, column)
        references.add(id, line)

    def count(self) -> int:
        """Return how many records and counts of stock there are to store."""
        records = sum(len(records) for records in self.records_by_kind.values())
        return records + len(self.offer_schedules) + len(self.stock)
