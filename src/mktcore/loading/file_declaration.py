"""A file of a folder, as data: its columns, what its rows become and define, how that is checked and stored."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import attrs

from mktcore.loading.csv_rows import Columns
from mktcore.loading.folder_reader import FolderReader
from mktcore.loading.folder_records import FolderContents
from mktcore.loading.load_faults import LoadFaults
from mktcore.loading.record_writer import RecordWriter
from mktcore.loading.row_fields import RowFields
from mktcore.persistence import Kind, Repositories
from mktcore.persistence.kinds import Aggregate
from mktcore.stock import MarketUnit

__all__ = ["Definition", "MarketFile", "each_row", "find_stored", "write_records"]

A = TypeVar("A", bound=Aggregate)
ReadRows = Callable[[Iterable[RowFields], FolderReader], None]
FindIds = Callable[[Repositories, set[str]], set[str]]


@attrs.frozen
class Definition:
    """What rows of other files may name: by which word, and how the store is asked which of some ids it has."""

    word: str
    find: FindIds


@attrs.frozen(kw_only=True)
class MarketFile:
    """One file that a folder may hold. Who adds a file writes one of these, and a line in `loading.files`.

    Attributes:
        name: Its name: `merchants.csv`.
        columns: The columns it must have, and may have.
        read: Reads its rows into the contents of the folder; a faulty field is noted, and its record left out.
        defines: What its rows define, for references of this or a later file.
        check: Notes what the store says against its rows; it writes nothing.
        write: Stores what its rows became.
    """

    name: str
    columns: Columns
    read: ReadRows
    defines: tuple[Definition, ...] = ()
    check: Callable[[MarketUnit, FolderContents, LoadFaults], None] | None = None
    write: Callable[[RecordWriter, FolderContents], None] | None = None


def each_row(read_row: Callable[[RowFields, FolderReader], None]) -> ReadRows:
    """Return how to read a file whose rows have nothing to do with each other."""

    def read(rows: Iterable[RowFields], reader: FolderReader) -> None:
        for fields in rows:
            read_row(fields, reader)

    return read


def find_stored(kind: Kind[A]) -> FindIds:
    """Return how to ask which records of a kind there are."""

    def find(unit: Repositories, ids: set[str]) -> set[str]:
        return set(unit.repository(kind).find_many(ids))

    return find


def write_records(kind: Kind[A]) -> Callable[[RecordWriter, FolderContents], None]:
    """Return how to store a file whose rows are whole records of one kind."""

    def write(writer: RecordWriter, contents: FolderContents) -> None:
        writer.write(kind, contents.records(kind).values())

    return write
